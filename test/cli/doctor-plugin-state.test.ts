import { readFileSync } from "node:fs";
import test from "ava";
import { driftChecks } from "../../cli/doctor/drift-check.ts";
import { stateCheck } from "../../cli/doctor/state-check.ts";
import { machineActionCancellation } from "../../provider/model/provider-reference.ts";
import { pluginProviderType, resourceTypes } from "../../provider/model/resource-types.ts";
import { preflightHookName } from "../../provider/resources/preflight/hook-name.ts";
import { environmentOnly } from "../../provider/session/config.ts";
import { asMoved, asOfPlugin, pluginProvider } from "../helpers/plugin-state.ts";

type Json = Record<string, unknown>;
type Resource = Json & { urn: string; type: string; inputs: Json; outputs: Json };
interface Export extends Json {
    deployment: Json & { resources: Resource[] };
}

const dynamic: Export = JSON.parse(readFileSync(new URL("../engine/fixtures/state-v1.json", import.meta.url), "utf8"));
const sdkProvider = "pulumi:providers:pulumi-nodejs";
const { cancellation, set } = resourceTypes;
const rowType = "defender:index:MachineAction";
const signature = "4dabf18193072939515e22adb298388d";
const secret = { [signature]: "1b47061264138c4ac30d75fd1eb44270" };

/** The fixture with resources of the plugin instead of dynamic ones. */
const stored: Export = structuredClone(dynamic);
stored.deployment.resources = [
    ...stored.deployment.resources.filter(({ type }) => type !== sdkProvider).map(asOfPlugin),
    structuredClone(pluginProvider),
];

function find(state: Export, type: string): Resource {
    const found = state.deployment.resources.find((resource) => resource.type === type);
    if (!found) {
        throw new Error(`no ${type}`);
    }
    return found;
}

function edited(type: string, edit: (found: Resource, state: Export) => void): string {
    const state = structuredClone(stored);
    edit(find(state, type), state);
    return JSON.stringify(state);
}

const assigned = (type: string, part: "inputs" | "outputs" | "self", values: Json) =>
    edited(type, (found) => Object.assign(part === "self" ? found : found[part], values));

const renamed = (to: string) =>
    edited(cancellation.plugin, (found) => {
        found.urn = found.urn.replace(cancellation.plugin, to);
        found.type = to;
    });

/** A row of the set, for this action; by default for one that the set has. */
function row(state: Export, more: Json = {}): Resource {
    const { urn, outputs } = find(state, set.plugin);
    const machineActionId = Object.keys(outputs.results as Json)[0];
    const type = rowType;
    return {
        urn: urn.replace(/::([^:]+)$/, `$${type}::$1-row`),
        custom: false,
        type,
        inputs: { machineActionId },
        outputs: { machineActionId, status: "Cancelled" },
        parent: urn,
        viewOf: urn,
        ...more,
    };
}

const withRow = (more: (state: Export) => Json) => {
    const state = structuredClone(stored);
    state.deployment.resources.push(row(state, more(state)));
    return JSON.stringify(state);
};

/** A road into a run or past a check, the state that takes it, and what the finding says. */
const roads: readonly (readonly [string, string, RegExp])[] = [
    ...["pluginDownloadURL", "pluginChecksums", "parameterization", "name", "envVarMappings"].flatMap((key) => [
        [
            `the plugin's provider with ${key}`,
            assigned(pluginProviderType, "inputs", { [key]: "https://evil.example" }),
            new RegExp(`"${key}" in its inputs`),
        ] as const,
        [
            `the plugin's provider with ${key} in __internal`,
            assigned(pluginProviderType, "inputs", { __internal: { [key]: "https://evil.example" } }),
            new RegExp(`"${key}" in "__internal" of its inputs, by which the CLI chooses or downloads a plugin`),
        ] as const,
    ]),
    [
        "the plugin's provider with a download address in its outputs",
        assigned(pluginProviderType, "outputs", { __internal: { pluginDownloadURL: "https://evil.example" } }),
        /"pluginDownloadURL" in "__internal" of its outputs/,
    ],
    [
        "the plugin's provider with an __internal that is no object",
        assigned(pluginProviderType, "inputs", { __internal: "x" }),
        /"__internal" of its inputs/,
    ],
    [
        "the plugin's provider with a key in another case",
        assigned(pluginProviderType, "inputs", { PluginDownloadURL: "https://evil.example" }),
        /"PluginDownloadURL" in its inputs/,
    ],
    [
        "the plugin's provider with a version that is a path",
        assigned(pluginProviderType, "inputs", { version: "../evil" }),
        /the version "\.\.\/evil" in its inputs/,
    ],
    ...Object.entries(environmentOnly).map(
        ([key, variable]) =>
            [
                `the plugin's provider with ${key}, which only the environment may have`,
                assigned(pluginProviderType, "inputs", { [key]: "https://evil.example" }),
                new RegExp(`"${key}" in its inputs: expected ${variable} in the environment`),
            ] as const,
    ),
    [
        "the plugin's provider with an unknown setting",
        assigned(pluginProviderType, "inputs", { host: "evil.example" }),
        /"host" in its inputs: expected only the settings of this package/,
    ],
    [
        "the plugin's provider with a setting of the stack config's name",
        assigned(pluginProviderType, "inputs", { "defender:cloud": "public" }),
        /"defender:cloud" in its inputs/,
    ],
    ...[{ retainOnDelete: true }, { deletedWith: find(stored, pluginProviderType).urn }].map(
        (option) =>
            [
                `a set with rows and ${Object.keys(option)}`,
                edited(set.plugin, (found, state) => {
                    Object.assign(found, option);
                    state.deployment.resources.push(row(state));
                }),
                /would leave its rows .*neither retainOnDelete nor deletedWith on a set with rows/,
            ] as const,
    ),
    [
        "the plugin's provider with a setting that is an object",
        assigned(pluginProviderType, "inputs", { cloud: { a: 1 } }),
        /"cloud" in its inputs/,
    ],
    [
        "the plugin's provider with another provider",
        assigned(pluginProviderType, "self", { provider: "urn:pulumi:a::b::pulumi:providers:evil::c::1" }),
        /has the provider "urn:pulumi:a::b::pulumi:providers:evil::c::1"/,
    ],
    [
        "a provider of a package whose name resembles the plugin's",
        edited(pluginProviderType, (found) => {
            found.urn = found.urn.replace("defender", "defenders");
            found.type = "pulumi:providers:defenders";
        }),
        /provider of the type "pulumi:providers:defenders"/,
    ],
    [
        "a provider text in the inputs",
        assigned(cancellation.plugin, "inputs", { __provider: machineActionCancellation.text }),
        /a provider text in its inputs, which would run with the token after a move/,
    ],
    [
        "another provider text in the outputs",
        assigned(set.plugin, "outputs", { __provider: "evil()" }),
        /a provider text in its outputs, which would run/,
    ],
    [
        "the text of a single one in the outputs of a set",
        assigned(set.plugin, "outputs", { __provider: machineActionCancellation.text }),
        /a provider text in its outputs, which would run/,
    ],
    [
        "a text among the results of a set",
        edited(set.plugin, ({ outputs }) =>
            Object.assign(Object.values(outputs.results as object)[0], { __provider: "evil()" }),
        ),
        /did not write, in "outputs\.results\./,
    ],
    [
        "a text inside a secret that is shown",
        assigned(cancellation.plugin, "inputs", { comment: { ...secret, plaintext: '{"__provider":"evil()"}' } }),
        /did not write, in "inputs\.comment"/,
    ],
    [
        "an asset that would be fetched",
        assigned(cancellation.plugin, "outputs", {
            title: { [signature]: "c44067f5952c0a294b673a41bacd8c17", uri: "http://x/" },
        }),
        /value of a special kind in "outputs\.title"/,
    ],
    [
        "a resource of the plugin with the SDK's provider",
        edited(cancellation.plugin, (found, { deployment }) => {
            const provider = dynamic.deployment.resources.find(({ type }) => type === sdkProvider) as Resource;
            deployment.resources.push(provider);
            Object.assign(found, { provider: `${provider.urn}::${provider.id}` });
        }),
        /has the provider "[^"]*pulumi-nodejs.*expected a provider of the type pulumi:providers:defender/,
    ],
    [
        "a dynamic resource with the plugin's provider",
        edited(cancellation.plugin, ({ provider }, { deployment }) => {
            const one = dynamic.deployment.resources.find(({ type }) => type === cancellation.dynamic) as Resource;
            deployment.resources.push({ ...one, provider });
        }),
        /expected a provider of the type pulumi:providers:pulumi-nodejs/,
    ],
    [
        "no provider at all",
        edited(cancellation.plugin, (found) => Reflect.deleteProperty(found, "provider")),
        /names no provider/,
    ],
    [
        "our hook, which only dynamic resources have",
        assigned(set.plugin, "self", { resourceHooks: { BeforeCreate: [preflightHookName] } }),
        /resourceHooks: expected no hook but "defender-preflight", and only on dynamic resources/,
    ],
    [
        "an alias of another kind",
        assigned(set.plugin, "self", { aliases: [`urn:pulumi:test::incident::${cancellation.dynamic}::x`] }),
        /as aliases/,
    ],
    ["a type that the plugin does not have", renamed("defender:index:Other"), /the type "defender:index:Other"/],
    [
        "our type with a letter of another alphabet",
        renamed(cancellation.plugin.replace("a", "\u0430")),
        /which this package does not have/,
    ],
    [
        "a resource that is no custom resource, which the CLI does not read",
        assigned(cancellation.plugin, "self", { custom: false }),
        /not marked as a custom resource/,
    ],
    [
        "no flag to refresh before an update",
        edited(cancellation.plugin, (found) => Reflect.deleteProperty(found, "refreshBeforeUpdate")),
        /lacks the flag refreshBeforeUpdate.*run `pulumi up --refresh --run-program`/,
    ],
    [
        "a false flag to refresh before an update",
        assigned(set.plugin, "self", { refreshBeforeUpdate: false }),
        /lacks the flag refreshBeforeUpdate/,
    ],
    [
        "a record that is marked as a row of itself",
        edited(cancellation.plugin, (found) => Object.assign(found, { viewOf: found.urn })),
        /marked as a row of a set \(viewOf\), so that the CLI does not read it/,
    ],
    ["a row of a set that is not in the state", withRow(() => ({ viewOf: "urn:pulumi:a::b::c:d:E::f" })), /viewOf/],
    [
        "a row of an action that its set does not have",
        withRow(() => ({ outputs: { machineActionId: "5f2c7a10-93b4-4c1e-8d2f-00000000ffff" } })),
        /marked as a row/,
    ],
    ["a row that is a custom resource", withRow(() => ({ custom: true })), /marked as a row/],
    ["a row with a provider", withRow((state) => ({ provider: find(state, set.plugin).provider })), /has the provider/],
    ["a row with a provider text", withRow(() => ({ inputs: { __provider: "evil()" } })), /did not write/],
    [
        "a row of another package's type",
        withRow((state) => ({
            type: "random:index:Id",
            urn: row(state).urn.replaceAll(rowType, "random:index:Id"),
        })),
        /marked as a row/,
    ],
];

for (const [road, state, finding] of roads) {
    test(`the check of a state of the plugin refuses ${road}`, (t) => {
        const { verdict, detail } = stateCheck(state, "prod", ["components"]);
        t.is(verdict, "fail");
        t.regex(detail, finding);
        t.regex(detail, /: expected /);
    });
}

test("what the plugin leaves in a state is fine: settings, secrets, rows, aliases, and steps that did not end", (t) => {
    const state = structuredClone(stored);
    Object.assign(find(state, pluginProviderType).inputs, {
        accessToken: { ...secret, ciphertext: "v1:x" },
        clientSecret: { ...secret, plaintext: '"x"' },
        requestsPerMinute: 50,
        useOidc: true,
        useMsi: "true",
        visibilitySeconds: { ...secret, plaintext: "30" },
        version: "1.0.0-rc.2",
    });
    const single = find(state, cancellation.plugin);
    Object.assign(single, {
        aliases: [single.urn, single.urn.replace(cancellation.plugin, cancellation.dynamic)],
        additionalSecretOutputs: ["comment"],
        importID: single.id,
        protect: true,
        customTimeouts: { create: 5 },
    });
    Object.assign(single.inputs, { comment: { ...secret, ciphertext: "v1:x" } });
    Object.assign(find(state, set.plugin), { retainOnDelete: false });
    const { refreshBeforeUpdate: _, ...withoutFlag } = single;
    state.deployment.resources.push(
        row(state),
        { ...withoutFlag, urn: `${single.urn}-read`, external: true },
        { ...withoutFlag, delete: true },
    );
    Object.assign(state.deployment, {
        pending_operations: [{ type: "creating", resource: { ...withoutFlag, urn: `${single.urn}-2` } }],
    });
    Object.assign(state, { features: ["refreshBeforeUpdate", "views"] });
    t.like(stateCheck(JSON.stringify(state), "prod"), { verdict: "ok" });
});

test("a state that has resources of the plugin and dynamic ones is fine", (t) => {
    const state = structuredClone(dynamic);
    state.deployment.resources.push(structuredClone(pluginProvider));
    state.deployment.resources = state.deployment.resources.map((one) =>
        one.type === set.dynamic ? asOfPlugin(one) : one,
    );
    t.like(stateCheck(JSON.stringify(state), "prod"), { verdict: "ok" });
});

test("a resource that was moved by an alias and not updated fails, and the line says what to run", (t) => {
    const state = structuredClone(dynamic);
    state.deployment.resources = [...state.deployment.resources.map(asMoved), structuredClone(pluginProvider)];
    const { verdict, detail } = stateCheck(JSON.stringify(state), "prod");
    t.is(verdict, "fail");
    t.regex(detail, /has the provider text of the dynamic resource that was moved, in its outputs: expected none/);
    t.regex(detail, /lacks the flag refreshBeforeUpdate/);
    t.regex(detail, /run `pulumi up --refresh --run-program`/);
    t.notRegex(detail, /would run with the token/);
});

test("replaceOnChanges that turns drift into a replacement is a warning, with `protect` a stronger one", (t) => {
    const drift = (values: Json, type = cancellation.plugin) => driftChecks(assigned(type, "self", values), "prod");
    for (const path of ["desiredStatus", "*", '["desiredStatus"]', "[*]"]) {
        const [check, ...more] = drift({ replaceOnChanges: ["comment", path] });
        t.deepEqual([check?.name, check?.verdict, more], ["drift", "warn", []], path);
        t.regex(check?.detail ?? "", /its drift is then repaired by a replacement.*: remove that from the option/);
    }
    t.is(drift({ replaceOnChanges: ["deviations.x"] }, set.plugin).length, 1);
    t.regex(
        drift({ replaceOnChanges: ["*"], protect: true })[0]?.detail ?? "",
        /"\*" in the option replaceOnChanges, and it is protected too, so that its drift stops the whole `pulumi up`/,
    );
    t.deepEqual(drift({ replaceOnChanges: ["comment", "desiredStatusX"], protect: true }), []);
    t.deepEqual(driftChecks("[]", "prod"), []);
    const ofDynamic = structuredClone(dynamic);
    Object.assign(find(ofDynamic, cancellation.dynamic), { replaceOnChanges: ["*"], protect: true });
    t.deepEqual(driftChecks(JSON.stringify(ofDynamic), "prod"), [], "the engine updates a dynamic resource");
});
