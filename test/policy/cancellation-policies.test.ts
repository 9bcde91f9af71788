import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import test from "ava";
import { type CancellationPolicyArgs, cancellationPolicies } from "../../policy/index.ts";
import { analyze } from "../helpers/policy-pack.ts";

const all: Required<Omit<CancellationPolicyArgs, "enforcementLevel">> = {
    ticket: /^INC-\d+: /,
    maxPerStack: 200,
    requireExpect: ["type", "machineId", "requestor"],
    maxNotAfterHours: 24,
    allowTypes: ["Isolate"],
    denyTypes: ["Offboard"],
    protectMachineIds: ["f".repeat(40)],
};

const namesOf = (args?: CancellationPolicyArgs) => cancellationPolicies(args).map(({ name }) => name);

const always = ["cancellation-not-from-query", "cancellation-provider-text"];

test("only the rules that are asked for are made, and two always are", (t) => {
    t.deepEqual(namesOf(), always);
    t.deepEqual(namesOf({ maxPerStack: 200 }), ["cancellation-max-per-stack", ...always]);
    t.is(namesOf(all).length, Object.keys(all).length + always.length);
    for (const [rule, value] of Object.entries(all)) {
        t.is(namesOf({ [rule]: value }).length, 1 + always.length, rule);
    }
});

test("a violation is mandatory unless the level says otherwise, whatever the pack's own", async (t) => {
    const levelOf = async (args: CancellationPolicyArgs) => {
        const policies = cancellationPolicies({ ...args, ticket: /^INC-/ });
        const { violations } = await analyze(policies, { props: { comment: "wrong machines" } });
        return violations.map(({ level }) => level);
    };
    t.deepEqual(await levelOf({}), ["mandatory"]);
    t.deepEqual(await levelOf({ enforcementLevel: "advisory" }), ["advisory"]);
    t.deepEqual(await levelOf({ enforcementLevel: "disabled" }), []);
});

test("a violation begins with what the policy is for", async (t) => {
    const { violations } = await analyze(cancellationPolicies({ ticket: /^INC-/ }), { props: { comment: "no" } });
    t.is(
        violations[0]?.message,
        'The comment of a cancellation names its ticket.\ncomment is "no": expected a match of /^INC-/',
    );
});

test("a rule that does not exist, or a value that makes none, is an error", (t) => {
    const wrong: readonly (readonly [object, RegExp])[] = [
        [{ tickets: /^INC-/ }, /"tickets" is not a rule: expected one of ticket, maxPerStack, /],
        [{ ticket: "^INC-" }, /ticket is "\^INC-": expected a regular expression/],
        [{ maxPerStack: "200" }, /maxPerStack is "200": expected a whole number/],
        [{ maxPerStack: -1 }, /maxPerStack is -1/],
        [{ maxNotAfterHours: 0 }, /maxNotAfterHours: expected a number of hours, more than 0/],
        [{ requireExpect: [] }, /requireExpect: expected at least one/],
        [{ requireExpect: ["hostname"] }, /requireExpect\.0: expected one of type, machineId/],
        [{ allowTypes: "Isolate" }, /allowTypes: expected a list/],
        [{ protectMachineIds: ["dc-01"] }, /protectMachineIds\.0: expected the id of a machine/],
        [{ enforcementLevel: "remediate" }, /enforcementLevel is "remediate"/],
        [{ maxPerRun: 5 }, /"maxPerRun" is not a rule/],
    ];
    for (const [args, message] of wrong) {
        t.throws(() => cancellationPolicies(args as CancellationPolicyArgs), {
            code: "ERR_DEFENDER_CONFIGURATION",
            message,
        });
    }
    t.notThrows(() => cancellationPolicies({ ticket: undefined } as unknown as CancellationPolicyArgs));
});

test("docs/policies.md has every rule with its policy, and no other", (t) => {
    const page = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| (?:`(\w+)`|always) \| `(cancellation-[a-z-]+)` \|/gm)];
    t.deepEqual(
        rows.map(([, , policy]) => policy),
        namesOf(all),
    );
    t.deepEqual(
        rows.map(([, rule]) => rule),
        [...Object.keys(all), undefined, undefined],
    );
});

const load = (flag: string, source: string) =>
    promisify(execFile)(process.execPath, [flag, "--eval", `${source}; console.log(cancellationPolicies().length)`], {
        cwd: new URL("../../", import.meta.url),
    });

test("CommonJS and ES modules load it, without the SDK and without what requests need", async (t) => {
    const subpath = "pulumi-defender-cancellation/policy";
    const required = await load(
        "--input-type=commonjs",
        `const { cancellationPolicies } = require("${subpath}");
         const loaded = Object.keys(require("node:module")._cache ?? {});
         if (loaded.some((path) => /[\\\\/](@pulumi|got|@azure)[\\\\/]/.test(path))) throw new Error(loaded.join())`,
    );
    t.is(required.stdout.trim(), "2");
    const imported = await load("--input-type=module", `import { cancellationPolicies } from "${subpath}"`);
    t.is(imported.stdout.trim(), "2");
});
