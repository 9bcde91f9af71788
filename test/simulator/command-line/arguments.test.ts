import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readArguments, usage } from "../../../simulator/command-line/arguments.ts";
import { faultNames } from "../../../simulator/faults/fault.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { faultScript, type ScriptedFault } from "../../../simulator/index.ts";

function fileWith(text: string, teardown: (clear: () => void) => void): string {
    const folder = mkdtempSync(join(tmpdir(), "command-arguments-"));
    teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "faults.json"), text);
    return join(folder, "faults.json");
}

test("without flags the command listens on any port, takes any token and lets nothing go wrong", (t) => {
    const { fleet, machines, ...settings } = readArguments([]);
    t.deepEqual(settings, {
        port: 0,
        token: undefined,
        signIn: false,
        quotas: [],
        faults: undefined,
        speed: 1,
        steps: false,
        json: false,
        help: false,
    });
    t.is(fleet(0).length, 8);
    t.deepEqual(machines(0), []);
});

test("a scenario brings its fleet, quotas and faults; own flags win", (t) => {
    const { fleet, quotas, faults } = readArguments(["--scenario", "bad-day"]);
    t.is(fleet(0).length, 29);
    t.is(quotas.length, 1);
    t.truthy(faults);
    t.is(readArguments(["--scenario", "bad-day", "--quota", "5/60"]).quotas[0]?.requests, 5);
    t.throws(() => readArguments(["--scenario", "toString"]), {
        message: /--scenario must be one of demo, wrong-scope/,
    });
    t.throws(() => readArguments(["--scenario", "late", "--fleet", "x"]), { message: /exclude each other/ });
    t.true(Object.keys(scenarios).every((name) => usage.includes(`  ${name} `)));
});

test("a fleet file that is no list of actions is named in the complaint", (t) => {
    const file = fileWith('[{ "count": 0 }]', t.teardown);
    t.throws(() => readArguments(["--fleet", file]).fleet(0), { message: /^--fleet .*: .*\[0\]\.count/ });
});

test("a machines file brings machines, and one that is malformed is named in the complaint", (t) => {
    const file = fileWith('[{ "count": 3 }]', t.teardown);
    t.is(readArguments(["--machines", file]).machines(0).length, 3);
    const wrong = fileWith('[{ "onlin": true }]', t.teardown);
    t.throws(() => readArguments(["--machines", wrong]).machines(0), { message: /^--machines .*onlin/ });
});

test("the speed is a positive number", (t) => {
    t.is(readArguments(["--speed", "60"]).speed, 60);
    t.is(readArguments(["--speed=0.5"]).speed, 0.5);
    for (const wrong of ["0", "0.0", "-1", "fast", "1e3", ""]) {
        t.throws(() => readArguments([`--speed=${wrong}`]), { message: /--speed must be a positive number/ });
    }
    t.true(readArguments(["--steps"]).steps);
});

test("a quota is so many requests in so many seconds, and there may be several", (t) => {
    t.deepEqual(readArguments(["--quota", "100/60", "--quota=1500/3600"]).quotas, [
        { requests: 100, periodMs: 60_000, window: "sliding" },
        { requests: 1_500, periodMs: 3_600_000, window: "sliding" },
    ]);
    for (const wrong of ["100", "0/60", "1/0", "1.5/60", "100/60s", "-1/60", "1/60/60"]) {
        t.throws(() => readArguments([`--quota=${wrong}`]), { message: /--quota must be N\/SECONDS/ });
    }
});

test("the faults are those of the file", (t) => {
    const file = fileWith('[{ "operation": "cancel", "nth": 1, "fault": "drop after" }]', t.teardown);
    const { faults } = readArguments(["--faults", file]);
    t.is(faults?.({ operation: "get", nth: 1, nthOverall: 1 }), undefined);
    t.is(faults?.({ operation: "cancel", nth: 1, nthOverall: 2 }), "drop after");
});

test("a file of faults that is not there, no JSON or no script is named in the complaint", (t) => {
    for (const file of ["/nosuch.json", fileWith("[", t.teardown), fileWith('[{"fault":"x"}]', t.teardown)]) {
        const error = t.throws(() => readArguments(["--faults", file]));
        t.true(error?.message.startsWith(`--faults ${file}: `), error?.message);
    }
});

test("a token of one's own and a sign-in exclude each other", (t) => {
    t.true(readArguments(["--sign-in"]).signIn);
    t.throws(() => readArguments(["--sign-in", "--token", "x"]), { message: /exclude each other/ });
});

test("the usage names every flag and every fault, and its examples are faults", (t) => {
    for (const flag of [
        "--machines FILE",
        "--speed N",
        "--steps",
        "--port N",
        "--token T",
        "--sign-in",
        "--quota N/SECONDS",
        "--faults FILE",
        "--help",
    ]) {
        t.true(usage.includes(`  ${flag}`), flag);
    }
    for (const name of faultNames) {
        t.true(usage.replaceAll(/\s+/g, " ").includes(name), name);
    }
    t.true(usage.split("\n").every((line) => line.length <= 120));
    const script = /\[\{[^[]*\[2, 3\].*\}\]/.exec(usage)?.[0] ?? "";
    t.notThrows(() => faultScript(JSON.parse(script)));
    const examples = [...usage.matchAll(/\{ "name": .*\}$/gm)].map(([text]) =>
        text.replace("GUID", crypto.randomUUID()),
    );
    t.is(examples.length, 5);
    for (const example of examples) {
        t.notThrows(() => faultScript([{ fault: JSON.parse(example) as ScriptedFault["fault"] }]), example);
    }
});
