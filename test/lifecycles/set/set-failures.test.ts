import { randomUUID } from "node:crypto";
import test from "ava";
import { GuardRefusal } from "../../../provider/guard/guard-errors.ts";
import {
    type FailedResult,
    failedSummary,
    listingOf,
    reasonsOf,
    trimToMessageLimit,
} from "../../../provider/lifecycles/set/set-failures.ts";
import { DefenderError, type DefenderErrorCode } from "../../../provider/model/errors.ts";

const failed = (code: DefenderErrorCode): FailedResult => {
    const machineActionId = randomUUID();
    const failure = new DefenderError(code, `machine action ${machineActionId} failed`, { machineActionId });
    return { machineActionId, action: undefined, record: {}, failure };
};

const words = { total: 1_000, what: failedSummary(972), nameOf: () => undefined };

test("each cause is one line, with its number, its first ten actions, its code and the next step", (t) => {
    const late = Array.from({ length: 25 }, () => failed("ERR_DEFENDER_TOO_LATE"));
    const missing = Array.from({ length: 2 }, () => failed("ERR_DEFENDER_NOT_FOUND"));
    const refused = failed("ERR_DEFENDER_REFUSED");
    const reasons = reasonsOf([refused, ...missing, ...late], words);
    const ids = (some: readonly FailedResult[]) => some.map(({ machineActionId }) => machineActionId).join(", ");
    t.deepEqual(reasons, [
        "28 of 1000 cancellations failed; 972 completed, and saved",
        `25 (${ids(late.slice(0, 10))}, and 15 more): ERR_DEFENDER_TOO_LATE: machine action {id} failed`,
        `2 (${ids(missing)}): ERR_DEFENDER_NOT_FOUND: machine action {id} failed`,
        `ERR_DEFENDER_REFUSED: machine action ${refused.machineActionId} failed`,
    ]);
    const named = reasonsOf(missing, { ...words, nameOf: () => "ws-0417" });
    t.is(named[1], "2 (ws-0417, ws-0417): ERR_DEFENDER_NOT_FOUND: machine action {id} failed");
});

test("interrupted entries are counted by what is known of their cancel requests", (t) => {
    const interrupted = (record: FailedResult["record"]) => ({ ...failed("ERR_DEFENDER_INTERRUPTED"), record });
    const evidence = { posts: 1, commentSent: "INC-4711" };
    const all = [
        interrupted({}),
        interrupted({ request: "outstanding", evidence: { ...evidence, postStatus: 200 } }),
        interrupted({ request: "outstanding", evidence: { ...evidence, postStatus: undefined } }),
        interrupted({}),
    ];
    t.regex(
        reasonsOf(all, words)[0] ?? "",
        /: ERR_DEFENDER_INTERRUPTED: 1 requested and not proven yet, 1 without a valid answer to the cancel request, 2 not requested\. Run/,
    );
});

test("an interruption at a re-issue says what was requested for the re-issue, not for the proven action", (t) => {
    const proven = { request: "proven", confirmedAtUtc: "2026-05-02T07:00:00.000Z" } as const;
    const failure = new DefenderError("ERR_DEFENDER_INTERRUPTED", "the cancellation of the re-issue was requested");
    const [summary, line, own, ...others] = reasonsOf(
        [{ ...failed("ERR_DEFENDER_INTERRUPTED"), record: proven, failure }, failed("ERR_DEFENDER_INTERRUPTED")],
        words,
    );
    t.is(summary, "2 of 1000 cancellations failed; 972 completed, and saved");
    t.is(line, "ERR_DEFENDER_INTERRUPTED: the cancellation of the re-issue was requested");
    t.is(own, "ERR_DEFENDER_INTERRUPTED: 1 not requested. Run `pulumi up` again: it goes on from here");
    t.deepEqual(others, []);
});

test("a message that does not name each action ends with the command that does", (t) => {
    const late = Array.from({ length: 11 }, () => failed("ERR_DEFENDER_TOO_LATE"));
    const listing = listingOf("incident/prod/playbook");
    t.is(listing, "defender-cancellation report --stack prod --all");
    t.is(reasonsOf(late, { ...words, listing }).at(-1), `\`${listing}\` lists all of them`);
    t.is(reasonsOf(late.slice(1), { ...words, listing }).length, 2, "ten are named");
    t.is(reasonsOf(late, words).length, 2, "nothing is stored that a command could list");
    for (const hostile of ["a/; rm -rf ~/n", "a/$(id)/n", "a/\u001b[31m/n", "", undefined]) {
        t.is(listingOf(hostile), "defender-cancellation report --stack NAME --all");
    }
});

test("a cause of the whole set is said once, and nothing is called saved", (t) => {
    const all = Array.from({ length: 60 }, () => failed("ERR_DEFENDER_NO_CREDENTIAL"));
    t.deepEqual(reasonsOf(all, { total: 60, what: failedSummary(0), nameOf: () => undefined }), [
        "60 of 60 cancellations failed; none was completed: ERR_DEFENDER_NO_CREDENTIAL: machine action {id} failed",
    ]);
});

test("at most twenty causes are explained, the others are counted by their code", (t) => {
    const different = Array.from({ length: 23 }, (_, nth) => {
        const one = failed("ERR_DEFENDER_DENIED");
        return { ...one, failure: new DefenderError("ERR_DEFENDER_DENIED", `rule ${nth}`) };
    });
    const reasons = reasonsOf(different, words);
    t.is(reasons.length, 22);
    t.is(reasons.at(-1), "and 3 more with ERR_DEFENDER_DENIED");
});

test("a line about several actions has the id of one exchange, for a support case", (t) => {
    const down = [undefined, "first-id\u001b[31m", "second-id"].map((trackingId) => ({
        ...failed("ERR_DEFENDER_SERVER"),
        failure: new DefenderError("ERR_DEFENDER_SERVER", "the API failed", { trackingId }),
    }));
    const [, line = ""] = reasonsOf(down, { ...words, nameOf: () => "ws-1" });
    t.regex(line, /^3 \(ws-1, ws-1, ws-1\): ERR_DEFENDER_SERVER: the API failed \(first tracking id: first-id\S*\)$/);
    t.false(line.includes("\u001b"));
});

test("the approval of several refusals adds to the value that is set, because the other actions may need theirs", (t) => {
    const digest = "0".repeat(64);
    const refusals = ["1".repeat(16), "2".repeat(16)].map((pair) => ({
        ...failed("ERR_DEFENDER_DENIED"),
        failure: new GuardRefusal("protected", {}, { digest, pairs: [pair] }),
    }));
    t.is(
        reasonsOf(refusals, words).at(-1),
        `if this is intended, have this declaration approved: DEFENDER_APPROVED_DIGEST=${digest}:${"1".repeat(16)}+` +
            `${"2".repeat(16)} (this value has only the actions refused above: append it, after a blank, to a value ` +
            "that is set; the preview prints the complete value)",
    );
});

test("a run that completed nothing says so of this run where the state has older proofs", (t) => {
    t.is(failedSummary(0, true), "cancellations failed; none was completed in this run");
    t.is(failedSummary(2, true), "cancellations failed; 2 completed, and saved");
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
