import test from "ava";
import { takenRequests } from "../../cli/state/apply-requests.ts";
import { chooseEntries, severalRecordsLines } from "../../cli/state/better-record.ts";
import { type CancellationEntry, entriesOfState } from "../../cli/state/records.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const tag = "[pulumi incident/prod/playbook-12 0123456789ab]";

const request = {
    machineActionId: id,
    ...{ atUtc: "2026-05-05T07:00:00.400Z", observedAtUtc: "2026-05-05T06:59:50.000Z", statusBefore: "Pending" },
    ...{ result: "accepted" as const, status: 200 },
    ...{ statusAfter: "Cancelled", cancellationDateTimeUtc: "2026-05-05T07:00:00.5Z" },
};
const requested = {
    ...{
        status: "Pending",
        type: "Isolate",
        statusBeforeCancel: "Pending",
        run: 0,
        failure: "ERR_DEFENDER_INTERRUPTED",
    },
    requestedAtUtc: "2026-05-05T07:00:00Z",
};
const adopted = {
    ...{ status: "Cancelled", outcome: "adopted", effect: "unknown", adoptedFrom: "ourselves", type: "Isolate" },
    ...{ cancellationDateTimeUtc: "2026-05-05T07:00:00.500Z", confirmedAtUtc: "2026-05-05T09:00:00Z" },
};

interface Change {
    readonly what: string;
    readonly request?: Properties;
    /** Requests before the last one. */
    readonly earlier?: readonly Properties[];
    readonly requested?: Properties;
    readonly comment?: string;
    readonly adopted?: Properties;
    readonly declaredBy?: string;
    readonly expected: readonly [source: string, outcome: string, effect: string];
}

function entryOf(source: string, result: Properties, more: Properties = {}): CancellationEntry[] {
    const { comment = `wrong scope ${tag}`, declaredBy = "incident/prod/playbook-12", requests } = more;
    const run = { commentSent: comment, digest: "00", apiHost: "host" };
    const resource = {
        ...{ type: machineActionCancellationSet.type, urn: "", inputs: { declaredBy }, initErrors: [] },
        outputs: { results: { [id]: result }, evidence: [run] },
        ...(requests === undefined ? {} : { requests: takenRequests(requests as (typeof request)[]) }),
    };
    return entriesOfState([resource]).map((entry) => ({ ...entry, source }));
}

function chosen(change: Partial<Change> = {}) {
    const { comment, declaredBy } = change;
    const requests = [...(change.earlier ?? []), { ...request, ...change.request }];
    const first = entryOf("first", { ...requested, ...change.requested }, { comment, requests });
    const second = entryOf("second", { ...adopted, ...change.adopted }, { declaredBy });
    return { first, second };
}

const first = ["first", "cancelled", "prevented"] as const;
const unknown = ["first", "cancelled", "unknown"] as const;
const second = ["second", "adopted", "unknown"] as const;

const changes: readonly Change[] = [
    { what: "whose answer shows Cancelled", expected: first },
    { what: "whose answer shows Pending", request: { statusAfter: "Pending" }, expected: unknown },
    { what: "whose answer shows no status", request: { statusAfter: undefined }, expected: unknown },
    { what: "of an action InProgress", request: { statusBefore: "InProgress" }, expected: unknown },
    { what: "on a stored InProgress", requested: { statusBeforeCancel: "InProgress" }, expected: unknown },
    {
        what: "after a lost one on InProgress",
        earlier: [{ ...request, result: "unknown", statusBefore: "InProgress" }],
        expected: unknown,
    },
    { what: "on an old reading", request: { observedAtUtc: "2026-05-05T06:59:45.000Z" }, expected: unknown },
    { what: "on a reading after it", request: { observedAtUtc: "2026-05-05T07:00:01.000Z" }, expected: unknown },
    { what: "after which the action was read InProgress", requested: { status: "InProgress" }, expected: unknown },
    { what: "whose action has commands", adopted: { commandSummary: "1 of 2 executing" }, expected: unknown },
    { what: "whose action ran", adopted: { effect: "ran" }, expected: ["first", "cancelled", "ran"] },
    { what: "whose answer was lost", request: { result: "unknown" }, expected: second },
    { what: "that the API refused", request: { result: "refused" }, expected: second },
    { what: "that was not sent", request: { result: "not sent" }, expected: second },
    { what: "before a lost one", request: { result: "unknown" }, earlier: [request], expected: second },
    { what: "without an answer in its result", requested: { postStatus: 0 }, expected: second },
    { what: "for another action", request: { machineActionId: id.replace("1f", "20") }, expected: second },
    { what: "at another time than its result", request: { atUtc: "2026-05-05T07:00:02Z" }, expected: second },
    {
        what: "whose answer shows another cancellation",
        request: { cancellationDateTimeUtc: "2026-05-05T06:59:00Z" },
        expected: second,
    },
    { what: "whose answer shows none", request: { cancellationDateTimeUtc: undefined }, expected: second },
    { what: "of another stack", comment: "wrong scope [pulumi incident/dev/set 0123456789ab]", expected: second },
    { what: "without a tag", comment: "wrong scope", expected: second },
    { what: "of the stack of another adopter", declaredBy: "incident/dev/playbook-12", expected: second },
    { what: "and a cancellation of others", adopted: { adoptedFrom: "others" }, expected: second },
    {
        what: "and a record that adopted nothing",
        adopted: { outcome: "cancelled" },
        expected: ["second", "cancelled", "unknown"],
    },
    {
        what: "of a record with a proof, which was lost",
        requested: { confirmedAtUtc: "2026-05-05T07:00:01Z" },
        expected: ["first", "unproven", "unproven"],
    },
];

for (const { what, expected, ...change } of changes) {
    test(`an accepted request, and the record that found it cancelled: a request ${what}`, (t) => {
        const { first, second } = chosen({ what, expected, ...change });
        for (const all of [
            [...first, ...second],
            [...second, ...first],
        ]) {
            const { entries } = chooseEntries(all);
            t.deepEqual(
                entries.map(({ source, outcome, effect }) => [source, outcome, effect]),
                [[...expected]],
            );
        }
    });
}

test("the entry of both has the request, the proof, and no error of the interrupted run", (t) => {
    const { first, second } = chosen({ adopted: { machineId: "m-1" } });
    const choice = chooseEntries([...first, ...second]);
    t.like(choice.entries, [
        {
            ...{ machineId: "m-1", status: "Cancelled", statusBeforeCancel: "Pending" },
            ...{ requestedAtUtc: requested.requestedAtUtc, confirmedAtUtc: adopted.confirmedAtUtc },
            ...{ adoptedFrom: undefined, failure: undefined, evidence: { commentSent: `wrong scope ${tag}` } },
        },
    ]);
    t.deepEqual(choice.superseded, []);
    t.deepEqual(severalRecordsLines(choice), [
        "1 action is in several records: the request in first and the proof in second count together",
    ]);
});

test("a third record that proves its own request counts alone", (t) => {
    const { first, second } = chosen();
    const own = { ...requested, ...adopted, outcome: "cancelled", adoptedFrom: undefined, failure: undefined };
    const { entries, superseded, proofs } = chooseEntries([...first, ...second, ...entryOf("third", own)]);
    t.deepEqual([entries.map(({ source }) => source), superseded.length, proofs.length], [["third"], 2, 0]);
});
