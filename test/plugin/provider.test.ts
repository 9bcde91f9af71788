import { readFileSync } from "node:fs";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import test from "ava";
import { packageVersion } from "../../provider/model/package-version.ts";
import { explicitName } from "../../provider/plugin/provider-settings.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { environmentOnly } from "../../provider/session/config.ts";
import { secretFields } from "../../provider/sign-in/credential-sources.ts";
import { type PluginFailure, secret, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene();
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin, begin } = scene;

const slow = { behaviour: "in-progress-then-cancelled", settleMs: 300 } as const;

test.serial("the service says what it supports, its version and the package's schema", async (t) => {
    t.deepEqual(await plugin.handshake(plugin.engine.address), { acceptSecrets: true });
    t.deepEqual(await plugin.configure({}), { acceptSecrets: true, preview: true });
    t.is(await plugin.version(), packageVersion);
    t.is(await plugin.schema(), readFileSync(join(import.meta.dirname, "../../plugin/schema.json"), "utf8"));
    for (const method of ["construct", "call", "getMapping", "getMappings", "parameterize"]) {
        const error = await t.throwsAsync<PluginFailure>(plugin.call(method));
        t.is(error.code, grpc.status.UNIMPLEMENTED, method);
    }
});

test.serial("a provider's settings are checked by name and by value, and unknown values pass", async (t) => {
    const fine = { requestsPerMinute: 10, views: "false", region: unknownValue, version: "1.0.0" };
    t.deepEqual((await plugin.checkConfig(fine)).failures, []);
    const { failures } = await plugin.checkConfig({ requestPerMinute: 10 });
    t.deepEqual(
        failures.map(({ property }) => property),
        [""],
        "the engine prints the value of a property that a failure names",
    );
    t.regex(failures[0]?.reason ?? "", /^requestPerMinute is not a setting of this provider: expected one of cloud, /);
    for (const [key, variable] of Object.entries(environmentOnly)) {
        const { failures: refused } = await plugin.checkConfig({ [key]: "x" });
        t.true(refused[0]?.reason.includes(`set ${variable} in the environment`), key);
    }
    for (const wrong of [
        { preflight: "off" },
        { views: "often" },
        { views: { toString: 1 } },
        { cloud: { x: 1 } },
        { cloud: "mars" },
        { requestsPerHour: 0 },
    ]) {
        const [failure, ...others] = (await plugin.checkConfig(wrong)).failures;
        t.deepEqual(others, []);
        // The engine does not say which settings are secret.
        t.false(/"mars"|"often"|toString| 0/.test(failure?.reason ?? "0"), failure?.reason);
    }
});

test.serial("credentials become secrets unasked, and no reason has a secret value", async (t) => {
    const given = Object.fromEntries(
        secretFields.filter((name) => name !== "oidcRequestToken").map((name) => [name, "s3cret"]),
    );
    const { inputs } = await plugin.checkConfig({ ...given, cloud: "public", tenantId: secret("a-tenant") });
    for (const name of Object.keys(given)) {
        t.deepEqual(inputs[name], secret("s3cret"), name);
    }
    t.deepEqual([inputs.cloud, inputs.tenantId], ["public", secret("a-tenant")]);
    const long = `hidden-"${"value".repeat(40)}`;
    for (const name of [
        "cloud",
        "region",
        "requestsPerMinute",
        "preflight",
        "views",
        "oidcRequestToken",
        "unheardOf",
    ]) {
        const { failures } = await plugin.checkConfig({ [name]: secret(long) });
        t.is(failures.length, 1, name);
        t.is(failures[0]?.property, "", name);
        t.notRegex(failures[0]?.reason ?? "", /hidden/, name);
    }
});

test.serial("no change of the settings replaces a provider, and a new credential alone is no change", async (t) => {
    const { changes, replaces, diffs } = await plugin.diffConfig(
        { cloud: "public", accessToken: "one" },
        { cloud: "us-gcc", accessToken: "two" },
    );
    t.deepEqual([changes, replaces, diffs], [true, [], ["cloud"]]);
    const rotated = await plugin.diffConfig(
        { accessToken: secret("one"), clientSecret: "a", views: true, version: "1.0.0" },
        { accessToken: secret("two"), views: "true", version: "1.0.1" },
    );
    t.deepEqual([rotated.changes, rotated.replaces], [false, []]);
});

test("only the engine's own names are those of a default provider", (t) => {
    for (const name of [
        "",
        undefined,
        "default",
        "default_1_0_0",
        "default_1_0_0_rc_1",
        "default_https_//example.com",
    ]) {
        t.is(explicitName(name), undefined, name);
    }
    for (const name of ["default_contoso", "default_2", "defaults", "contoso", "my default"]) {
        t.is(explicitName(name), name);
    }
});

test.serial("a step before configure is refused, because the credential is not known", async (t) => {
    const machineActionId = scene.seed();
    await plugin.cancel();
    await plugin.attach(plugin.engine.address);
    const error = await t.throwsAsync<PluginFailure>(
        plugin.create(urnOf("early"), { machineActionId, comment: "INC-4711" }),
    );
    t.is(error.code, grpc.status.FAILED_PRECONDITION);
    t.regex(error.message, /has not configured this provider.*Nothing was sent/);
    t.deepEqual(scene.requests(machineActionId), []);
});

test.serial("a debugger's process serves one run after another, and only one provider of a run", async (t) => {
    for (const name of ["one", "two"]) {
        const urn = urnOf(name);
        await begin();
        const { id } = await plugin.create(urn, await scene.declared(urn));
        t.is(scene.simulator.action(id)?.status, "Cancelled");
        await plugin.cancel();
        const error = await t.throwsAsync<PluginFailure>(plugin.create(urn, await scene.declared(urn)));
        t.regex(error.message, /ERR_DEFENDER_INTERRUPTED/);
        t.is(error.kept, undefined);
    }
    await begin({ accessToken: "token-of-contoso" }, "contoso");
    // The second provider of a program connects while the first one works.
    await plugin.handshake(plugin.engine.address);
    await plugin.attach("");
    const error = await t.throwsAsync<PluginFailure>(plugin.configure({ accessToken: "token-of-other" }, "fabrikam"));
    t.regex(error.message, /serves the provider "contoso" of this run, and cannot serve "fabrikam" too/);
    const urn = urnOf("contoso");
    t.is((await plugin.create(urn, await scene.declared(urn))).properties.outcome, "cancelled");
    await begin({ accessToken: "token-of-other" }, "fabrikam");
});

test.serial("a step uses the credential with which it began, also if the provider is configured again", async (t) => {
    await begin({ accessToken: "token-of-the-morning" });
    const [early, late] = [urnOf("early-step"), urnOf("late-step")];
    const [one, two] = [await scene.declared(early, {}, slow), await scene.declared(late, {}, slow)];
    const first = plugin.create(early, one);
    while (!scene.requests(String(one.machineActionId)).includes("cancel")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await plugin.configure({ accessToken: "token-of-the-evening" });
    const answers = await Promise.all([first, plugin.create(late, two)]);
    t.deepEqual(
        answers.map(({ properties }) => properties.outcome),
        ["cancelled", "cancelled"],
    );
    const tokensOf = (news: object) =>
        new Set(
            scene.simulator.requests
                .filter(({ actionId }) => "machineActionId" in news && actionId === news.machineActionId)
                .map(({ headers }) => headers.authorization),
        );
    t.deepEqual([...tokensOf(one)], ["Bearer token-of-the-morning"]);
    t.deepEqual([...tokensOf(two)], ["Bearer token-of-the-evening"]);
});

test.serial("getMachineActions takes one value or several, and names what is wrong without its secrets", async (t) => {
    await begin();
    const look = (args: object) => plugin.invoke("defender:index:getMachineActions", { ...args });
    const first = scene.seed({ type: "Offboard", requestor: "mallory@contoso.example" });
    const second = scene.seed({ type: "Offboard", behaviour: "never-final", requestor: "mallory@contoso.example" });
    const idsOf = ({ machineActions }: Record<string, unknown>) =>
        (machineActions as { id: string }[]).map(({ id }) => id);
    const requestor = secret("mallory@contoso.example");
    t.deepEqual(idsOf(await look({ requestor, status: "Pending" })), [first]);
    t.deepEqual(idsOf(await look({ requestor, status: ["Pending", "InProgress"] })).sort(), [first, second].sort());
    t.is(idsOf(await look({ requestor, type: "Offboard", top: 1, machineId: null })).length, 1);
    for (const [args, message] of [
        [{ top: 0 }, /ERR_DEFENDER_CONFIGURATION: top is 0: expected/],
        [{ statuses: "Pending" }, /"?statuses"? is not a property of a query/],
        [{ createdAfter: secret("yesterday-hidden") }, /createdAfter is secret, and its value is not usable/],
        [{ status: { hidden: unknownValue } }, /status is an object: expected/],
    ] as const) {
        const error = await t.throwsAsync<PluginFailure>(look(args));
        t.is(error.code, grpc.status.FAILED_PRECONDITION);
        t.regex(error.message, message);
        t.notRegex(error.message, /hidden/);
    }
    const error = await t.throwsAsync(plugin.invoke("defender:index:dropTables", {}));
    t.regex(error.message, /"defender:index:dropTables" is not a function of this provider/);
});

test.serial("nothing that the process logs or prints has a token", (t) => {
    const { stdout, stderr } = plugin.printed;
    t.false(JSON.stringify([plugin.engine.lines, stdout, stderr]).includes(token));
    t.is(stdout, "");
});
