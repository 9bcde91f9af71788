import test from "ava";
import fc from "fast-check";
import { entryEvents } from "../../../cli/events/entry-events.ts";
import { kindWords, stateWords } from "../../../cli/events/event-words.ts";
import { recordEvents } from "../../../cli/events/record-events.ts";
import { entriesOf, entriesOfState } from "../../../cli/state/records.ts";
import { resourcesOf, type StateResource } from "../../../cli/state/stack-state.ts";
import { machineActionCancellation } from "../../../provider/model/provider-reference.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { hostileStates } from "../../helpers/hostile-states.ts";

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

test("whatever stands in a state, only a proven cancellation before execution is a success", (t) =>
    fuzz(
        t,
        "events: honest",
        fc.property(hostileStates, ({ resources }) => {
            const read = resourcesOf(JSON.stringify({ deployment: { resources } }), "the state");
            const entries = entriesOfState(read);
            const events = recordEvents({ entries, resources: [], generatedAtUtc: "2026-05-05T00:00:00Z" });
            const proven = entries.filter(
                ({ result, outcome, effect }) =>
                    result.status === "Cancelled" && outcome === "cancelled" && effect === "prevented",
            );
            t.is(events.filter(({ state }) => stateWords[state].result === "success").length, proven.length);
            t.true(events.every(({ kind, state }) => kind in kindWords && state in stateWords));
        }),
    ));
