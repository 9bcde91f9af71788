import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { endings } from "../../../simulator/actions/action-conduct.ts";
import { expandFleet, readFleet } from "../../../simulator/game-day/fleet-file.ts";
import { createMachineRows } from "../../../simulator/machines/machine-rows.ts";

const now = Date.parse("2026-05-05T07:00:00Z");

test("an entry stands for many actions, each with a number, an id that is always the same, and an age", (t) => {
    const fleet = expandFleet([{ count: 3, computerDnsName: "ws-{n}", ageMinutes: 30 }, { id: "x" }], now);
    t.deepEqual(
        fleet.map(({ computerDnsName }) => computerDnsName),
        ["ws-0001", "ws-0002", "ws-0003", undefined],
    );
    t.deepEqual(
        new Set(fleet.slice(0, 3).map((seed) => seed.creationDateTimeUtc)),
        new Set(["2026-05-05T06:30:00.000Z"]),
    );
    t.is(fleet[3]?.id, "x");
    t.is(new Set(fleet.map(({ id }) => id)).size, 4);
    t.deepEqual(
        fleet.map(({ id }) => id),
        expandFleet([{ count: 3 }, { id: "x" }], now).map(({ id }) => id),
    );
});

test("the machines of an entry were last seen so long ago, and come back one after another", (t) => {
    const machine = { lastSeenMinutesAgo: 60, backAfterMinutes: 5, backEveryMinutes: 2, riskScore: "High" };
    t.deepEqual(
        expandFleet([{ count: 2, machine }, {}], now).map((seed) => seed.machine),
        [
            { lastSeen: "2026-05-05T06:00:00.000Z", backAt: "2026-05-05T07:05:00.000Z", riskScore: "High" },
            { lastSeen: "2026-05-05T06:00:00.000Z", backAt: "2026-05-05T07:07:00.000Z", riskScore: "High" },
            undefined,
        ],
    );
});

const durations = [
    "settle",
    "visibleAfter",
    "reissuedAfter",
    "resumedAfter",
    "runsFor",
    "timesOutAfter",
    "machineShownAfter",
] as const;

for (const name of durations) {
    test(`${name} is given in seconds or in milliseconds, not in both`, (t) => {
        const folder = mkdtempSync(join(tmpdir(), "fleet-file-"));
        t.teardown(() => rmSync(folder, { recursive: true }));
        const file = join(folder, "fleet.json");
        const read = (entry: object) => {
            writeFileSync(file, JSON.stringify([entry]));
            return readFleet(file, now);
        };
        t.like(read({ [`${name}Seconds`]: 1.5 })[0], { [`${name}Ms`]: 1_500 });
        t.like(read({ [`${name}Ms`]: 1_500 })[0], { [`${name}Ms`]: 1_500 });
        t.throws(() => read({ [`${name}Seconds`]: 1, [`${name}Ms`]: 1_000 }), {
            message: new RegExp(`${name}Seconds and ${name}Ms exclude each other`),
        });
        t.throws(() => read({ [`${name}Seconds`]: -1 }), { message: new RegExp(name) });
    });
}

test("the durations of a live response are in seconds too", (t) => {
    const liveResponse = { commandsAfterSeconds: 2, commandRunsForSeconds: 20 };
    t.deepEqual(expandFleet([{ liveResponse }], now)[0]?.liveResponse, {
        commandsAfterMs: 2_000,
        commandRunsForMs: 20_000,
    });
});

test("a file is checked, and what is wrong is named", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "fleet-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "fleet.json");
    writeFileSync(file, '[{ "count": 2, "behaviour": "never-final" }]');
    t.deepEqual(
        readFleet(file, now).map(({ behaviour }) => behaviour),
        ["never-final", "never-final"],
    );
    writeFileSync(file, JSON.stringify(Object.keys(endings).map((behaviour) => ({ behaviour }))));
    t.is(readFleet(file, now).length, 7, "every behaviour that a seed may have");
    const whole = {
        machine: { lastSeen: null, backAt: "2026-05-05T08:00:00Z", machineTags: ["tier-0"] },
        liveResponse: { commands: [{ type: "GetFile", params: [] }], commandsAfterMs: 0 },
        onceStarted: "never-final",
        runsForMs: 1,
        endsAs: "Failed",
        timesOutAfterMs: 2,
    };
    writeFileSync(file, JSON.stringify([whole]));
    t.like(readFleet(file, now), [whole as object]);
    writeFileSync(file, '[{ "machine": { "backat": "2026-05-05T08:00:00Z" } }]');
    t.throws(() => readFleet(file, now), { message: /backat/ });
    writeFileSync(file, '[{ "behavior": "pending" }]');
    t.throws(() => readFleet(file, now), { message: /behavior/ });
});

test("a file may give a machine each property that the API shows, and null for each", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "fleet-file-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const id = "3c0ffee0123456789abcdef0123456789abcdef0";
    const { id: _, ...given } = createMachineRows(() => now)(id, undefined, undefined);
    const vmMetadata = { vmId: "1", cloudProvider: "Azure", resourceId: null, subscriptionId: null };
    const machines = [{ ...given, vmMetadata }, Object.fromEntries(Object.keys(given).map((name) => [name, null]))];
    const file = join(folder, "fleet.json");
    writeFileSync(file, JSON.stringify(machines.map((machine) => ({ machine }))));
    t.deepEqual(
        readFleet(file, now).map(({ machine }): object | undefined => machine),
        machines,
    );
});

const refused: readonly [object, RegExp][] = [
    [{ type: "Isolat" }, /^\[0\]\.type: seen "Isolat", expected the name of a type: did you mean Isolate\?$/],
    [{ type: "RunAntivirusScn" }, /did you mean RunAntiVirusScan\?$/],
    [{ status: "pending" }, /^\[0\]\.status: seen "pending", .*did you mean Pending\?$/],
    [{ status: "Stuck" }, /expected one of Pending, InProgress, Succeeded, Failed, TimeOut, Cancelled$/],
    [{ endsAs: "Suceeded" }, /did you mean Succeeded\?$/],
    [{ count: 2, id: crypto.randomUUID() }, /^\[0\]\.id: .*id and count exclude each other$/],
    [{ ageMinutes: 1, creationDateTimeUtc: "2026-05-05T07:00:00Z" }, /ageMinutes and creationDateTimeUtc exclude/],
    [{ machine: { backEveryMinutes: 1 } }, /^\[0\]\.machine\.backEveryMinutes: .* needs backAfterMinutes$/],
    [{ machine: { onlineChanges: [{ at: "2026-05-05T07:00:00Z" }] } }, /it has no `online`, expected true or false$/],
];

for (const [entry, message] of refused) {
    test(`a file with ${JSON.stringify(Object.keys(entry))} is refused: ${message.source}`, (t) => {
        const folder = mkdtempSync(join(tmpdir(), "fleet-file-"));
        t.teardown(() => rmSync(folder, { recursive: true }));
        const file = join(folder, "fleet.json");
        writeFileSync(file, JSON.stringify([entry]));
        t.throws(() => readFleet(file, now), { message });
    });
}

test("types that are like no known one, and other spellings of a known one, are taken", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "fleet-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "fleet.json");
    const types = ["Live Response", "isolate", "Onboard", "ContainUser", "GetFileFromQuarantine", "x"];
    writeFileSync(file, JSON.stringify(types.map((type) => ({ type }))));
    t.deepEqual(
        readFleet(file, now).map(({ type }) => type),
        types,
    );
});
