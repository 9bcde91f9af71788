import test from "ava";
import fc from "fast-check";
import { byUrgency, type Urgency } from "../../provider/cancel/urgency.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const minute = 60_000;
const hoursAgo = (hours: number) => now - 60 * minute * hours;
const one = (id: string, status: string, type: string, createdHoursAgo: number, seenHoursAgo?: number): Urgency => ({
    action: { id, status, type, creationDateTimeUtc: new Date(hoursAgo(createdHoursAgo)).toISOString() },
    lastSeen: seenHoursAgo === undefined ? undefined : hoursAgo(seenHoursAgo),
});
const idsOf = (items: readonly Urgency[]) => byUrgency(items, (item) => item).map(({ action }) => action.id);

test("what is in progress goes first, long types before short, then the machine that reported last, then the newest", (t) => {
    const ordered = [
        one("newer scan in progress", "InProgress", "RunAntiVirusScan", 1),
        one("live response in progress", "InProgress", "Live Response", 2),
        one("package in progress", "InProgress", "collectinvestigationpackage", 3),
        one("newer isolation in progress", "InProgress", "Isolate", 1, 1),
        one("isolation in progress", "InProgress", "Isolate", 2),
        one("seen lately", "Pending", "Isolate", 9, 0.1),
        one("seen before, newer", "Pending", "RunAntiVirusScan", 1, 5),
        one("seen before", "Pending", "Isolate", 2, 5),
        one("an unknown status", "Queued", "Isolate", 3, 6),
        one("never seen, newer", "Pending", "Isolate", 1),
        one("never seen", "Pending", "RunAntiVirusScan", 2),
    ];
    t.deepEqual(idsOf(ordered.toReversed()), idsOf(ordered));
    t.deepEqual(
        idsOf(ordered.toReversed()),
        ordered.map(({ action }) => action.id),
    );
});

test("of actions that are equally urgent the one with the lower id goes first", (t) => {
    const [a, b, c] = ["a", "b", "c"].map((id) => one(id, "Pending", "Isolate", 1, 2)) as [Urgency, Urgency, Urgency];
    for (const items of [
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
    ]) {
        t.deepEqual(idsOf(items), ["a", "b", "c"]);
    }
});

test("the order does not depend on that of the items, whatever the API leaves out", (t) => {
    const urgency: fc.Arbitrary<Urgency> = fc.record({
        action: fc.record({
            id: fc.uuid(),
            status: fc.constantFrom("Pending", "InProgress", "Queued"),
            type: fc.constantFrom(undefined, "Isolate", "Live Response"),
            creationDateTimeUtc: fc.constantFrom(undefined, "no time", "2026-05-05T07:00:00Z", "2026-05-05T06:00:00Z"),
        }),
        lastSeen: fc.constantFrom(undefined, now, hoursAgo(1)),
    });
    fc.assert(
        fc.property(fc.uniqueArray(urgency, { selector: ({ action }) => action.id, maxLength: 12 }), (items) => {
            t.deepEqual(idsOf(items), idsOf(items.toReversed()));
        }),
    );
});
