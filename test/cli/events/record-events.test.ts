import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { asimRow } from "../../../cli/events/asim.ts";
import { entryEvents } from "../../../cli/events/entry-events.ts";
import { kindWords, stateWords } from "../../../cli/events/event-words.ts";
import { ocsfEvent } from "../../../cli/events/ocsf.ts";
import { recordEvents } from "../../../cli/events/record-events.ts";
import { stableId } from "../../../cli/events/stable-id.ts";
import { entriesOf, entriesOfState, isOurs } from "../../../cli/state/records.ts";
import { resourcesOf, type StateResource } from "../../../cli/state/stack-state.ts";
import { machineActionCancellation } from "../../../provider/model/provider-reference.ts";
import { problemsOfRow } from "../../helpers/asim-table.ts";
import type { CommandScene } from "../../helpers/command.ts";
import { appliedSet, pendingScene, reported } from "../../helpers/event-scenes.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { hostileStates } from "../../helpers/hostile-states.ts";
import { eventsIn, problemsOf } from "../../helpers/ocsf-schema.ts";
import { type Stage, stageOf } from "../../helpers/verified.ts";

/** The events of a stage by their id, in the words of their kind and state. */
async function byId(scene: CommandScene, ...stages: readonly Stage[]): Promise<Map<string, string>> {
    const events = eventsIn(await reported(scene, "ocsf", ...stages.map((stage) => stage.state())));
    return new Map(
        events.map(({ metadata, status_code, command_uid }) => [
            metadata.uid,
            `${metadata.event_code} ${status_code} ${command_uid.slice(-1)}`,
        ]),
    );
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
    const only = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
        [...one].filter(([id]) => !other.has(id)).map(([, what]) => what);
    return { gone: only(before, after), added: only(after, before) };
}

async function scenes(t: ExecutionContext) {
    const scene = await pendingScene(t, 3);
    const [single = "", ...others] = scene.ids;
    const one = await stageOf(scene, "one", false).up({ machineActionId: single, comment: "INC-4711" });
    const set = await appliedSet(scene, others);
    return { scene, single, others, one, set };
}

test("the same record gives the same events, read twice, later, and after a refresh that finds nothing new", async (t) => {
    const { scene, one, set } = await scenes(t);
    const before = await byId(scene, one, set);
    t.is(before.size, 5);
    scene.clock.advance(3_600_000);
    t.deepEqual(await byId(scene, one, set), before);
    t.deepEqual(await byId(scene, await one.refresh(), await set.refresh()), before);
});

test("ocsf and asim give an event the same id", async (t) => {
    const { scene, one, set } = await scenes(t);
    const rows = await reported(scene, "asim", one.state(), set.state());
    const ids = rows.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).EventOriginalUid]));
    t.deepEqual(ids, [...(await byId(scene, one, set)).keys()]);
});

test("drift gives new events, takes the success back, and keeps the events of the other actions", async (t) => {
    const { scene, single, others, one, set } = await scenes(t);
    const before = await byId(scene, one, set);
    scene.simulator.resume(single);
    scene.simulator.resume(others[1] ?? "");
    const { gone, added } = changes(before, await byId(scene, await one.refresh(), await set.refresh()));
    t.deepEqual(
        gone.sort(),
        [
            "Cancellation prevented 1",
            "Cancellation prevented 3",
            "Run runComplete 1",
            `Run runComplete ${set.state().id.slice(-1)}`,
        ].sort(),
    );
    t.true(added.includes("Drift drifted 1") && added.includes("Drift drifted 3"), added.join());
    t.deepEqual(
        added.filter((what) => /prevented|Complete/.test(what)),
        [],
    );
});

test("a re-issue gives one new event and keeps all others; its end gives another one", async (t) => {
    const { scene, single, one, set } = await scenes(t);
    const before = await byId(scene, one, set);
    const row = scene.simulator.action(single);
    const again = scene.simulator.seed({
        machineId: row?.machineId ?? "",
        type: row?.type ?? "",
        requestor: "soar@contoso.example",
        creationDateTimeUtc: new Date(scene.clock.now() + 1_000).toISOString(),
    });
    scene.clock.advance(60_000);
    const during = await byId(scene, await one.refresh(), await set.refresh());
    t.deepEqual(changes(before, during).gone, []);
    t.is(changes(before, during).added.filter((what) => what.startsWith("Reissue reissueOpen")).length, 1);
    t.true(changes(before, during).added.every((what) => /^(Reissue|Failure)/.test(what)));
    scene.simulator.cancel(again.id, "analyst@contoso.example");
    scene.clock.advance(60_000);
    const after = changes(during, await byId(scene, await one.refresh(), await set.refresh()));
    t.is(after.added.filter((what) => what.startsWith("Reissue reissueCancelled")).length, 1);
});

test("an id is a UUID of version 8 that depends on each value and on nothing else", (t) => {
    t.is(stableId(["cancellation", "a", undefined]), stableId(["cancellation", "a", undefined]));
    const values = fc.array(fc.oneof(fc.string(), fc.constant(undefined), fc.integer()), { maxLength: 4 });
    fc.assert(
        fc.property(values, values, (one, other) => {
            t.regex(stableId(one), /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
            t.is(stableId(one) === stableId(other), JSON.stringify(one) === JSON.stringify(other));
        }),
        { numRuns: 50 },
    );
});

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const requested = { requestedAtUtc: "2026-05-04T10:00:00Z" };
const proven = { ...requested, confirmedAtUtc: "2026-05-04T10:01:00Z" };

function stateOf(outputs: Readonly<Record<string, unknown>>, initErrors: readonly string[] = []): string[] {
    const { type } = machineActionCancellation;
    const resource: StateResource = {
        type,
        urn: "",
        id,
        inputs: {},
        outputs: { machineActionId: id, ...outputs },
        initErrors,
    };
    return entriesOf(resource)
        .flatMap((entry) => entryEvents(entry, 0))
        .map(({ kind, state, severity }) => `${kind}, ${state}: ${stateWords[state].result}, ${severity}`);
}

test("each end of a cancellation is told as it is", (t) => {
    const cancelled = { status: "Cancelled", outcome: "cancelled", ...proven };
    const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
        [{ ...cancelled, effect: "prevented" }, "cancellation, prevented: success, informational"],
        [{ ...cancelled, effect: "unknown" }, "cancellation, effectUnknown: partial, medium"],
        [{ ...cancelled, effect: "ran" }, "cancellation, ran: failure, high"],
        [{ ...cancelled }, "cancellation, effectUnknown: partial, medium"],
        [
            { ...cancelled, outcome: "adopted", effect: "unknown", adoptedFrom: "others" },
            "cancellation, adoptedFromOthers: other, medium",
        ],
        [
            { ...cancelled, outcome: "adopted", effect: "unknown", adoptedFrom: "ourselves" },
            "cancellation, adoptedFromOurselves: other, medium",
        ],
        [
            { status: "TimeOut", outcome: "expired", effect: "prevented", ...proven },
            "cancellation, expired: other, informational",
        ],
        [{ status: "Succeeded", outcome: "tooLate", effect: "ran", ...proven }, "cancellation, tooLate: failure, high"],
        [
            { status: "Failed", outcome: "tooLate", effect: "unknown", ...proven },
            "cancellation, tooLate: failure, medium",
        ],
        [{ status: "Pending", ...requested }, "cancellation, unproven: unknown, medium"],
        [{ status: "Pending" }, "cancellation, notRequested: failure, medium"],
        [{ status: "InProgress", ...proven }, "drift, drifted: failure, high"],
        [{ status: "Succeeded", ...proven }, "drift, drifted: failure, high"],
        [{ ...cancelled, outcome: "fine" }, "cancellation, unreadable: unknown, medium"],
        [{ ...cancelled, status: "TimeOut" }, "cancellation, unreadable: unknown, medium"],
    ];
    for (const [outputs, expected] of cases) {
        t.deepEqual(stateOf(outputs), [expected]);
    }
});

test("an error is an event beside the cancellation, with its code", (t) => {
    t.deepEqual(stateOf({ status: "Pending" }, ["ERR_DEFENDER_DENIED: refused"]), [
        "cancellation, notRequested: failure, medium",
        "failure, failed: failure, medium",
    ]);
});

test("events of any state are valid, and only a proven cancellation before execution is a success", (t) =>
    fuzz(
        t,
        "events: honest",
        fc.property(hostileStates, ({ resources }) => {
            const read = resourcesOf(JSON.stringify({ deployment: { resources } }), "the state");
            const entries = entriesOfState(read);
            const source = { entries, resources: read.filter(isOurs), generatedAtUtc: "2026-05-05T00:00:00Z" };
            const all = recordEvents(source);
            t.deepEqual(problemsOf(all.map(ocsfEvent)), []);
            t.deepEqual(all.map(asimRow).flatMap(problemsOfRow), []);
            const events = all.filter(({ kind }) => kind !== "run");
            const proven = entries.filter(
                ({ result, outcome, effect }) =>
                    result.status === "Cancelled" && outcome === "cancelled" && effect === "prevented",
            );
            t.is(events.filter(({ state }) => stateWords[state].result === "success").length, proven.length);
            t.true(events.every(({ kind, state }) => kind in kindWords && state in stateWords));
        }),
    ));
