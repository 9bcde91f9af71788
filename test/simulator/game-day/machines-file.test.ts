import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { expandMachines, readMachines } from "../../../simulator/game-day/machines-file.ts";
import { blocksOf } from "../../helpers/page-commands.ts";
import { start, withSimulator } from "../client.ts";

const after = (minutes: number) => new Date(start + minutes * 60_000).toISOString();

test("an entry stands for many machines, each with a number, an id that is always the same, and online", (t) => {
    const entries = [{ count: 3, computerDnsName: "ws-{n}.contoso.example", riskScore: "High" }, {}];
    const machines = expandMachines(entries, start);
    t.deepEqual(
        machines.map(({ computerDnsName, online }) => [computerDnsName, online]),
        [
            ["ws-0001.contoso.example", true],
            ["ws-0002.contoso.example", true],
            ["ws-0003.contoso.example", true],
            [undefined, true],
        ],
    );
    t.true(machines.every(({ id }) => /^[0-9a-f]{40}$/.test(id)));
    t.is(new Set(machines.map(({ id }) => id)).size, 4);
    t.deepEqual(machines, expandMachines(entries, start));
    t.is(expandMachines([{ id: "A".repeat(40) }], start)[0]?.id, "A".repeat(40));
});

test("machines come and go at times or in minutes, one after another", (t) => {
    const presence = (entry: object) => {
        const [, second] = expandMachines([{ count: 2, ...entry }], start);
        return { online: second?.online, backAt: second?.backAt, onlineChanges: second?.onlineChanges };
    };
    const nothing = { online: undefined, backAt: undefined, onlineChanges: undefined };
    t.deepEqual(presence({ online: false }), { ...nothing, online: false });
    t.deepEqual(presence({ backAfterMinutes: 2, backEveryMinutes: 3 }), { ...nothing, backAt: after(5) });
    t.deepEqual(presence({ offlineAfterMinutes: 1, offlineEveryMinutes: 0.5, backAfterMinutes: 4 }), {
        ...nothing,
        backAt: after(4),
        onlineChanges: [{ at: after(1.5), online: false }],
    });
    const changes = [
        { afterMinutes: 1, online: false },
        { at: after(9), online: true },
    ];
    t.deepEqual(presence({ onlineChanges: changes }), {
        ...nothing,
        onlineChanges: [
            { at: after(1), online: false },
            { at: after(9), online: true },
        ],
    });
});

test("what is submitted on the machines of a file runs and ends as the file says", (t) => {
    const machines = expandMachines([{ runsForSeconds: 5, endsAs: "Failed", lastSeenMinutesAgo: 60 }], start);
    return withSimulator({ machines }, async (client, simulator, clock) => {
        const path = `/api/machines/${machines[0]?.id}`;
        t.is((await client.get(path)).body.lastSeen, "2026-05-04T09:00:00Z");
        const { body } = await client.post(`${path}/isolate`, { Comment: "x" });
        clock.advance(1_000);
        t.is(simulator.action(body.id ?? "")?.status, "InProgress");
        clock.advance(5_000);
        t.is(simulator.action(body.id ?? "")?.status, "Failed");
    });
});

test("the machines file of the README is one", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "machines-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const [example] = (await blocksOf("simulator/README.md")).filter(
        ({ heading, language }) => heading === "Machines files" && language === "json",
    );
    writeFileSync(join(folder, "machines.json"), example?.text ?? "");
    t.is(readMachines(join(folder, "machines.json"), start).length, 65);
});

test("a file is checked, and what is wrong is named", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "machines-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "machines.json");
    const read = (text: string) => {
        writeFileSync(file, text);
        return readMachines(file, start);
    };
    t.is(read('[{ "count": 40 }, { "id": "3c0ffee0123456789abcdef0123456789abcdef0" }]').length, 41);
    for (const [text, message] of [
        ['[{ "id": "ws-1" }]', /id/],
        ['[{ "runsForMs": 1, "runsForSeconds": 1 }]', /\[0\].*runsForSeconds and runsForMs exclude each other/],
        ['[{ "status": "Pending" }]', /status/],
        ['[{ "onlineChanges": [{ "online": true }] }]', /onlineChanges/],
        ["{}", /list|array/],
        ["[", /JSON/],
    ] as const) {
        t.throws(() => read(text), { message }, text);
    }
});

test("an id and a count exclude each other, and an id with a count of 1 does not", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "machines-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "machines.json");
    const id = "a".repeat(40);
    writeFileSync(file, JSON.stringify([{ count: 3, id }]));
    t.throws(() => readMachines(file, start), { message: /^\[0\]\.id: .*id and count exclude each other$/ });
    writeFileSync(file, JSON.stringify([{ count: 1, id }]));
    t.is(readMachines(file, start)[0]?.id, id);
});
