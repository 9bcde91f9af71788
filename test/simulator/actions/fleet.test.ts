import test from "ava";
import { createFleet } from "../../../simulator/actions/fleet.ts";
import { compareTimes } from "../../../simulator/time/api-time.ts";
import { fleetWith, idOf, manualClock } from "../client.ts";

const id = idOf(1);

test("a pending action is Cancelled right after the cancel request", (t) => {
    const { fleet, cancel } = fleetWith({});
    t.is(fleet.find(id)?.status, "Pending");
    t.is(fleet.find(id)?.cancellationDateTimeUtc, null);

    const { outcome, row } = cancel();

    t.is(outcome, "accepted");
    t.like(row, {
        status: "Cancelled",
        errorHResult: -2147467260,
        cancellationRequestor: "app",
        cancellationComment: "why",
    });
    t.regex(row?.cancellationDateTimeUtc ?? "", /^2026-05-04T10:00:00\.\d{7}Z$/);
    t.is(compareTimes(row?.lastUpdateDateTimeUtc ?? "", row?.creationDateTimeUtc ?? ""), 1);
});

test("a cancel request to an action that has ended changes nothing", (t) => {
    const { fleet, cancel } = fleetWith({ status: "Succeeded" });
    const before = structuredClone(fleet.find(id));

    t.is(cancel().outcome, "already-final");
    t.deepEqual(fleet.find(id), before);
});

test("a cancel request to an action that nobody knows finds nothing", (t) => {
    const { fleet } = fleetWith({});
    t.deepEqual(fleet.cancel(idOf(2), "app", "why"), { outcome: "not-found" });
});

test("an action in progress stays so for settleMs after the cancel request and then ends as its behaviour says", (t) => {
    const ends = {
        "in-progress-then-cancelled": "Cancelled",
        "in-progress-then-succeeded": "Succeeded",
        "cancelled-though-completed": "Cancelled",
    } as const;
    for (const [behaviour, end] of Object.entries(ends) as [keyof typeof ends, string][]) {
        const { fleet, clock, status, cancel } = fleetWith({ behaviour, settleMs: 500 });
        clock.advance(10_000);
        t.is(status(), "InProgress", behaviour);
        t.is(cancel().row?.status, "InProgress", behaviour);
        clock.advance(499);
        t.is(status(), "InProgress", behaviour);
        clock.advance(1);
        t.is(status(), end, behaviour);
        t.is(fleet.find(id)?.cancellationComment, "why", behaviour);
    }
});

test("a pending action that takes its time stays Pending for settleMs after the cancel request, and shows who asked", (t) => {
    const { fleet, clock, status, cancel } = fleetWith({ behaviour: "pending-then-cancelled", settleMs: 500 });
    t.is(status(), "Pending");
    t.like(cancel().row, { status: "Pending", cancellationRequestor: "app", cancellationComment: "why" });
    clock.advance(499);
    t.is(status(), "Pending");
    clock.advance(1);
    t.is(status(), "Cancelled");
    t.is(fleet.find(id)?.cancellationRequestor, "app");
});

test("settleMs is one second unless given, and zero ends the action inside the cancel request", (t) => {
    const slow = fleetWith({ behaviour: "in-progress-then-cancelled" });
    slow.cancel();
    slow.clock.advance(999);
    t.is(slow.status(), "InProgress");
    slow.clock.advance(1);
    t.is(slow.status(), "Cancelled");

    t.is(fleetWith({ behaviour: "in-progress-then-cancelled", settleMs: 0 }).cancel().row?.status, "Cancelled");
});

test("a second cancel request does not put off the end", (t) => {
    const { clock, status, cancel } = fleetWith({ behaviour: "in-progress-then-cancelled", settleMs: 500 });
    cancel();
    clock.advance(400);
    t.is(cancel().outcome, "accepted");
    clock.advance(100);
    t.is(status(), "Cancelled");
});

test("a live response that is Cancelled though its command completed shows that command", (t) => {
    const { fleet, clock, cancel } = fleetWith({ behaviour: "cancelled-though-completed" });
    cancel();
    clock.advance(1_000);
    const row = fleet.find(id);
    t.like(row, { type: "LiveResponse", status: "Cancelled" });
    t.like(row?.commands[0], { index: 0, commandStatus: "Completed" });
});

test("an action that never ends accepts every cancel request", (t) => {
    const { clock, status, cancel } = fleetWith({ behaviour: "never-final" });
    for (let attempt = 0; attempt < 3; attempt += 1) {
        t.is(cancel().outcome, "accepted");
        clock.advance(86_400_000);
        t.is(status(), "InProgress");
    }
});

test("an action that is not visible yet is neither found nor listed nor cancelled", (t) => {
    const { fleet, clock, cancel } = fleetWith({ visibleAfterMs: 1_000 });
    clock.advance(999);
    t.is(fleet.findVisible(id), undefined);
    t.deepEqual(fleet.visibleRows(), []);
    t.is(cancel().outcome, "not-found");
    t.is(fleet.rows().length, 1);

    clock.advance(1);
    t.is(fleet.findVisible(id)?.id, id);
    t.is(fleet.visibleRows().length, 1);
    t.is(cancel().outcome, "accepted");
});

test("rows come newest first; of two with the same time the one seeded later comes first", (t) => {
    const fleet = createFleet(manualClock().now);
    fleet.seed({ id: idOf(1), creationDateTimeUtc: "2026-05-01T00:00:00Z" });
    fleet.seed({ id: idOf(2), creationDateTimeUtc: "2026-05-03T02:00:00.5+02:00" });
    fleet.seed({ id: idOf(3), creationDateTimeUtc: "2026-05-03T00:00:00.5Z" });
    fleet.seed({ id: idOf(4), creationDateTimeUtc: "2026-05-02T00:00:00Z" });
    t.deepEqual(
        fleet.rows().map((row) => row.id),
        [3, 2, 4, 1].map(idOf),
    );
});

test("actions are listed newest first, also those that are added between two reads, and not before they are visible", (t) => {
    const { fleet, clock } = fleetWith({});
    const numbers = () => fleet.visibleRows().map((row) => Number.parseInt(row.id.slice(-4), 16));
    t.deepEqual(numbers(), [1]);
    fleet.seed({ id: idOf(2) });
    fleet.seed({ id: idOf(3), creationDateTimeUtc: "2026-01-01T00:00:00Z" });
    t.deepEqual(numbers(), [2, 1, 3]);
    fleet.seed({ id: idOf(4), visibleAfterMs: 1_000 });
    fleet.seed({ id: idOf(5) });
    t.deepEqual(numbers(), [5, 2, 1, 3]);
    clock.advance(1_000);
    t.deepEqual(numbers(), [5, 4, 2, 1, 3]);
    t.is(fleet.rows().length, 5);
});
