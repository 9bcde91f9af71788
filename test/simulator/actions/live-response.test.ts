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

test("a live response submitted on an online machine is Created in 5 s, runs one command after another, and succeeds", (t) =>
    withSimulator({ machines: [{ id: machineId, online: true }] }, async (client, simulator, clock) => {
        const { body } = await client.post(`/api/machines/${machineId}/runliveresponse`, {
            Comment: "c",
            Commands: commands,
        });
        const seen: string[] = [];
        for (let second = 1; second <= 30; second++) {
            clock.advance(1_000);
            const row = simulator.action(body.id ?? "");
            const state = `${row?.status}: ${statuses(row).join(" ")}`;
            if (!seen.at(-1)?.endsWith(` ${state}`)) {
                seen.push(`${second} s ${state}`);
            }
        }
        t.deepEqual(seen, [
            "1 s Pending: ",
            "5 s Pending: Created Created",
            "6 s InProgress: Executing Created",
            "16 s InProgress: Completed Executing",
            "26 s Succeeded: Completed Completed",
        ]);
        t.like(simulator.action(body.id ?? "")?.commands[1], {
            startTime: "2026-05-04T10:00:16Z",
            endTime: "2026-05-04T10:00:26Z",
        });
    }));

test("how long its commands run is as its seed says: each one, or all of them together", async (t) => {
    for (const times of [
        { liveResponse: { commands, commandRunsForMs: 500 } },
        { liveResponse: { commands }, runsForMs: 1_000 },
    ]) {
        const actions = [{ id, machineId, ...times, machine: { online: true } }];
        await withSimulator({ actions }, async (_, simulator, clock) => {
            clock.advance(500);
            t.deepEqual(statuses(simulator.action(id)), ["Completed", "Executing"]);
            clock.advance(500);
            t.is(simulator.action(id)?.status, "Succeeded");
        });
    }
});

test("a live response that is cancelled between two commands keeps the first as Completed", (t) => {
    const actions = [{ id, machineId, liveResponse: { commands }, settleMs: 2_000, machine: { online: true } }];
    return withSimulator({ actions }, async (client, simulator, clock) => {
        clock.advance(12_000);
        await client.cancel(id);
        clock.advance(60_000);
        t.is(simulator.action(id)?.status, "Cancelled");
        t.deepEqual(statuses(simulator.action(id)), ["Completed", "Executing"]);
    });
});

test("a live response on an offline machine waits, and its progress shows when the machine is online again", (t) => {
    const actions = [{ id, machineId, liveResponse: { commands }, machine: { online: false } }];
    return withSimulator({ actions }, async (_, simulator, clock) => {
        clock.advance(3_600_000);
        t.is(simulator.action(id)?.status, "Pending");
        t.deepEqual(statuses(simulator.action(id)), ["Created", "Created"]);
        simulator.comeBack(machineId);
        clock.advance(5_000);
        simulator.goOffline(machineId);
        clock.advance(7_000);
        t.deepEqual(statuses(simulator.action(id)), ["Executing", "Created"]);
        simulator.comeBack(machineId);
        t.deepEqual(statuses(simulator.action(id)), ["Completed", "Executing"]);
    });
});

test("a live response that is seeded as Succeeded has Completed commands, and one in progress runs the first", (t) =>
    withSimulator(
        {
            actions: [
                { id, liveResponse: { commands }, status: "Succeeded" },
                { id: idOf(2), liveResponse: { commands }, status: "InProgress" },
            ],
        },
        async (_, simulator) => {
            t.deepEqual(statuses(simulator.action(id)), ["Completed", "Completed"]);
            t.deepEqual(statuses(simulator.action(idOf(2))), ["Executing", "Created"]);
        },
    ));

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

test("a live response without them shows the commands that were seeded, however it ends", (t) =>
    withSimulator({ actions: [{ id, type: "LiveResponse", commands: ["as text"] }] }, async (_, simulator) => {
        simulator.start(id);
        simulator.finish(id, "Succeeded");
        t.deepEqual(simulator.action(id)?.commands, ["as text"]);
    }));
