import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { endings } from "../../simulator/action-seed.ts";
import { expandFleet, readFleet } from "../../simulator/fleet-file.ts";

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
    t.is(readFleet(file, now).length, 6, "every behaviour that a seed may have");
    writeFileSync(file, '[{ "behavior": "pending" }]');
    t.throws(() => readFleet(file, now), { message: /behavior/ });
});
