import * as pulumi from "@pulumi/pulumi";
import { DefenderProvider, MachineActionCancellation } from "pulumi-defender-cancellation";
import { declareCancellation as declare } from "./declare-cancellation.ts";

/** The declaration of a scripted program, and the change that a reviewer may overlook. */
export interface Script {
    readonly road: keyof typeof roads;
    /** Declares a set. */
    readonly isSet?: boolean;
    /** The inputs as the program writes them. */
    readonly args: Readonly<Record<string, unknown>>;
    /** The values to which a transform changes some of them. */
    readonly changes?: Readonly<Record<string, unknown>>;
}

class Component extends pulumi.ComponentResource {
    constructor(name: string, opts: pulumi.ComponentResourceOptions) {
        super("test:index:Component", name, {}, opts);
    }
}

class PlainProvider extends pulumi.ProviderResource {}

class Unnoticed extends DefenderProvider {}

const mapping = { BUILD_TOOL: "DEFENDER_GUARD" };

/** Changes inputs of our resources, and no others. */
const transform =
    ({ changes = {} }: Script): pulumi.ResourceTransform =>
    ({ type, props, opts }) =>
        type.includes("dynamic/defender:") ? { props: { ...props, ...changes }, opts } : undefined;

const transformation =
    ({ changes = {} }: Script): pulumi.ResourceTransformation =>
    ({ type, props, opts }) =>
        type.includes("dynamic/defender:") ? { props: { ...props, ...changes }, opts } : undefined;

function plainProvider(name: string, props: object, opts: object): pulumi.ProviderResource {
    return new PlainProvider("pulumi-nodejs", name, props as pulumi.Inputs, opts);
}

/** Each declares one resource of the name. */
export const roads = {
    "own transform": (name: string, script: Script) => declare(name, script, { transforms: [transform(script)] }),
    "own transformation": (name: string, script: Script) =>
        declare(name, script, { transformations: [transformation(script)] }),
    "parent's transform": (name: string, script: Script) =>
        declare(name, script, { parent: new Component(`${name}-parent`, { transforms: [transform(script)] }) }),
    "parent's transformation": (name: string, script: Script) =>
        declare(name, script, {
            parent: new Component(`${name}-parent`, { transformations: [transformation(script)] }),
        }),
    "stack transform": (name: string, script: Script) => {
        pulumi.runtime.registerResourceTransform((one) => (one.name === name ? transform(script)(one) : undefined));
        declare(name, script);
    },
    "hooks taken away": (name: string, script: Script) => {
        const strip: pulumi.ResourceTransform = ({ props }) => ({
            props: { ...props, ...script.changes },
            opts: { retainOnDelete: true },
        });
        declare(name, script, { transforms: [strip] });
    },
    "hooks of the program's own": (name: string, script: Script) => {
        const hook = new pulumi.ResourceHook(`${name}-hook`, () => console.log(`${name} has its own hook`), {
            onDryRun: true,
        });
        declare(name, script, { hooks: { beforeCreate: [hook] } });
    },
    "id of another resource": (name: string, script: Script) => {
        const other = new Later(`${name}-other`);
        const { cancellations } = script.args;
        const args = script.isSet
            ? { ...script.args, cancellations: [...(cancellations as object[]), { machineActionId: other.id }] }
            : { ...script.args, machineActionId: other.id };
        declare(name, { ...script, args });
    },
    "whole list of another resource": (name: string, script: Script) => {
        const other = new Later(`${name}-other`);
        declare(name, {
            ...script,
            args: { ...script.args, cancellations: other.id.apply((id) => [{ machineActionId: id }]) },
        });
    },
    "expected type of another resource": (name: string, script: Script) => {
        const other = new Later(`${name}-other`);
        declare(name, {
            ...script,
            args: { ...script.args, expect: { requestor: "nobody@contoso.example", type: other.id } },
        });
    },
    "plain provider with the option": (name: string, script: Script) =>
        declare(name, script, { provider: plainProvider(`${name}-provider`, {}, { envVarMappings: mapping }) }),
    "plain provider with the property": (name: string, script: Script) =>
        declare(name, script, { provider: plainProvider(`${name}-provider`, { envVarMappings: mapping }, {}) }),
    "list of a component": (name: string, script: Script) => {
        const provider = plainProvider(`${name}-provider`, {}, { envVarMappings: mapping });
        declare(name, script, { parent: new Component(`${name}-parent`, { providers: [provider] }) });
    },
    "map of a component's parent": (name: string, script: Script) => {
        const provider = plainProvider(`${name}-provider`, {}, { envVarMappings: mapping });
        const outer = new Component(`${name}-outer`, { providers: { "pulumi-nodejs": provider } });
        declare(name, script, { parent: new Component(`${name}-parent`, { parent: outer }) });
    },
    "transformation that puts a provider": (name: string, script: Script) => {
        const provider = plainProvider(`${name}-provider`, {}, { envVarMappings: mapping });
        declare(name, script, {
            transformations: [
                ({ props, opts }) => ({ props, opts: { ...opts, provider } as pulumi.CustomResourceOptions }),
            ],
        });
    },
    "transform that puts a provider": (name: string, script: Script) => {
        const provider = plainProvider(`${name}-provider`, {}, { envVarMappings: mapping });
        declare(name, script, {
            transforms: [({ props, opts }) => ({ props, opts: { ...opts, provider } as pulumi.CustomResourceOptions })],
        });
    },
    "internal property by a transform": (name: string, script: Script) => {
        const provider = new DefenderProvider(
            `${name}-provider`,
            {},
            {
                transforms: [
                    ({ props, opts }) => ({ props: { ...props, __internal: { envVarMappings: mapping } }, opts }),
                ],
            },
        );
        declare(name, script, { provider });
    },
    "watched, with a plain provider": (name: string, { args }: Script) => {
        const provider = plainProvider(`${name}-provider`, {}, { envVarMappings: mapping });
        MachineActionCancellation.get(name, String(args.machineActionId), {}, { provider });
    },
    "watched, and made a cancellation by a transformation": (name: string, { args }: Script) => {
        const own: pulumi.ResourceTransformation = ({ props, opts }) => ({
            props: { ...props, ...args },
            opts: { ...opts, id: "" },
        });
        MachineActionCancellation.get(name, String(args.machineActionId), {}, { transformations: [own] });
    },
    "import of another action": (name: string, script: Script) => {
        const imported: pulumi.ResourceTransform = ({ props, opts }) => ({
            props,
            opts: { ...opts, import: String(script.changes?.machineActionId) } as pulumi.CustomResourceOptions,
        });
        declare(name, script, { transforms: [imported] });
    },
    "notAfter kept by ignoreChanges": (name: string, script: Script) =>
        declare(name, script, { ignoreChanges: ["notAfter"] }),
    "id as a secret": (name: string, script: Script) =>
        declare(name, {
            ...script,
            args: { ...script.args, machineActionId: pulumi.secret(script.args.machineActionId) },
        }),
    "option of a DefenderProvider": (name: string, script: Script) =>
        declare(name, script, { provider: new DefenderProvider(`${name}-provider`, {}, { envVarMappings: mapping }) }),
    "option of a class of its own": (name: string, script: Script) => {
        const opts = pulumi.mergeOptions({ envVarMappings: mapping }, { protect: false });
        declare(name, script, { provider: new Unnoticed(`${name}-provider`, {}, opts) });
    },
    "option by the stack's transformation": (name: string, script: Script) => {
        pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
            type === "pulumi:providers:pulumi-nodejs"
                ? { props, opts: { ...opts, envVarMappings: mapping } }
                : undefined,
        );
        declare(name, script, { provider: new DefenderProvider(`${name}-provider`, {}) });
    },
} as const;

/** A resource of the SDK's own, whose id is not known in a preview. */
class Later extends pulumi.CustomResource {
    constructor(name: string) {
        const handler = "({ create: async () => ({ id: 'later', outs: {} }) })";
        super("pulumi-nodejs:dynamic/test:Later", name, { __provider: `exports.handler = () => ${handler};` });
    }
}
