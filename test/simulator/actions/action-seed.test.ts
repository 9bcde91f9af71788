import test from "ava";
import { createFleet } from "../../../simulator/actions/fleet.ts";
import { idOf, manualClock } from "../client.ts";

test("a seed with a taken id, a malformed id or a malformed time is refused", (t) => {
    const fleet = createFleet(manualClock().now);
    const { id } = fleet.seed({});
    t.throws(() => fleet.seed({ id: id.toUpperCase() }), { message: /already/ });
    t.throws(() => fleet.seed({ id: "42" }), { instanceOf: TypeError });
    t.throws(() => fleet.seed({ creationDateTimeUtc: "yesterday" }), { instanceOf: TypeError });
});

test("every seeded action has a machine of its own unless told", (t) => {
    const fleet = createFleet(manualClock().now);
    const machines = [1, 2, 3].map((n) => fleet.seed({ id: idOf(n) }).machineId);
    t.is(new Set(machines).size, 3);
    t.true(machines.every((machine) => /^[0-9a-f]{40}$/.test(machine ?? "")));
    t.like(fleet.seed({ machineId: null }), { machineId: null, computerDnsName: null });
});

test("an action that is issued again has the external id and the commands of the first", (t) => {
    const clock = manualClock();
    const fleet = createFleet(clock.now);
    const commands = [{ type: "GetFile", params: [{ key: "Path", value: "C:\\\\a.txt" }] }];
    const { id } = fleet.seed({ externalId: "case-7", liveResponse: { commands, commandsAfterMs: 0 } });
    fleet.cancel(id, "app", "why");
    const again = fleet.reissue(id);
    clock.advance(10_000);
    t.like(fleet.find(again.id), { type: "LiveResponse", externalId: "case-7", commands: [{ command: commands[0] }] });
});
