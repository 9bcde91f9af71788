import test from "ava";
import { fleetWith, idOf } from "../client.ts";

const id = idOf(1);

test("a cancelled action is issued again by reissuedBy, on the same machine, as a later action", (t) => {
    const { fleet, clock, cancel } = fleetWith({ reissuedBy: "playbook@contoso.example", reissuedAfterMs: 2_000 });
    cancel();
    clock.advance(1_999);
    t.is(fleet.rows().length, 1);
    clock.advance(5_000);
    const [newest, first] = fleet.rows();
    t.like(newest, {
        status: "Pending",
        type: first?.type,
        machineId: first?.machineId,
        requestor: "playbook@contoso.example",
        creationDateTimeUtc: "2026-05-04T10:00:02Z",
    });
    t.is(first?.id, id);
});

test("a re-issue without a delay reads as created after the cancellation although the clock stands still", (t) => {
    const { fleet, cancel } = fleetWith({ reissuedBy: "playbook@contoso.example" });
    cancel();
    const [newest, first] = fleet.rows();
    t.true((newest?.creationDateTimeUtc ?? "") > (first?.cancellationDateTimeUtc ?? "z"));
});

test("an action with resumedAfterMs goes back to InProgress once and keeps its cancellation date", (t) => {
    const { fleet, clock, status, cancel } = fleetWith({ resumedAfterMs: 1_000 });
    cancel();
    clock.advance(999);
    t.is(status(), "Cancelled");
    clock.advance(1);
    t.like(fleet.find(id), { status: "InProgress", errorHResult: 0, cancellationComment: "why" });

    t.is(cancel().row?.status, "Cancelled");
    clock.advance(10_000);
    t.is(status(), "Cancelled");
});

test("an action seeded as Cancelled with resumedAfterMs goes back to InProgress", (t) => {
    const { clock, status } = fleetWith({ status: "Cancelled", resumedAfterMs: 1_000 });
    t.is(status(), "Cancelled");
    clock.advance(1_000);
    t.is(status(), "InProgress");
});

test("a resumed action is cancelled at once by the next cancel request, whatever its behaviour was", (t) => {
    const { fleet, clock, status, cancel } = fleetWith({ behaviour: "in-progress-then-cancelled" });
    cancel();
    clock.advance(1_000);
    fleet.resume(id);
    clock.advance(60_000);
    t.is(status(), "InProgress");
    t.is(cancel().row?.status, "Cancelled");
});

test("only a Cancelled action can be resumed", (t) => {
    const { fleet } = fleetWith({});
    t.throws(() => fleet.resume(id), { message: /is Pending, not Cancelled/ });
    t.throws(() => fleet.resume(idOf(2)), { message: /There is no machine action/ });
});

test("finishing an action overrules what its behaviour had planned", (t) => {
    const { fleet, clock, cancel } = fleetWith({ behaviour: "in-progress-then-cancelled" });
    cancel();
    fleet.finish(id, "TimeOut");
    clock.advance(10_000);
    t.like(fleet.find(id), { status: "TimeOut", errorHResult: -2145844840 });
    t.throws(() => fleet.finish(id, "Pending"), { message: /not a final status/ });
});

test("an action finished as Cancelled without a request says that the portal cancelled it", (t) => {
    const { fleet } = fleetWith({ reissuedBy: "playbook@contoso.example" });
    fleet.finish(id, "Cancelled");
    t.like(fleet.find(id), { status: "Cancelled", cancellationRequestor: "soc@contoso.example" });
    t.is(fleet.rows().length, 2);
});

test("reissue adds an action of the same type on the same machine, by the same requestor unless told", (t) => {
    const { fleet, cancel } = fleetWith({ type: "RunAntiVirusScan", scope: "Quick" });
    cancel();
    const own = structuredClone(fleet.reissue(id));
    const other = fleet.reissue(id, "other@contoso.example");
    t.like(own, { type: "RunAntiVirusScan", scope: "Quick", status: "Pending", requestor: "soar@contoso.example" });
    t.is(fleet.find(id)?.machineId, own.machineId);
    t.is(other.requestor, "other@contoso.example");
    t.is(new Set([id, own.id, other.id]).size, 3);
});

test("a started action is at work, and a cancel request then takes its time", (t) => {
    const { fleet, clock, status, cancel } = fleetWith({ settleMs: 2_000 });
    clock.advance(1_000);
    fleet.start(id);
    t.like(fleet.find(id), { status: "InProgress", lastUpdateDateTimeUtc: "2026-05-04T10:00:01Z" });
    cancel();
    t.is(status(), "InProgress");
    clock.advance(2_000);
    t.is(status(), "Cancelled");
    t.throws(() => fleet.start(id), { message: /is Cancelled already/ });
});
