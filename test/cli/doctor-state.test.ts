import { readFileSync } from "node:fs";
import test from "ava";
import { stateCheck } from "../../cli/doctor/state-check.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { preflightHookName } from "../../provider/resources/preflight/hook-name.ts";

type Json = Record<string, unknown>;
type Resource = Json & { urn: string; type: string; inputs: Json; outputs: Json };
interface Export extends Json {
    deployment: Json & { resources: Resource[]; manifest: Json };
}

const stored: Export = JSON.parse(readFileSync(new URL("../engine/fixtures/state-v1.json", import.meta.url), "utf8"));
const { type, text } = machineActionCancellation;
const { type: setType } = machineActionCancellationSet;
const sdkProvider = "pulumi:providers:pulumi-nodejs";
const signature = "4dabf18193072939515e22adb298388d";
const secret = { [signature]: "1b47061264138c4ac30d75fd1eb44270" };

function changed(edit: (state: Export, find: (type: string) => Resource) => void): string {
    const state = structuredClone(stored);
    edit(state, (wanted) => {
        const found = state.deployment.resources.find((resource) => resource.type === wanted);
        if (!found) {
            throw new Error(`no ${wanted}`);
        }
        found.inputs ??= {};
        found.outputs ??= {};
        return found;
    });
    return JSON.stringify(state);
}

/** A resource as another package's program leaves it. */
function resource(ofType: string, name: string, more: Json = {}): Resource {
    return {
        urn: `urn:pulumi:test::incident::${ofType}::${name}`,
        custom: true,
        id: "1",
        type: ofType,
        inputs: {},
        outputs: {},
        ...more,
    };
}

const add = (...resources: Resource[]) => changed(({ deployment }) => deployment.resources.push(...resources));

const edited = (ofType: string, edit: (found: Resource) => void) => changed((_, find) => edit(find(ofType)));

const renamed = (from: string, to: string) =>
    edited(from, (found) => {
        found.urn = found.urn.replace(from, to);
        found.type = to;
    });

/** A road into a run, the state that takes it, and what the finding says. */
const roads: readonly (readonly [string, string, RegExp])[] = [
    [
        "a provider with a download address",
        add(resource("pulumi:providers:evil", "default", { inputs: { pluginDownloadURL: "http://127.0.0.1:1/" } })),
        /provider of the type "pulumi:providers:evil"/,
    ],
    [
        "the SDK's provider with a download address",
        edited(sdkProvider, ({ inputs }) => Object.assign(inputs, { pluginDownloadURL: "https://evil.example" })),
        /"pluginDownloadURL" in its inputs/,
    ],
    [
        "the same, in __internal",
        edited(sdkProvider, ({ inputs }) =>
            Object.assign(inputs, { __internal: { pluginDownloadURL: "https://evil.example" } }),
        ),
        /"__internal" in its inputs/,
    ],
    [
        "an empty __internal",
        edited(sdkProvider, ({ inputs }) => Object.assign(inputs, { __internal: {} })),
        /"__internal" in its inputs/,
    ],
    ...["version", "name", "parameterization", "pluginChecksums", "envVarMappings", "PluginDownloadURL"].map(
        (key) =>
            [
                `the SDK's provider with ${key}`,
                edited(sdkProvider, ({ inputs }) => Object.assign(inputs, { [key]: "1.0.0" })),
                new RegExp(`"${key}" in its inputs`),
            ] as const,
    ),
    [
        "the same in its outputs",
        edited(sdkProvider, ({ outputs }) => Object.assign(outputs, { version: "1.0.0" })),
        /"version" in its outputs/,
    ],
    [
        "config that only the environment may have",
        edited(sdkProvider, ({ inputs }) => Object.assign(inputs, { "defender:guard": "/tmp/x" })),
        /"defender:guard"/,
    ],
    [
        "config that is no text",
        edited(sdkProvider, ({ inputs }) => Object.assign(inputs, { "defender:cloud": { a: 1 } })),
        /"defender:cloud"/,
    ],
    ["a resource of another package", add(resource("random:index/randomId:RandomId", "x")), /random:index/],
    ["a reference to another stack", add(resource("pulumi:pulumi:StackReference", "x")), /StackReference/],
    ["a component, unless it is allowed", add(resource("my:index:Group", "x", { custom: false })), /my:index:Group/],
    [
        "a dynamic resource of the SDK",
        renamed(type, "pulumi-nodejs:dynamic:Resource"),
        /dynamic resource of another kind/,
    ],
    [
        "our type in another case",
        renamed(type, type.replace("defender:", "Defender:")),
        /dynamic resource of another kind/,
    ],
    ["our type with a character behind it", renamed(type, `${type}\u200b`), /dynamic resource of another kind/],
    [
        "our type with a letter of another alphabet",
        renamed(type, type.replace("a", "\u0430")),
        /dynamic resource of another kind/,
    ],
    ["Python's dynamic provider", renamed(type, "pulumi-python:dynamic:Resource"), /dynamic resource of another kind/],
    [
        "a URN of another type than the resource says",
        edited(type, (found) => {
            found.urn = found.urn.replace(type, "pulumi-nodejs:dynamic:Resource");
        }),
        /a URN with the same type/,
    ],
    [
        "a stack that is a custom resource",
        edited("pulumi:pulumi:Stack", (found) => Object.assign(found, { custom: true })),
        /custom resource/,
    ],
    ["a field that the CLI does not write", edited(type, (found) => Object.assign(found, { hooks: [] })), /"hooks"/],
    [
        "a field in another case, which Go takes",
        edited(type, (found) => Object.assign(found, { Inputs: { __provider: "evil()" } })),
        /the field "Inputs"/,
    ],
    [
        "the deployment in another case",
        changed((state) => Object.assign(state, { Deployment: { resources: [] } })),
        /"Deployment"/,
    ],
    [
        "inputs that are there twice, which Go merges",
        JSON.stringify(stored).replace('"inputs":', '"inputs":{"__provider":"evil()"},"inputs":'),
        /"inputs" twice/,
    ],
    [
        "the same, with an escape in the name",
        JSON.stringify(stored).replace('"inputs":', '"\\u0069nputs":{"__provider":"evil()"},"inputs":'),
        /"inputs" twice/,
    ],
    [
        "the text of a set in a single one",
        edited(type, ({ inputs }) => Object.assign(inputs, { __provider: machineActionCancellationSet.text })),
        /has a provider text that this package did not write, in its inputs/,
    ],
    [
        "our text with a space behind it",
        edited(setType, ({ outputs }) => Object.assign(outputs, { __provider: `${outputs.__provider} ` })),
        /has a provider text that this package did not write, in its outputs/,
    ],
    [
        "our text in a secret",
        edited(type, ({ inputs }) => Object.assign(inputs, { __provider: { ...secret, ciphertext: "v1:x" } })),
        /did not write/,
    ],
    [
        "a text among the results of a set",
        edited(setType, ({ outputs }) =>
            Object.assign(Object.values(outputs.results as object)[0], { __provider: "evil()" }),
        ),
        /did not write, in "outputs\.results\./,
    ],
    [
        "a text inside a secret that is shown",
        edited(type, ({ inputs }) =>
            Object.assign(inputs, { comment: { ...secret, plaintext: '{"__provider":"evil()"}' } }),
        ),
        /did not write, in "inputs\.comment"/,
    ],
    [
        "a name that looks like that of the text",
        edited(type, ({ inputs }) => Object.assign(inputs, { "__provider\u200b": "evil()" })),
        /"__provider" in "inputs"/,
    ],
    [
        "an asset that would be fetched",
        edited(type, ({ outputs }) =>
            Object.assign(outputs, { title: { [signature]: "c44067f5952c0a294b673a41bacd8c17", uri: "http://x/" } }),
        ),
        /value of a special kind in "outputs\.title"/,
    ],
    [
        "properties without end",
        edited(type, ({ outputs }) =>
            Object.assign(outputs, { deep: JSON.parse("[".repeat(9_000) + "]".repeat(9_000)) }),
        ),
        /nests more than 50 levels/,
    ],
    [
        "a provider that is not in the state",
        edited(type, (found) => Object.assign(found, { provider: `${found.provider}x` })),
        /names? a provider|has the provider/,
    ],
    [
        "no provider at all, for which the CLI would choose one",
        edited(type, (found) => Reflect.deleteProperty(found, "provider")),
        /names no provider/,
    ],
    [
        "plugins in the manifest",
        changed(({ deployment }) =>
            Object.assign(deployment.manifest, { plugins: [{ name: "pulumi-nodejs", version: "9.9.9" }] }),
        ),
        /manifest has a list as plugins/,
    ],
    [
        "a hook of another name",
        edited(type, (found) => Object.assign(found, { resourceHooks: { BeforeCreate: ["evil"] } })),
        /resourceHooks: expected no hook but "defender-preflight"/,
    ],
    [
        "our hook on another resource",
        edited("pulumi:pulumi:Stack", (found) =>
            Object.assign(found, { resourceHooks: { BeforeCreate: [preflightHookName] } }),
        ),
        /resourceHooks/,
    ],
    [
        "a snippet",
        changed(({ deployment }) => Object.assign(deployment, { snippets: [{ code: 'resource x "a:b:C" {}' }] })),
        /as snippets/,
    ],
    ["a snippet's resource", edited(type, (found) => Object.assign(found, { snippetID: "x" })), /snippetID/],
    [
        "an extension",
        changed(({ deployment }) => Object.assign(deployment, { extensions: { a: { value: "" } } })),
        /as extensions/,
    ],
    ["an extension's resource", edited(type, (found) => Object.assign(found, { extensionRef: "x" })), /extensionRef/],
    [
        "a feature that nobody here uses",
        changed((state) => Object.assign(state, { features: ["snippets-prototype"] })),
        /features/,
    ],
    [
        "a pending operation on another package's provider",
        changed(({ deployment }) =>
            Object.assign(deployment, {
                pending_operations: [{ type: "creating", resource: resource("pulumi:providers:evil", "default") }],
            }),
        ),
        /pulumi:providers:evil/,
    ],
    [
        "a pending operation with another text",
        changed(({ deployment }, find) =>
            Object.assign(deployment, {
                pending_operations: [
                    { type: "reading", resource: { ...find(type), inputs: { __provider: "evil()" } } },
                ],
            }),
        ),
        /did not write/,
    ],
    [
        "a dependency on what is not in the state",
        edited(type, (found) => Object.assign(found, { dependencies: ["urn:pulumi:a::b::c:d:E::f"] })),
        /as dependencies/,
    ],
    [
        "the same by a property",
        edited(type, (found) =>
            Object.assign(found, { propertyDependencies: { comment: ["urn:pulumi:a::b::c:d:E::f"] } }),
        ),
        /as propertyDependencies/,
    ],
    [
        "an alias of another type",
        edited(type, (found) => Object.assign(found, { aliases: ["urn:pulumi:a::b::c:d:E::f"] })),
        /as aliases/,
    ],
    [
        "secrets in clear",
        changed(({ deployment }) => Object.assign(deployment, { secrets_providers: { type: "b64", state: {} } })),
        /of the type "b64"/,
    ],
    [
        "a key elsewhere",
        changed(({ deployment }) =>
            Object.assign(deployment, { secrets_providers: { type: "cloud", state: { url: "file:///tmp/key" } } }),
        ),
        /the url "file:/,
    ],
    [
        "a key behind an endpoint of the state's choice",
        changed(({ deployment }) =>
            Object.assign(deployment, {
                secrets_providers: { type: "cloud", state: { url: "awskms:///x?endpoint=https://evil.example" } },
            }),
        ),
        /no endpoint/,
    ],
    ["no stack export", JSON.stringify({ kind: "defender-cancellation apply", resource: {} }), /is no stack export/],
    ["a list", "[]", /is no stack export/],
];

for (const [road, state, finding] of roads) {
    test(`the check of a state refuses ${road}`, (t) => {
        const { verdict, detail } = stateCheck(state, "prod");
        t.is(verdict, "fail");
        t.regex(detail, finding);
        t.regex(detail, /: expected /);
    });
}

test("what the package leaves in a state is fine: secrets, config, hooks, dependencies, pending operations", (t) => {
    const state = changed(({ deployment, ...others }, find) => {
        const provider = find(sdkProvider);
        Object.assign(provider.inputs, {
            "defender:accessToken": { ...secret, ciphertext: "v1:x" },
            "defender:provider": "contoso",
            "azure-native:tenantId": "t",
            "incident:file": "incidents/inc-4711.yaml",
            "pulumi:disable-default-providers": '["aws"]',
        });
        const single = find(type);
        Object.assign(single, {
            resourceHooks: { BeforeCreate: [preflightHookName], BeforeUpdate: [preflightHookName] },
            dependencies: [find(setType).urn, ""],
            propertyDependencies: { comment: [find("pulumi:pulumi:Stack").urn], machineActionId: null },
            stackTrace: [{ sourcePosition: "project:///index.ts#1,1" }, {}],
            sourcePosition: "project:///index.ts#1,1",
            aliases: [single.urn],
            customTimeouts: { create: 60, update: "1m" },
        });
        Object.assign(single.inputs, { machineActionId: { ...secret, plaintext: '"5f2c"' } });
        Object.assign(deployment, {
            pending_operations: [{ type: "creating", resource: { ...single, urn: `${single.urn}-2` } }],
            secrets_providers: { type: "cloud", state: { url: "hashivault://incidents", encryptedkey: "x" } },
            metadata: {},
        });
        Object.assign(others, { features: ["hooks"] });
    });
    t.deepEqual(stateCheck(state, "prod"), {
        name: "state",
        verdict: "ok",
        detail: "prod: 9 resources, all as this package writes them",
    });
});

test("a stack that was just made has nothing in it, and that is fine", (t) => {
    for (const state of [
        '{"version":3}',
        '{"version":3,"deployment":null}',
        '{"version":3,"deployment":{"resources":null}}',
    ]) {
        t.is(stateCheck(state, "prod").detail, "prod: 0 resources, all as this package writes them");
    }
    t.is(stateCheck("{}", "prod").verdict, "fail");
});

test("azure-native and components are there by an option, and only as far as they run nothing of the state", (t) => {
    const provider = resource("pulumi:providers:azure-native", "default_3_28_0", {
        inputs: { version: "3.28.0", __internal: {}, tenantId: "t" },
    });
    const blob = resource("azure-native:storage:Blob", "record", {
        provider: `${provider.urn}::1`,
        inputs: { source: { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "{}", hash: "00" }, __defaults: [] },
    });
    const group = resource("my:index:Group", "x", { custom: false });
    Reflect.deleteProperty(group, "id");
    const state = add(provider, blob, group);
    t.is(stateCheck(state, "prod", ["azure-native", "components"]).verdict, "ok");
    t.regex(stateCheck(state, "prod", ["components"]).detail, /--allow azure-native/);
    t.regex(stateCheck(state, "prod", ["azure-native"]).detail, /my:index:Group/);
    const verdict = (...resources: Resource[]) =>
        stateCheck(add(...resources), "prod", ["azure-native", "components"]).verdict;
    for (const inputs of [
        { version: "file:///tmp/evil" },
        { version: "3.28.0", __internal: { pluginDownloadURL: "https://evil.example" } },
        { version: "3.28.0", pluginDownloadURL: "https://evil.example" },
        { version: "3.28.0", __internal: "x" },
        { parameterization: "eA==" },
        { envVarMappings: { GITHUB_OUTPUT: "DEFENDER_GUARD" } },
    ]) {
        t.is(verdict({ ...provider, inputs }, blob), "fail", JSON.stringify(inputs));
    }
    t.is(verdict({ ...group, custom: true }), "fail");
    t.is(verdict({ ...group, provider: `${provider.urn}::1` }, provider), "fail");
    t.is(verdict(provider, { ...blob, inputs: { __provider: text } }), "fail");
    t.is(verdict(provider, { ...blob, provider: undefined }), "fail");
    t.is(verdict(resource("azure-nativ\u0435:storage:Blob", "x")), "fail");
});
