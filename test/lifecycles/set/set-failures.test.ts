import { randomUUID } from "node:crypto";
import test from "ava";
import { type FailedResult, reasonsOf, trimToMessageLimit } from "../../../provider/lifecycles/set/set-failures.ts";
import { DefenderError, type DefenderErrorCode } from "../../../provider/model/errors.ts";

const failed = (code: DefenderErrorCode): FailedResult => {
    const machineActionId = randomUUID();
    const failure = new DefenderError(code, `machine action ${machineActionId} failed`, { machineActionId });
    return { machineActionId, action: undefined, record: {}, failure };
};

test("the first twenty that failed are named, the others counted by their code", (t) => {
    const late = Array.from({ length: 25 }, () => failed("ERR_DEFENDER_TOO_LATE"));
    const missing = Array.from({ length: 3 }, () => failed("ERR_DEFENDER_NOT_FOUND"));
    const reasons = reasonsOf([...late, ...missing], 1_000);
    t.is(reasons.length, 23);
    t.is(reasons[0], "28 of 1000 cancellations failed; every record is saved");
    t.true(reasons[1]?.includes(late[0]?.machineActionId ?? "-"));
    t.true(reasons[20]?.includes(late[19]?.machineActionId ?? "-"));
    t.deepEqual(reasons.slice(21), ["and 5 more with ERR_DEFENDER_TOO_LATE", "and 3 more with ERR_DEFENDER_NOT_FOUND"]);
});

function propertiesOf(count: number, comment: string) {
    const results = Array.from({ length: count }, () => [
        randomUUID(),
        {
            status: "Cancelled",
            outcome: "cancelled",
            effect: "prevented",
            computerDnsName: "ws-0417.contoso.example",
            requestor: "soar@contoso.example",
            requestorComment: comment,
            postCorrelationId: randomUUID(),
            requestedAtUtc: "2026-05-05T07:00:00Z",
            confirmedAtUtc: "2026-05-05T07:00:02Z",
            run: 0,
        },
    ]);
    return { comment: "INC-4711", results: Object.fromEntries(results) as Record<string, Record<string, unknown>> };
}

test("what fits goes as it is", (t) => {
    const properties = propertiesOf(5_000, "playbook 12");
    t.is(trimToMessageLimit(properties), properties);
});

test("what stands for something expected does not go: nothing else says what that was", (t) => {
    const { results, ...rest } = propertiesOf(1_000, "x".repeat(9_000));
    const [id = "", first] = Object.entries(results)[0] ?? [];
    const fitted = trimToMessageLimit({ ...rest, results: { ...results, [id]: { ...first, expect: "kc" } } });
    const kept = fitted.results as Record<string, Record<string, unknown>>;
    t.deepEqual(kept[id], { ...first, expect: "kc" });
    t.is(Object.values(kept).filter((result) => "requestorComment" in result).length, 1);
});

test("beyond 8 MB descriptive fields go first, and no more of them than that takes", (t) => {
    const long = trimToMessageLimit(propertiesOf(5_000, "x".repeat(2_000)));
    t.true(JSON.stringify(long).length <= 8_000_000);
    for (const result of Object.values(long.results as Record<string, Record<string, unknown>>)) {
        t.deepEqual(Object.keys(result), [
            "status",
            "outcome",
            "effect",
            "computerDnsName",
            "requestor",
            "postCorrelationId",
            "requestedAtUtc",
            "confirmedAtUtc",
            "run",
        ]);
    }
});
