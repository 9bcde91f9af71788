import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { readGuardFile } from "../../provider/guard/guard-file.ts";
import { DefenderError } from "../../provider/model/errors.ts";

async function folderFor(t: ExecutionContext): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "defender-guard-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    return folder;
}

async function guardOf(t: ExecutionContext, text: string | Buffer): Promise<string> {
    const path = join(await folderFor(t), "guard.yaml");
    await writeFile(path, text);
    return path;
}

test("a guard is read with the SHA-256 of its bytes", async (t) => {
    const text = `# The owner's word
version: 1
maxPerRun: 200
maxPerDay: 500
requireExpect: [type, machineId]
maxNotAfterHours: 24.5
allowTypes: [Isolate, RunAntiVirusScan]
denyTypes: [Unisolate]
allowRequestors: [soar@contoso.example]
protectMachineIds:
  - "1234567890123456789012345678901234567890"
  - ${"aB".repeat(20)}
protectTypes: [Isolate]
protectTags: [yes, tier-0]
protectRiskScores: [high]
`;
    const path = await guardOf(t, text);
    t.deepEqual(await readGuardFile(path), {
        path,
        sha256: createHash("sha256").update(text).digest("hex"),
        rules: {
            maxPerRun: 200,
            maxPerDay: 500,
            requireExpect: ["type", "machineId"],
            maxNotAfterHours: 24.5,
            allowTypes: ["Isolate", "RunAntiVirusScan"],
            denyTypes: ["Unisolate"],
            allowRequestors: ["soar@contoso.example"],
            protectMachineIds: ["1234567890123456789012345678901234567890", "aB".repeat(20)],
            protectTypes: ["Isolate"],
            protectTags: ["yes", "tier-0"],
            protectRiskScores: ["high"],
        },
        doubts: [],
    });
});

const broken: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
    "an empty file": ["", /line 1, column 1: it holds no rules: expected a mapping/],
    "a list": ["[maxPerRun]", /it holds no rules/],
    "no version": ["maxPerRun: 1", /version is missing: expected 1/],
    "another version": ["version: 2\nmaxPerRun: 1", /line 1, column 10: version is 2: expected 1/],
    "no rule": ["version: 1", /it has no rule: expected at least one of maxPerRun/],
    "an unknown key": [
        "version: 1\nmaxPerRun: 1\ndenyType: [x]",
        /line 3, column 1: "denyType" is not a rule: expected one/,
    ],
    "a key of JavaScript's": ["version: 1\n__proto__: {}\nmaxPerRun: 1", /line 2, column 1: "__proto__" is not a rule/],
    "a merge key": ["version: 1\n<<: { maxPerRun: 9 }\ndenyTypes: [x]", /line 2, column 1: "<<" is not a rule/],
    "a key that comes twice by an alias": [
        "version: 1\nprotectTags: [&a maxPerRun]\nmaxPerRun: 1\n*a : 9",
        /line 2, column 18: an anchor: .*line 4, column 1: a key that is not text/,
    ],
    "nesting without end": [`version: 1\nallowTypes: ${"[".repeat(100_000)}`, /nested too deeply/],
    "50,000 unknown keys": [
        `version: 1\n${Array.from({ length: 50_000 }, (_, nth) => `k${nth}: 1\n`).join("")}`,
        /line 2, column 1: "k0" is not a rule.*; and 49995 more/,
    ],
    "a key that comes twice": [
        "version: 1\nmaxPerRun: 1\nmaxPerRun: 9",
        /line 3, column 1: maxPerRun again, as in line 2, column 1/,
    ],
    "a number as text": ['version: 1\nmaxPerRun: "5"', /line 2, column 12: maxPerRun is "5": expected a whole number/],
    "half a request": ["version: 1\nmaxPerRun: 1.5", /maxPerRun is 1.5: expected a whole number/],
    "a negative number": ["version: 1\nmaxPerRun: -1", /maxPerRun is -1: expected a whole number, 0 or more/],
    "hours without end": [
        "version: 1\nmaxNotAfterHours: .inf",
        /maxNotAfterHours is Infinity: expected a number of hours/,
    ],
    "a word for a list": ["version: 1\ndenyTypes: Unisolate", /denyTypes is "Unisolate": expected a list/],
    "a day of a fraction": ["version: 1\nmaxPerDay: 0.5", /maxPerDay is 0.5: expected a whole number/],
    "a day below nothing": ["version: 1\nmaxPerDay: -1", /maxPerDay is -1: expected a whole number, 0 or more/],
    "a day as text": ['version: 1\nmaxPerDay: "50"', /maxPerDay is "50": expected a whole number/],
    "a list of nothing": ["version: 1\nallowTypes: []", /allowTypes is a list: expected at least one/],
    "a blank word": ['version: 1\nprotectTags: [" "]', /line 2, column 15: protectTags\[0\] is " ": expected text/],
    "an id that reads as a number": [
        `version: 1\nprotectMachineIds:\n  - ${"12".repeat(20)}`,
        /line 3, column 5: protectMachineIds\[0\] is 1.2\d+e\+39: expected the id of a machine; write it in quotes/,
    ],
    "a host name for an id": [
        "version: 1\nprotectMachineIds: [ws-1]",
        /\[0\] is "ws-1": expected the id of a machine, 40/,
    ],
    "a risk score that does not exist": [
        "version: 1\nprotectRiskScores: [Hihg]",
        /is "Hihg": expected one of None, Info/,
    ],
    "a property that cannot be expected": [
        "version: 1\nrequireExpect: [scope]",
        /is "scope": expected one of type, mach/,
    ],
    "several documents": [
        "version: 1\nmaxPerRun: 1\n---\ndenyTypes: [x]",
        /line 3, column 1: Source contains multiple doc/,
    ],
    "a tag of another language": [
        "version: 1\nmaxPerRun: !!js/function x",
        /line 2, column 26: a tag, tag:yaml\.org,2002:js\/function: only plain values/,
    ],
    "a tag that the parser knows": [
        "version: 1\nmaxPerRun: !!int 1",
        /a tag, tag:yaml\.org,2002:int: only plain values/,
    ],
    "an anchor": [
        "version: 1\nmaxPerRun: &all 1",
        /line 2, column 17: an anchor: write the value at each place that needs it/,
    ],
    "a number as a key": ["version: 1\n1: 2", /line 2, column 1: a key that is not text/],
    "a bidirectional character in a comment": [
        "version: 1\n# \u202ex\nmaxPerRun: 1",
        /line 2, column 3: the character U\+202E: control, bidirectional and invisible characters are refused/,
    ],
    "YAML 1.1, where 010 is 8": ["%YAML 1.1\n---\nversion: 1\nmaxPerRun: 010", /expected YAML 1.2/],
    "no YAML": ["version: [1", /line 1, column \d+: Flow sequence/],
    "aliases without end": [
        `a: &a [x,x,x,x,x,x,x,x,x]\n${["a", "b", "c", "d"].map((n, i) => `${"bcde"[i]}: &${"bcde"[i]} [${`*${n},`.repeat(9)}]`).join("\n")}`,
        /an anchor: .*an alias: /,
    ],
    "no text": [Buffer.from([0xff, 0xc3, 0x28, 0x80]), /it is not UTF-8 text/],
    "a file without end": [Buffer.alloc(1_000_001, "#"), /it has 1000001 bytes, more than 1000000/],
};
for (const [what, [text, message]] of Object.entries(broken)) {
    test(`${what} is no guard`, async (t) => {
        const error = await t.throwsAsync(readGuardFile(await guardOf(t, text)), {
            instanceOf: DefenderError,
            message,
        });
        t.is(error?.code, "ERR_DEFENDER_GUARD");
        t.regex(error?.message ?? "", /Nothing is sent/);
    });
}

test("what is not there, or not a file, is no guard", async (t) => {
    const folder = await folderFor(t);
    await t.throwsAsync(readGuardFile(join(folder, "none.yaml")), { message: /there is no such file/ });
    await t.throwsAsync(readGuardFile(folder), { message: /it is not a file/ });
    await t.throwsAsync(readGuardFile("/dev/null"), { message: /it is not a file/ });
});

test("hostile text in a guard is shown clean, and of many faults the first are named", async (t) => {
    const lines = Array.from({ length: 9 }, (_, n) => `"\\e[31mrule\\u202e${n}": 1`).join("\n");
    const path = await guardOf(t, `version: 1\nmaxPerRun: 1\n${lines}`);
    const { message = "" } = (await t.throwsAsync(readGuardFile(path))) ?? {};
    t.regex(message, /line 3, column 1: "rule0" is not a rule.*line 7, column 1: "rule4".*and 4 more/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what must not be there
    t.notRegex(message, /[\u001b\u202e]/);
});

test("a type that nobody knows is a doubt, not a fault: new ones come", async (t) => {
    const { doubts } = await readGuardFile(await guardOf(t, "version: 1\ndenyTypes: [Unisolat, UNISOLATE]"));
    t.is(doubts.length, 1);
    t.regex(doubts[0] ?? "", /^denyTypes has "Unisolat": this package does not know this type\. Expected one of /);
});

test("a guard inside the working tree is a doubt, by whatever way its path leads there", async (t) => {
    const tree = await folderFor(t);
    await mkdir(join(tree, ".git"));
    await mkdir(join(tree, "stacks", "prod"), { recursive: true });
    const inside = join(tree, "guard.yaml");
    await writeFile(inside, "version: 1\nmaxPerRun: 1\n");
    const outside = await guardOf(t, "version: 1\nmaxPerRun: 1\n");
    const link = join(await folderFor(t), "link.yaml");
    await symlink(inside, link);
    const program = join(tree, "stacks", "prod");
    for (const path of [inside, link]) {
        const { doubts } = await readGuardFile(path, program);
        t.regex(doubts[0] ?? "", /^it is in .*: anyone who can change that tree can change the guard/);
    }
    t.deepEqual((await readGuardFile(outside, program)).doubts, []);
    // A folder that belongs to no tree is one itself, but for the root, which holds everything.
    t.is((await readGuardFile(outside, dirname(outside))).doubts.length, 1);
    t.deepEqual((await readGuardFile(outside, "/")).doubts, []);
});

test("what is wrong is told in the order of the lines, five places at most", async (t) => {
    const message = async (text: string) => {
        const error = await t.throwsAsync(readGuardFile(await guardOf(t, text)), { instanceOf: DefenderError });
        return error?.message ?? "";
    };
    const places = (text: string) => text.match(/line \d+/g)?.map((line) => Number(line.slice(5)));
    t.deepEqual(places(await message("denyType: [x]\nversion: 2\nallowType: [x]\nmaxPerRun: -1\n")), [1, 2, 3, 4]);
    const many = (count: number) => `version: 1\n${Array.from({ length: count }, (_, at) => `x${at}: 1\n`).join("")}`;
    t.notRegex(await message(many(5)), / more/);
    const seven = await message(many(7));
    t.regex(seven, /; and 2 more\. Nothing is sent/);
    t.is(places(seven)?.length, 5);
});

test("the example is a guard without doubts, and denies what reverses a containment", async (t) => {
    const example = fileURLToPath(new URL("../../guard.example.yaml", import.meta.url));
    const { rules, doubts } = await readGuardFile(example, await folderFor(t));
    t.deepEqual(rules.denyTypes, ["Unisolate", "UnrestrictCodeExecution"]);
    t.is(Object.keys(rules).length, 11, "every rule is shown");
    t.deepEqual(doubts, []);
});
