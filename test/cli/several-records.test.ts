import test from "ava";
import { chooseEntries } from "../../cli/state/better-record.ts";
import { type CancellationEntry, entriesOfState } from "../../cli/state/records.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { commandScene } from "../helpers/command.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** One action as these records have it; returns the name of the one that counts. */
function chosen(records: Readonly<Record<string, Properties>>): string | undefined {
    const run = { commentSent: "INC-4711", digest: "00", apiHost: "host" };
    const all = Object.entries(records).flatMap(([source, result]) =>
        entriesOfState([
            {
                ...{ type: machineActionCancellationSet.type, urn: "", inputs: {}, initErrors: [] },
                outputs: { results: { [id]: result }, evidence: [run] },
            },
        ]).map((entry): CancellationEntry => ({ ...entry, source })),
    );
    const { entries, superseded } = chooseEntries(all);
    return entries.length === 1 && superseded.length === all.length - 1 ? entries[0]?.source : undefined;
}

const applied = {
    ...{ status: "Cancelled", outcome: "cancelled", effect: "prevented", statusBeforeCancel: "Pending", run: 0 },
    ...{ requestedAtUtc: "2026-05-05T07:00:00Z", confirmedAtUtc: "2026-05-05T07:00:01Z" },
};
const adopted = {
    ...{ status: "Cancelled", outcome: "adopted", effect: "unknown", adoptedFrom: "ourselves" },
    ...{ cancellationDateTimeUtc: "2026-05-05T07:00:00.5Z", confirmedAtUtc: "2026-05-05T09:00:00Z" },
};
const ranLater = { effect: "ran", confirmedAtUtc: "2026-05-05T09:00:00Z" };
const unproven = { status: "Pending", statusBeforeCancel: "Pending", requestedAtUtc: "2026-05-05T07:00:00Z", run: 0 };

const rules: readonly [rule: string, records: Readonly<Record<string, Properties>>, best: string][] = [
    ["a record that saw it before the cancellation, over one that adopted it", { adopted, applied }, "applied"],
    ["a proof over none", { unproven, adopted }, "adopted"],
    [
        "a cancellation after the other's proof, because the action went on in between",
        { applied, adopted: { ...adopted, cancellationDateTimeUtc: "2026-05-05T08:59:00Z" } },
        "adopted",
    ],
    [
        "drift after the other's proof",
        { applied, drifted: { status: "InProgress", confirmedAtUtc: "2026-05-05T09:00:00Z" } },
        "drifted",
    ],
    [
        "a later proof that the action has ended without a cancellation",
        { applied, tooLate: { ...ranLater, status: "Succeeded", outcome: "tooLate" } },
        "tooLate",
    ],
    ["a later proof that the cancelled action ran", { applied, adopted: { ...adopted, ...ranLater } }, "adopted"],
    [
        "a request after the other's proof",
        { applied, unproven: { ...unproven, requestedAtUtc: "2026-05-05T15:00:00Z" } },
        "unproven",
    ],
    [
        "drift after the cancellation, over a proof that was only read again later",
        {
            applied: { ...applied, confirmedAtUtc: "2026-05-05T12:00:00Z" },
            drifted: { status: "InProgress", confirmedAtUtc: "2026-05-05T09:00:00Z" },
        },
        "drifted",
    ],
    [
        "the later proof of two that know as much",
        { applied, later: { ...applied, confirmedAtUtc: "2026-05-05T08:00:00Z" } },
        "later",
    ],
    ["the first of two that are the same", { applied, again: { ...applied } }, "applied"],
];

for (const [rule, records, best] of rules) {
    test(`for an action in several records counts ${rule}`, (t) => {
        t.is(chosen(records), best);
        if (!rule.startsWith("the first")) {
            t.is(chosen(Object.fromEntries(Object.entries(records).reverse())), best, "in any order");
        }
    });
}

test("report takes several records, and says which counts, in each format", async (t) => {
    const scene = await commandScene(t, { actions: [{ id }] });
    const set = await storedResource(scene, "many", { comment: "INC-4711", cancellations: [{ machineActionId: id }] });
    const one = await storedResource(scene, "one", { comment: "INC-4712", machineActionId: id });
    await scene.write("one.json", stackExport(one));
    await scene.write("many.json", stackExport(set));
    const report = (...args: string[]) => scene.run(["report", "--state", "one.json", "--state", "many.json", ...args]);
    const text = await report();
    t.regex(text.stdout, /1 cancellation: 1 cancelled; effect: 1 prevented\nrecords: one\.json \(1, 1 of them/);
    t.regex(text.stderr, /^1 of 1 cancellation in 2 records$/m);
    t.regex(text.stderr, /^1 action is in several records: that of many\.json counts, not that of one\.json$/m);
    const json = JSON.parse((await report("--json")).stdout);
    t.is(json.cancellations[0].source, "many.json");
    t.like(json.records, [
        { name: "one.json", superseded: 1 },
        { name: "many.json", superseded: 0 },
    ]);
    const alone = JSON.parse((await scene.run(["report", "--state", "many.json", "--json"])).stdout);
    t.is(json.recordsSha256, alone.recordsSha256, "the same record has the same hash");
    t.regex((await report("--format", "markdown")).stdout, /^Records: `one\.json \(1, 1 of them superseded\), many/m);
    t.regex((await report("--format", "html")).stdout, /<p>Records: one\.json \(1, 1 of them superseded\), many/);
    t.regex((await report("--format", "csv")).stdout, /,many\.json,/);
    const twice = await scene.run(["report", "--state", "-", "--state", "-"]);
    t.is(twice.code, 64);
});
