import test from "ava";
import type { MachineActionRow } from "../../../simulator/index.ts";
import { idOf, start, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const commands = [
    { type: "RunScript", params: [{ key: "ScriptName", value: "collect.ps1" }] },
    { type: "GetFile", params: [{ key: "Path", value: "C:\\x" }] },
];

const statuses = (row: MachineActionRow | undefined) =>
    ((row?.commands ?? []) as { commandStatus: string }[]).map(({ commandStatus }) => commandStatus);

for (const [endsAs, ended] of [
    ["Succeeded", ["Completed", "Completed"]],
    ["Failed", ["Failed", "Created"]],
    ["Cancelled", ["Executing", "Created"]],
] as const) {
    test(`the commands of a live response are Created within 5 s, then Executing, and after ${endsAs} ${ended}`, (t) => {
        const backAt = new Date(start + 60_000).toISOString();
        const actions = [{ id, machineId, liveResponse: { commands }, machine: { backAt }, endsAs }];
        return withSimulator({ actions }, async (client, simulator, clock) => {
            t.like((await client.get(`/api/machineactions/${id}`)).body, { type: "LiveResponse", commands: [] });
            clock.advance(5_000);
            t.deepEqual(statuses(simulator.action(id)), ["Created", "Created"]);
            clock.advance(55_000);
            t.deepEqual(statuses(simulator.action(id)), ["Executing", "Created"]);
            clock.advance(600_000);
            t.is(simulator.action(id)?.status, endsAs);
            t.deepEqual(statuses(simulator.action(id)), [...ended]);
        });
    });
}

test("a live response that is submitted over the API shows its commands, and starts on demand", (t) =>
    withSimulator({ actions: [{ machineId, status: "Failed" }] }, async (client, simulator, clock) => {
        const path = `/api/machines/${machineId}/runliveresponse`;
        const { body } = await client.post(path, { Comment: "c", Commands: commands });
        const row = () => simulator.action(body.id ?? "");
        t.deepEqual(body.commands, []);
        clock.advance(5_000);
        t.like(row()?.commands, [
            { index: 0, commandStatus: "Created", startTime: null, command: commands[0] },
            { index: 1, commandStatus: "Created", startTime: null, command: commands[1] },
        ]);
        simulator.start(body.id ?? "");
        t.like(row()?.commands[0], { commandStatus: "Executing", startTime: "2026-05-04T10:00:05Z" });
        simulator.finish(body.id ?? "", "Succeeded");
        t.like(row()?.commands[0], { commandStatus: "Completed", startTime: "2026-05-04T10:00:05Z" });
    }));

test("a live response that has ended before its commands were shown shows none", (t) =>
    withSimulator({ actions: [{ id, liveResponse: {} }] }, async (client, simulator, clock) => {
        await client.cancel(id);
        clock.advance(5_000);
        t.deepEqual(simulator.action(id)?.commands, []);
    }));

test("commands are shown at once where the seed says so", (t) =>
    withSimulator({ actions: [{ id, liveResponse: { commandsAfterMs: 0 } }] }, async (_, simulator) => {
        t.deepEqual(statuses(simulator.action(id)), ["Created"]);
    }));

test("a live response without them shows the commands that were seeded, whatever becomes of it", (t) =>
    withSimulator({ actions: [{ id, type: "LiveResponse", commands: ["as text"] }] }, async (_, simulator) => {
        simulator.start(id);
        simulator.finish(id, "Succeeded");
        t.deepEqual(simulator.action(id)?.commands, ["as text"]);
    }));
