import test from "ava";
import type { Declaration } from "../helpers/engine.ts";
import { diagnosticsOf } from "../helpers/run-report.ts";
import { scene } from "../helpers/scene.ts";

const comment = "INC-4711";
const escaping = "../machines/5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f/isolate";

test.serial(
    "a preview names what is wrong, reads many resources in one batch, and waits for late ids and for an answer",
    async (t) => {
        let declarations: (ids: readonly string[]) => readonly Declaration[] = () => [];
        let isThrottled = false;
        const { engine, simulator } = await scene(t, {
            actions: Array.from({ length: 24 }, (_, at) => ({ computerDnsName: `ws-${at}` })),
            declare: () => [],
            whole: (ids) => declarations(ids),
            faults: () => (isThrottled ? { name: "429", retryAfterSeconds: 60 } : undefined),
            environment: { DEFENDER_PREFLIGHT_SECONDS: "15" },
        });
        const operations = () => simulator.requests.map(({ operation }) => operation);

        declarations = () => [{ name: "bad", args: { machineActionId: escaping, comment } }];
        const bad = await engine.preview();
        t.true(bad.failed);
        t.regex(bad.output, /machineActionId is "..\/machines.*": expected the id of a machine action, a GUID/);
        t.notRegex(bad.output, /lifecycle\.js/, "no stack trace of ours");
        t.deepEqual(operations(), []);

        // Only the engine can tell the plugin's check that an Output is secret.
        declarations = ([first, second]) => [
            { name: "good", args: { machineActionId: first, comment } },
            { name: "secret", args: { machineActionId: second, comment: "hidden" }, secrets: ["comment"] },
        ];
        const secret = await engine.preview();
        t.true(secret.failed);
        t.regex(secret.output, /comment is a secret Output/);
        t.false(secret.output.includes("hidden"));
        declarations = ([first]) => [
            { name: "s", args: { machineActionId: first, comment, expect: { type: "hidden" } }, secrets: ["expect"] },
        ];
        const expected = await engine.preview();
        t.true(expected.failed);
        t.regex(expected.output, /expect is secret, or a part of it is/);
        t.false(expected.output.includes("hidden"));

        declarations = (ids) =>
            ids.map((machineActionId, at) => ({ name: `c-${at}`, args: { machineActionId, comment } }));
        simulator.clearRequests();
        const many = await engine.preview();
        t.false(many.failed, many.output);
        t.is(many.output.match(/create would cancel: /g)?.length, 24);
        t.deepEqual(operations(), ["list", "machines"]);

        declarations = ([first]) => [{ name: "late", args: { machineActionId: first, comment }, idAfterMs: 1_000 }];
        t.regex((await engine.preview()).output, /late create would cancel: Isolate on ws-0/);

        isThrottled = true;
        const throttled = await engine.preview();
        t.false(throttled.failed, throttled.output);
        t.regex(
            throttled.output,
            /could not look: no answer within 15 s: waited for the quota; before that ERR_DEFENDER_THROTTLED: GET \/api\/machineactions/,
        );
    },
);

test.serial(
    "without a credential, and with an environment-only key in stack config, a preview could not look, and up fails before a request",
    async (t) => {
        const { engine, simulator } = await scene(t, {
            actions: [{}, {}],
            declare: (ids) => ids.map((machineActionId) => ({ machineActionId })),
            environment: { DEFENDER_ACCESS_TOKEN: "" },
        });
        const preview = await engine.preview();
        t.false(preview.failed);
        t.regex(preview.output, /could not look: ERR_DEFENDER_NO_CREDENTIAL/);
        await engine.setConfig("defender:preflight", "strict");
        const strict = await engine.preview();
        t.true(strict.failed, strict.output);
        const said = diagnosticsOf(strict);
        for (const name of ["cancellation-0", "cancellation-1"]) {
            const [line] = said.get(name) ?? [];
            t.is(line?.level, "error");
            t.regex(line?.text ?? "", /^could not look: ERR_DEFENDER_NO_CREDENTIAL: /);
        }
        const up = await engine.up();
        t.true(up.failed);
        t.regex(up.output, /ERR_DEFENDER_NO_CREDENTIAL: no credential for the Defender API is configured/);

        await engine.setConfig("defender:apiUrl", "https://attacker.example");
        t.regex((await engine.preview()).output, /could not look: ERR_DEFENDER_CONFIGURATION: defender:apiUrl/);
        const redirected = await engine.up();
        t.true(redirected.failed);
        t.regex(redirected.output, /ERR_DEFENDER_CONFIGURATION: defender:apiUrl is not read from stack config/);
        t.deepEqual(simulator.requests, []);
        t.deepEqual(await engine.resources(), []);
    },
);
