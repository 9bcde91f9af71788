import { randomUUID } from "node:crypto";
import test from "ava";
import type { Declaration } from "../helpers/engine.ts";
import { scene } from "../helpers/scene.ts";

const comment = "INC-4711";

type Bad = Omit<Declaration, "name">;

const badInputs: Readonly<Record<string, readonly [Bad, RegExp]>> = {
    "a GUID with a path in it": [
        { args: { machineActionId: "../machines/5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f/isolate", comment } },
        /machineActionId is "..\/machines.*": expected the id of a machine action, a GUID/,
    ],
    "a blank comment": [
        { args: { machineActionId: randomUUID(), comment: " \t" } },
        /comment is " +": expected text that is not blank/,
    ],
    "a number for an id": [
        { args: { machineActionId: 4711, comment } },
        /machineActionId is 4711: expected the id of a machine action/,
    ],
    "a property that does not exist": [
        { args: { machineActionId: randomUUID(), comment, machineActionID: "x" } },
        /"machineActionID" is not a property of a cancellation/,
    ],
    "a secret comment": [
        { args: { machineActionId: randomUUID(), comment: "hidden" }, secretComment: true },
        /comment is a secret Output/,
    ],
};

test.serial("bad input fails in preview with a clear message and without a request", async (t) => {
    let bad: Bad = { args: {} };
    const { engine, simulator } = await scene(t, {
        actions: [],
        declare: () => [],
        whole: () => [{ name: "bad", ...bad }],
    });
    for (const [what, [declaration, message]] of Object.entries(badInputs)) {
        bad = declaration;
        const preview = await engine.preview();
        t.true(preview.failed, what);
        t.regex(preview.output, message, what);
        t.notRegex(preview.output, /lifecycle\.js/, `${what}: no stack trace of ours`);
    }
    t.deepEqual(simulator.requests, []);
});

test.serial("one bad declaration among good ones is named, and the good ones are still looked at", async (t) => {
    const { engine } = await scene(t, {
        actions: [{}, {}],
        declare: (ids) => [...ids, "nonsense"].map((machineActionId) => ({ machineActionId })),
    });
    const preview = await engine.preview();
    t.true(preview.failed);
    t.regex(preview.output, /machineActionId is "nonsense"/);
});

test.serial("many resources are read in one batch", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: Array.from({ length: 60 }, () => ({})),
        declare: (ids) => ids.map((machineActionId) => ({ machineActionId })),
    });
    const preview = await engine.preview();
    t.false(preview.failed);
    t.is(preview.output.match(/create would cancel: /g)?.length, 60);
    t.deepEqual(
        simulator.requests.map(({ operation }) => operation),
        ["list", "machines"],
    );
});

test.serial("an id that is known late in the preview is looked at all the same", async (t) => {
    const { engine } = await scene(t, {
        actions: [{ computerDnsName: "ws-late" }],
        declare: () => [],
        whole: ([id]) => [{ name: "late", args: { machineActionId: id, comment }, idAfterMs: 1_000 }],
    });
    t.regex((await engine.preview()).output, /late create would cancel: Isolate on ws-late/);
});

test.serial("without a credential preview says that it could not look, and up fails before a request", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{}],
        declare: ([machineActionId]) => [{ machineActionId }],
        environment: { DEFENDER_ACCESS_TOKEN: "" },
    });
    const preview = await engine.preview();
    t.false(preview.failed);
    t.regex(preview.output, /could not look: ERR_DEFENDER_NO_CREDENTIAL/);
    const up = await engine.up();
    t.true(up.failed);
    t.regex(up.output, /ERR_DEFENDER_NO_CREDENTIAL: no credential for the Defender API is configured/);
    t.deepEqual(simulator.requests, []);
    t.deepEqual(await engine.resources(), []);
});

test.serial("a preview that waits in vain says what it waited for, and what went wrong before", async (t) => {
    const { engine } = await scene(t, {
        actions: [{}],
        declare: ([machineActionId]) => [{ machineActionId }],
        faults: () => ({ name: "429", retryAfterSeconds: 60 }),
        environment: { DEFENDER_PREFLIGHT_SECONDS: "5" },
    });
    const preview = await engine.preview();
    t.false(preview.failed, preview.output);
    t.regex(
        preview.output,
        /could not look: no answer within 5 s: waited for the quota; before that ERR_DEFENDER_THROTTLED: GET \/api\/machineactions/,
    );
});

test.serial("a strict preflight fails the preview where up would fail", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{ status: "Succeeded" }],
        declare: ([machineActionId]) => [{ machineActionId }],
        environment: { DEFENDER_PREFLIGHT: "strict" },
    });
    const preview = await engine.preview();
    t.true(preview.failed, preview.output);
    t.regex(preview.output, /too late/);
    t.true(simulator.requests.every(({ method }) => method === "GET"));
});

test.serial("an environment-only key in stack config is refused by name", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{}],
        declare: ([machineActionId]) => [{ machineActionId }],
    });
    await engine.setConfig("defender:apiUrl", "https://attacker.example");
    t.regex((await engine.preview()).output, /could not look: ERR_DEFENDER_CONFIGURATION: defender:apiUrl/);
    const up = await engine.up();
    t.true(up.failed);
    t.regex(up.output, /ERR_DEFENDER_CONFIGURATION: defender:apiUrl is not read from stack config/);
    t.deepEqual(simulator.requests, []);
});
