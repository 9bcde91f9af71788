import { join } from "node:path";
import test from "ava";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { commandScene } from "../helpers/command.ts";
import { type ExportedResource, stackExport, storedResource } from "../helpers/stack-state.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const others = ["5f2c7a10-93b4-4c1e-8d2f-000000000001", "5f2c7a10-93b4-4c1e-8d2f-000000000002"];

/** The paths of all strings, numbers and flags within. */
function leaves(value: unknown, path: readonly string[] = []): string[][] {
    return value !== null && typeof value === "object"
        ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
        : [[...path]];
}

function edited(resource: ExportedResource, path: readonly string[]): ExportedResource {
    const copy = structuredClone(resource);
    const last = path.at(-1) ?? "";
    const owner = path.slice(0, -1).reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], copy);
    const values = owner as Record<string, unknown>;
    values[last] = oneByteOff(values[last]);
    return copy;
}

function oneByteOff(value: unknown): unknown {
    if (typeof value !== "string") {
        return typeof value === "number" ? value + 1 : !value;
    }
    const at = Math.floor(value.length / 2);
    const next = value[at] === "3" ? "4" : "3";
    return value.slice(0, at) + next + value.slice(at + 1);
}

test("--verify knows what a guard leaves in the evidence", async (t) => {
    const scene = await commandScene(t, { actions: [...others, id].map((one) => ({ id: one })) });
    await scene.write("guard.yaml", "version: 1\nmaxPerRun: 10\nprotectTypes: [Isolate]\n");
    const guard = { DEFENDER_GUARD: join(scene.folder, "guard.yaml") };
    const approving = async (name: string, args: Properties) => {
        const refused = await t.throwsAsync(storedResource(scene, name, args, guard));
        const reasons = (refused as { reasons?: string[] }).reasons?.join() ?? refused.message;
        // Each action says its own; they add up.
        const approvals = reasons.match(/(?<=DEFENDER_APPROVED_DIGEST=)[0-9a-f]{64}:[0-9a-f]{16}/g) ?? [];
        return storedResource(scene, name, args, { ...guard, DEFENDER_APPROVED_DIGEST: approvals.join(" ") });
    };
    const one = await approving("one", { machineActionId: id, comment: "INC-4711" });
    const many = await approving("many", {
        comment: "INC-4712",
        cancellations: others.map((machineActionId) => ({ machineActionId })),
    });
    t.truthy((one.outputs.evidence as Properties).approvedDigest);
    const { code, stdout } = await scene.run(["report", "--verify"], { stdin: stackExport(one, many) });
    t.is(code, 0, stdout);
    t.regex(stdout, /unverifiable +\S+ +evidence\.guardSha256/);
    const forged = edited(one, ["outputs", "evidence", "approvedDigest"]);
    const found = await scene.run(["report", "--verify"], { stdin: stackExport(forged) });
    t.is(found.code, 2);
    t.regex(found.stdout, /mismatch +\S+ +evidence\.approvedDigest/);
});

test("--verify finds every edited byte but for what nobody else keeps, and says which that is", async (t) => {
    const scene = await commandScene(t, { actions: [...others, id].map((one) => ({ id: one })) });
    const resources = [
        await storedResource(scene, "one", { machineActionId: id, comment: "INC-4711", expect: { type: "Isolate" } }),
        await storedResource(scene, "many", {
            comment: "INC-4712",
            notAfter: "2026-05-06T00:00:00Z",
            cancellations: others.map((machineActionId) => ({ machineActionId })),
        }),
    ];
    const verify = async (...state: ExportedResource[]) =>
        scene.run(["report", "--verify", "--json"], { stdin: stackExport(...state) });
    const clean = await verify(...resources);
    t.is(clean.code, 0, clean.stderr);
    t.regex(clean.stderr, /^verified: \d\d+ match, 0 mismatch, 0 gone, \d+ unverifiable$/m);
    const unseen: string[] = [];
    for (const resource of resources) {
        for (const path of [...leaves(resource.inputs, ["inputs"]), ...leaves(resource.outputs, ["outputs"])]) {
            const { code, stderr } = await verify(edited(resource, path));
            if (code === 0) {
                unseen.push(path.join("."));
            } else {
                t.is(code, 2, `${path.join(".")} ${stderr}`);
            }
        }
    }
    // A version has to look like one: whether its edit is seen depends on the place.
    t.deepEqual(
        unseen.filter((path) => !path.endsWith(".packageVersion")),
        [
            ...["postStatus", "postCorrelationId", "posts", "proofCorrelationId"].map(
                (name) => `outputs.evidence.${name}`,
            ),
            ...others.map((one) => `outputs.results.${one}.postCorrelationId`),
        ],
    );
    // All of them are said to be kept nowhere else.
    const { verification } = JSON.parse(clean.stdout);
    const unverifiable = new Set(
        verification
            .filter(({ verdict }: { verdict: string }) => verdict === "unverifiable")
            .map(({ field }: { field: string }) => field.replace(/\[(\d)\]/, ".$1")),
    );
    for (const path of unseen) {
        const field = path.replace(/^outputs\.(?:results\.[^.]+\.(?=post))?/, "");
        const names = [field, field.replace(".0", ""), `evidence.${field}`];
        t.true(
            names.some((name) => unverifiable.has(name)),
            field,
        );
    }
});

test("an action that Defender no longer knows is gone, one that goes on again is a mismatch", async (t) => {
    const scene = await commandScene(t, { actions: [{ id }] });
    const one = await storedResource(scene, "one", { machineActionId: id, comment: "INC-4711" });
    scene.simulator.resume(id);
    const resumed = await scene.run(["report", "--verify"], { stdin: stackExport(one) });
    t.is(resumed.code, 2);
    t.regex(resumed.stdout, new RegExp(`^mismatch +${id} +status: stored Cancelled; found InProgress$`, "m"));
    const elsewhere = await commandScene(t);
    const gone = await elsewhere.run(["report", "--verify"], { stdin: stackExport(one) });
    t.is(gone.code, 2);
    t.regex(gone.stderr, /Defender does not know the action of this record: another tenant\? Check the credential/);
    t.regex(gone.stdout, new RegExp(`^gone +${id} `, "m"));
});

test("text in state that would run as code is a mismatch", async (t) => {
    const scene = await commandScene(t, { actions: [{ id }] });
    const one = await storedResource(scene, "one", { machineActionId: id, comment: "INC-4711" });
    one.inputs.__provider = 'exports.handler = () => require("./evil");';
    const { code, stdout } = await scene.run(["report", "--verify"], { stdin: stackExport(one), isTerminal: true });
    t.is(code, 2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colour
    t.regex(stdout, /\u001b\[31mmismatch +incident\/prod\/one +inputs\.__provider: .*this text is run as code/);
    const plain = await scene.run(["report", "--verify"], {
        stdin: stackExport(one),
        isTerminal: true,
        env: { NO_COLOR: "1" },
    });
    t.false(plain.stdout.includes("\u001b"));
});

test("evidence that lacks what each record has is a mismatch, of a run as of a single cancellation", async (t) => {
    const scene = await commandScene(t, { actions: [...others, id].map((one) => ({ id: one })) });
    const one = await storedResource(scene, "one", { machineActionId: id, comment: "INC-4711" });
    const cancellations = others.map((machineActionId) => ({ machineActionId }));
    const many = await storedResource(scene, "many", { comment: "INC-4712", cancellations });
    delete (one.outputs.evidence as Record<string, unknown>).posts;
    delete (many.outputs.evidence as Record<string, unknown>[])[0]?.commentSent;
    const { code, stdout } = await scene.run(["report", "--verify"], { stdin: stackExport(one, many) });
    t.is(code, 2);
    t.regex(stdout, /^mismatch +incident\/prod\/one +evidence\.posts: missing$/m);
    t.regex(stdout, /^mismatch +incident\/prod\/many +evidence\[0\]\.commentSent: missing$/m);
});
