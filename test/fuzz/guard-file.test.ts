import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import type { GuardRules } from "../../provider/guard/decision.ts";
import { readGuardFile, ruleNames } from "../../provider/guard/guard-file.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { mutated } from "../helpers/hostile.ts";

const rules = {
    maxPerRun: 200,
    maxPerDay: 500,
    requireExpect: ["type", "machineId"],
    maxNotAfterHours: 72,
    allowTypes: ["Isolate", "RunAntiVirusScan"],
    denyTypes: ["Unisolate"],
    allowRequestors: ["soar@contoso.example"],
    protectMachineIds: ["3c0ffee0123456789abcdef0123456789abcdef0"],
    protectTypes: ["Offboard"],
    protectTags: ["tier-0"],
    protectRiskScores: ["High"],
} satisfies Required<GuardRules>;
const guard = { version: 1, ...rules };

async function reader(t: ExecutionContext): Promise<(text: string | Buffer) => Promise<GuardRules | undefined>> {
    const folder = await mkdtemp(join(tmpdir(), "defender-fuzz-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "guard.yaml");
    return async (text) => {
        await writeFile(path, text);
        try {
            return (await readGuardFile(path, folder)).rules;
        } catch (error) {
            assert.ok(error instanceof DefenderError && error.code === "ERR_DEFENDER_GUARD", `${error}`);
            assert.ok(!isDeceptive(error.message) && error.message.length < 5_000, error.message);
            return undefined;
        }
    };
}

const words = [
    ...[
        "maxPerRun: 1e999",
        "maxPerRun: .inf",
        "maxPerRun: -1",
        "maxPerRun: 9007199254740993",
        "maxPerRun: 0x7fffffff",
        "maxPerRun: null",
    ],
    ...[
        "maxperrun: 5\n",
        "denyTypes: []\n",
        "denyTypes: ~\n",
        "<<: { maxPerRun: 1 }\n",
        "&a ",
        "*a",
        "--- \n",
        "...\n",
        "%YAML 1.1\n---\n",
    ],
    ...[
        "!!str ",
        "? ",
        "__proto__: 1\n",
        "'",
        "- Isolate\n",
        "# ",
        "\n#",
        "version: 1\n",
        "maxPerRun: 500\n",
        "protectTypes:\n  - Isolate\n",
    ],
];

/** The rules that the text names at the beginning of a line: what its owner sees. */
function namedIn(text: string): string[] {
    return ruleNames.filter((name) => new RegExp(`^["']?${name}["']?\\s*:(?:\\s|$)`, "m").test(text));
}

test("a guard that was tampered with keeps every rule that is written in it, or none is taken", async (t) => {
    const read = await reader(t);
    const text = stringify(guard);
    await fuzz(
        t,
        "guard files",
        fc.asyncProperty(mutated(text, ...words), async (changed) => {
            const found = await read(changed);
            if (!found) {
                return;
            }
            for (const name of namedIn(changed)) {
                // A key at the beginning of a line inside a block or quoted text is no rule, but such a text has no other form.
                assert.ok(name in found || /[|>"']/.test(changed), `${name} is written, and does not hold`);
            }
            assert.ok(Object.keys(found).every((name) => ruleNames.includes(name)));
            const { maxPerRun = 0, maxNotAfterHours = 1 } = found;
            assert.ok(Number.isSafeInteger(maxPerRun) && maxPerRun >= 0);
            assert.ok(Number.isFinite(maxNotAfterHours) && maxNotAfterHours > 0);
            for (const value of Object.values(found)) {
                assert.ok(
                    !Array.isArray(value) ||
                        (value.length > 0 && value.every((one) => typeof one === "string" && one.trim() !== "")),
                );
            }
            assert.deepEqual(
                await read(stringify({ version: 1, ...found })),
                found,
                "it says the same when it is written again",
            );
        }),
    );
});

const styles = fc.record({
    order: fc.shuffledSubarray(Object.keys(guard), { minLength: Object.keys(guard).length }),
    flow: fc.boolean(),
    asJson: fc.boolean(),
    quotes: fc.constantFrom("PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE"),
    indent: fc.integer({ min: 1, max: 8 }),
    end: fc.constantFrom("\n", "\r\n"),
    bom: fc.boolean(),
    comment: fc.constantFrom("", "# maxPerRun: 1\n", "\n\n"),
});

test("however a guard is laid out, it is the same guard", async (t) => {
    const read = await reader(t);
    await fuzz(
        t,
        "guard layouts",
        fc.asyncProperty(styles, async ({ order, flow, asJson, quotes, indent, end, bom, comment }) => {
            const sorted = Object.fromEntries(order.map((name) => [name, guard[name as keyof typeof guard]]));
            const body = asJson
                ? JSON.stringify(sorted, undefined, indent)
                : stringify(sorted, {
                      indent,
                      collectionStyle: flow ? "flow" : "block",
                      defaultStringType: quotes as "PLAIN",
                      defaultKeyType: "PLAIN",
                  });
            const found = await read(`${bom ? "\ufeff" : ""}${comment}${body}`.replaceAll("\n", end));
            assert.deepEqual(found, rules);
        }),
    );
});

const breaks: Readonly<Record<string, (text: string, name: string) => string>> = {
    "a rule that is there twice": (text, name) => `${text}${stringify({ [name]: guard[name as keyof typeof guard] })}`,
    "another case": (text, name) => text.replace(`${name}:`, `${name.toLowerCase()}:`),
    "a letter too many": (text, name) => text.replace(`${name}:`, `${name}s:`),
    "no value": (text, name) => `${text.replace(new RegExp(`^${name}:[^]*?(?=^\\w)`, "m"), "")}${name}:\n`,
    "an empty list": (text, name) => `${text.replace(new RegExp(`^${name}:[^]*?(?=^\\w)`, "m"), "")}${name}: []\n`,
    "a second document": (text) => `${text}---\nversion: 1\nmaxPerRun: 500\n`,
    "a merge key": (text) => `${text}<<: { maxPerRun: 500 }\n`,
    "a tag": (text, name) => text.replace(`${name}:`, `${name}: !!null`),
    "an older YAML": (text) => `%YAML 1.1\n---\n${text}`,
};

test("a guard with a part that would not count is none", async (t) => {
    const read = await reader(t);
    const names = Object.keys(rules).filter((name) => name !== "protectRiskScores");
    await fuzz(
        t,
        "guard faults",
        fc.asyncProperty(fc.constantFrom(...Object.keys(breaks)), fc.constantFrom(...names), async (kind, name) => {
            assert.equal(await read(breaks[kind]?.(stringify(guard), name) ?? ""), undefined);
        }),
    );
});
