import test from "ava";
import type { StoredResource } from "../helpers/engine.ts";
import { scene } from "../helpers/scene.ts";

test("a real dynamic resource of the SDK is stored and served as the constant reference relies on", async (t) => {
    const { engine } = await scene(t, {
        actions: [{}],
        declare: ([machineActionId]) => [{ machineActionId }],
        whole: () => [{ name: "plain", args: { question: "?" }, isPlainDynamic: true }],
    });
    const up = await engine.up();
    t.false(up.failed, up.output);
    const stored = await engine.resources();
    const find = (name: string) => stored.find(({ urn }) => urn.endsWith(`::${name}`));
    const [plain, ours] = [find("plain"), find("cancellation-0")];

    // The token's prefix, the key, and where the plugin finds both.
    t.is(plain?.type, "pulumi-nodejs:dynamic/contract:Plain");
    t.is(ours?.type, "pulumi-nodejs:dynamic/defender:MachineActionCancellation");
    t.is(plain?.outputs.__provider, plain?.inputs.__provider);
    t.is(ours?.outputs.__provider, ours?.inputs.__provider);
    t.truthy(providerOf(ours));
    t.is(providerOf(plain), providerOf(ours), "one default provider serves both");
    // The handler's protocol: the text is a module that exports a function which returns the provider.
    t.regex(String(plain?.inputs.__provider), /exports\.handler\s*=/);
    t.regex(String(ours?.inputs.__provider), /^exports\.handler = \(\) => /);
    t.is(plain?.outputs.answer, 42);
    t.is(ours?.outputs.outcome, "cancelled");
});

function providerOf(resource: StoredResource | undefined): unknown {
    return (resource as { provider?: unknown } | undefined)?.provider;
}
