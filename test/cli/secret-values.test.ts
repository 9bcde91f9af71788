import test from "ava";
import { openSecrets, secretPaths } from "../../cli/state/secret-values.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { commandScene } from "../helpers/command.ts";
import { type ExportedResource, stackExport } from "../helpers/stack-state.ts";
import { stageOf, verifiedToken, verify } from "../helpers/verified.ts";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const ciphertext = { ...signature, ciphertext: "v1:QDqNrM52MNJif7+k:707dotbw7F4DFcm7" };
const shown = (value: unknown) => ({ ...signature, plaintext: JSON.stringify(value) });

/** The paths of all values down to a depth. */
function paths(value: unknown, depth: number, path: readonly string[] = []): string[][] {
    const inner =
        depth > 0 && value !== null && typeof value === "object"
            ? Object.entries(value).flatMap(([name, one]) => paths(one, depth - 1, [...path, name]))
            : [];
    return path.length === 0 ? inner : [[...path], ...inner];
}

function withSecret(resource: ExportedResource, path: readonly string[], make: (value: unknown) => unknown) {
    const copy: unknown = structuredClone(resource);
    const owner = path.slice(0, -1).reduce((value, key) => (value as Record<string, unknown>)[key], copy);
    const values = owner as Record<string, unknown>;
    values[path.at(-1) ?? ""] = make(values[path.at(-1) ?? ""]);
    return copy as ExportedResource;
}

test("secrets are read wherever an export shows them, at any depth, also in one another", (t) => {
    const value = { a: shown({ b: [shown("x"), 1] }), c: ciphertext, d: { ...signature, plaintext: "{" } };
    t.deepEqual(openSecrets(value), { a: { b: ["x", 1] }, c: ciphertext, d: value.d });
});

test("what is nested too deep to be read counts as secret", (t) => {
    const outputs: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`);
    t.is(secretPaths(outputs).length, 1);
    t.deepEqual(secretPaths({ a: [{ b: ciphertext }], c: "clear" }), ["a.0.b"]);
});

test("a record with secrets that an export shows is the same record, and one with ciphertext gets no verdict from it", async (t) => {
    const scene = await commandScene(t, { actions: [{}, {}] });
    const [one = "", many] = scene.simulator.actions().map(({ id }) => id);
    const single = (await stageOf(scene, "one", false).up({ machineActionId: one, comment: "INC-4711" })).state();
    const entry = { machineActionId: many, expect: { type: "Isolate" } };
    const set = (await stageOf(scene, "many", true).up({ cancellations: [entry], comment: "INC-4711" })).state();
    const plain = await scene.run(["report", "--json"], { stdin: stackExport(single, set) });
    for (const [resource, depth] of [
        [single, 1],
        [set, 3],
    ] as const) {
        const all = [...paths(resource.inputs, depth, ["inputs"]), ...paths(resource.outputs, depth, ["outputs"])];
        // Every third is enough, except within the values.
        for (const path of all.filter(({ length }, index) => length > 2 || (length === 2 && index % 3 === 0))) {
            const hidden = withSecret(resource, path, () => ciphertext);
            const { code, bad, stderr } = await verify(scene, stackExport(hidden));
            const verdicts = new Set(bad.map((line) => line.split(" ")[0]));
            t.deepEqual([code, [...verdicts]], [2, ["secret"]], `${path.join(".")}: ${bad.join("\n")}`);
            t.regex(stderr, /(?:value is|values are) secret, .*`pulumi stack export --show-secrets`/, path.join("."));
            t.notRegex(stderr, /[1-9]\d* mismatch/);
        }
        const opened = all.filter(({ length }) => length === 2);
        const readable = opened.reduce((state, path) => withSecret(state, path, shown), resource);
        const { code, bad } = await verify(scene, stackExport(readable));
        t.deepEqual([code, bad], [0, []]);
    }
    const opened = [single, set].map((resource) => ({
        ...resource,
        outputs: Object.fromEntries(Object.entries(resource.outputs).map(([name, value]) => [name, shown(value)])),
    }));
    const same = await scene.run(["report", "--json"], { stdin: stackExport(...opened) });
    t.deepEqual(JSON.parse(same.stdout), JSON.parse(plain.stdout));
});

test("a status that is ciphertext is secret, not unproven, and neither a worklist nor audit passes over it", async (t) => {
    const scene = await commandScene(t, { actions: [{ machineId: "a".repeat(40) }] });
    const [one] = scene.simulator.actions().map(({ id }) => id);
    const stage = await stageOf(scene, "one", false).up({ machineActionId: one, comment: "INC-4711" });
    const hidden = withSecret(stage.state(), ["outputs", "status"], () => ciphertext);
    await scene.write("state.json", stackExport(hidden));
    const env = { DEFENDER_ACCESS_TOKEN: verifiedToken };
    const json = await scene.run(["report", "--state", "state.json", "--json"]);
    const { counts } = JSON.parse(json.stdout) as { readonly counts: Properties };
    t.deepEqual(counts, { total: 1, outcome: { secret: 1 }, effect: { secret: 1 } });
    const list = await scene.run([
        "report",
        "--state",
        "state.json",
        "--effect",
        "ran,unknown",
        "--format",
        "machine-ids",
    ]);
    t.is(list.code, 2);
    t.regex(list.stderr, /the effect of 1 action is secret, so the list may lack it/);
    const audit = await scene.run(["audit", "--since", "7d", "--state", "state.json"], { env });
    t.is(audit.code, 2);
    t.regex(audit.stdout, /declared in incident\/prod\/one, but its record is secret/);
    t.notRegex(audit.stdout, /by others/);
    t.regex(audit.stderr, /1 value is secret, .*--show-secrets/);
});
