import test from "ava";
import { flags } from "../../../simulator/command-line/flags.ts";
import { usageFor } from "../../../simulator/command-line/usage.ts";
import { faultNames } from "../../../simulator/faults/fault.ts";
import { expandFleet } from "../../../simulator/game-day/fleet-file.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { faultScript, type ScriptedFault } from "../../../simulator/index.ts";

const usage = usageFor(undefined);
const words = usage.replaceAll(/\s+/g, " ");

test("the usage names every flag, scenario, fault and exit code, and only examples have more than 80 columns", (t) => {
    for (const { name, value, text } of flags) {
        t.true(words.includes(`${value === undefined ? `--${name}` : `--${name} ${value}`} ${text}`), name);
    }
    for (const [name, { about }] of Object.entries(scenarios)) {
        t.true(words.includes(` ${name} ${about}`), name);
    }
    for (const name of faultNames) {
        t.true(words.includes(name), name);
    }
    t.regex(usage, /Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /);
    t.deepEqual(
        usage.split("\n").filter((line) => line.length > 80 && !line.startsWith('      { "name": ')),
        [],
    );
});

test("the usage fits the terminal, and has at most 100 columns on a wider one", (t) => {
    const longest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
    t.is(usageFor(80), usage);
    t.is(longest(usageFor(99)), 99);
    t.true(longest(usageFor(100)) <= 100);
    t.is(usageFor(200), usageFor(100));
});

test("the examples of the usage are a fleet, a fault script and faults", (t) => {
    t.is(expandFleet(JSON.parse(/\[\{ "count"[\s\S]*?\} \}\]/.exec(usage)?.[0] ?? ""), 0).length, 40);
    const script = /\[\{ "operation"[\s\S]*?\} \}\]/.exec(usage)?.[0] ?? "";
    t.notThrows(() => faultScript(JSON.parse(script)));
    const examples = [...usage.matchAll(/\{ "name": .*\}$/gm)].map(([text]) =>
        text.replace("GUID", crypto.randomUUID()),
    );
    t.is(examples.length, 5);
    for (const example of examples) {
        t.notThrows(() => faultScript([{ fault: JSON.parse(example) as ScriptedFault["fault"] }]), example);
    }
});
