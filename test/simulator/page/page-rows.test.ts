import test from "ava";
import type { ActionSeed } from "../../../simulator/actions/action-seed.ts";
import { createFleet } from "../../../simulator/actions/fleet.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { createPageRows } from "../../../simulator/page/page-rows.ts";
import { idOf, manualClock, start } from "../client.ts";

function pageRowsOf(...seeds: ActionSeed[]) {
    const clock = manualClock();
    const fleet = createFleet(clock.now);
    for (const [index, seed] of seeds.entries()) {
        fleet.seed({ id: idOf(index + 1), ...seed });
    }
    const online = new Map<string, boolean>();
    const names = new Map([["app-1", "Incident rescue"]]);
    const rows = createPageRows({
        rows: () => fleet.rows(),
        isOnline: (machineId) => online.get(machineId),
        nameOf: (id) => names.get(id),
    });
    return { fleet, clock, rows, online };
}

test("a refresh finds only the rows that changed, and none when nothing did", (t) => {
    const { fleet, rows } = pageRowsOf({}, {}, {});
    t.true(rows.refresh(1));
    t.deepEqual(
        rows.since(0).map(({ id }) => id),
        [idOf(3), idOf(2), idOf(1)],
    );
    t.false(rows.refresh(2));
    fleet.start(idOf(2));
    t.true(rows.refresh(2));
    t.like(rows.since(1), [{ id: idOf(2), status: "InProgress", group: "in-progress" }]);
    t.is(rows.since(1).length, 1);
    t.is(rows.since(0).length, 3);
    t.is(rows.since(2).length, 0);
});

test("a refresh finds the machine of an action that was hidden at first", (t) => {
    const { fleet, clock, rows } = pageRowsOf({ type: "Offboard", machineShownAfterMs: 3_000 }, {});
    rows.refresh(1);
    t.like(rows.since(0)[1], { id: idOf(1), machine: "no machine yet" });
    clock.advance(3_000);
    t.true(rows.refresh(2));
    t.like(rows.since(1), [{ id: idOf(1), machine: fleet.find(idOf(1))?.computerDnsName }]);
    t.not(fleet.find(idOf(1))?.computerDnsName, null);
});

test("the keys of creation sort as the times do, with and without a fraction of a second", (t) => {
    const created = ["2026-05-04T09:00:47Z", "2026-05-04T09:00:47.29Z", "2026-05-04T09:00:48Z"];
    const { rows } = pageRowsOf(...created.map((creationDateTimeUtc) => ({ creationDateTimeUtc })));
    rows.refresh(1);
    const keys = rows.since(0).map((row) => row.created);
    t.deepEqual(keys, keys.toSorted().reverse());
    t.is(new Set(keys).size, 3);
});

test("the totals count each status in any spelling, what came too late, and re-issues that are open", (t) => {
    const { fleet, clock, rows } = pageRowsOf(
        { status: "Canceled" },
        { status: "Timeout" },
        { status: "failed" },
        { status: "constructor" },
        { behaviour: "in-progress-then-succeeded" },
        {},
        { status: "Succeeded" },
    );
    fleet.cancel(idOf(5), "app-1", "why");
    fleet.cancel(idOf(6), "app-1", "why");
    fleet.finish(fleet.reissue(idOf(6)).id, "Failed");
    fleet.reissue(idOf(6));
    clock.advance(1_000);
    rows.refresh(1);
    t.deepEqual(rows.totals(), {
        groups: { pending: 1, "in-progress": 0, cancelled: 2, succeeded: 2, failed: 2, "timed-out": 1, other: 1 },
        actions: 9,
        machines: 7,
        reissues: 2,
        openReissues: 1,
        late: 1,
    });
});

test("a row that becomes a re-issue because an earlier one is cancelled is sent again", (t) => {
    const machineId = "a".repeat(40);
    const { fleet, rows } = pageRowsOf({ machineId }, { machineId });
    rows.refresh(1);
    fleet.cancel(idOf(1), "app-1", "why");
    rows.refresh(2);
    t.deepEqual(
        rows.since(1).map(({ id, reissue, canceller }) => [id, reissue, canceller]),
        [
            [idOf(2), true, ""],
            [idOf(1), false, "Incident rescue"],
        ],
    );
});

test("a row shows when its machine comes online, and nothing where that is not known", (t) => {
    const machineId = "a".repeat(40);
    const { rows, online } = pageRowsOf({ machineId, status: "Succeeded" }, {});
    online.set(machineId, false);
    rows.refresh(1);
    t.deepEqual(
        rows.since(0).map(({ online }) => online),
        [undefined, false],
    );
    online.set(machineId, true);
    t.true(rows.refresh(2));
    t.like(rows.since(1), [{ id: idOf(1), online: true }]);
});

test("hostile names lose what could deceive a reader, and long ones are cut", (t) => {
    const { rows } = pageRowsOf(
        ...(scenarios.hostile?.actions(start) ?? []).map(({ id: _, ...seed }) => seed),
        { computerDnsName: "x".repeat(5_000) },
        { machineId: null, computerDnsName: null },
    );
    rows.refresh(1);
    const names = rows.since(0).map(({ machine }) => machine);
    t.true(names.includes('<img src=x onerror="alert(1)">'), "as text, which the page never reads as markup");
    t.is(names[0], "no machine yet");
    t.is(names[1], `${"x".repeat(199)}…`);
    t.false(names.some((name) => /[\p{Cc}\p{Cf}]/u.test(name)));
});
