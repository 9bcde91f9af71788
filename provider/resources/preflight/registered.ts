import * as pulumi from "@pulumi/pulumi";
import type { Registered } from "../../plan/plan-resource.ts";
import { desiredStatus, type Properties } from "../../schema/input-rules.ts";
import { preflightHookName } from "./hook-name.ts";
import { known, plain } from "./known.ts";

/**
 * The result of registering a resource in a preview. `stripped`: the engine would create or update it, but a transform
 * removed its hook.
 */
export type Registration = Registered | "untouched" | "stripped";

/** The registrations that the hook received, by URN, in one run of a program. */
interface PreviewHook {
    readonly hook: pulumi.ResourceHook;
    readonly told: Map<string, { readonly inputs: unknown; readonly stored: unknown }>;
    /** False for a CLI without hooks. */
    readonly isSupported: Promise<boolean>;
}

// On globalThis, because a run accepts a hook's name only once, so two copies of the package in one program share the
// hook.
const hooksKey = Symbol.for("pulumi-defender-cancellation/preview-hooks");
const shared = globalThis as { [hooksKey]?: WeakMap<object, PreviewHook> };

/**
 * The hook of this run of the program; undefined where the SDK has no hooks, or where there is no engine (mocks). Each
 * run has its own monitor, which keeps several programs of one process apart.
 */
function previewHook(): PreviewHook | undefined {
    const monitor = pulumi.runtime.getMonitor() as { registerResourceHook?: unknown } | undefined;
    if (typeof pulumi.ResourceHook !== "function" || typeof monitor?.registerResourceHook !== "function") {
        return undefined;
    }
    shared[hooksKey] ??= new WeakMap();
    const found = shared[hooksKey].get(monitor) ?? createHook();
    shared[hooksKey].set(monitor, found);
    return found;
}

function createHook(): PreviewHook {
    const told: PreviewHook["told"] = new Map();
    const hook = new pulumi.ResourceHook(
        preflightHookName,
        // The engine waits for the hook, so it only stores the values.
        ({ urn, newInputs, oldOutputs }) => void told.set(urn, { inputs: newInputs, stored: oldOutputs }),
        { onDryRun: true },
    );
    // The SDK awaits this before it registers a resource with the hook. A CLI without hooks ignores the name.
    const registration = hook as unknown as { __registered?: Promise<unknown> };
    const isSupported = (registration.__registered ?? Promise.resolve()).then(() => true, isUnsupported);
    isSupported.catch(() => {});
    registration.__registered = isSupported;
    return { hook, told, isSupported };
}

/** This error of the SDK is recognised by its text only. Any other failure fails the registration of the resource. */
function isUnsupported(error: unknown): false {
    if (error instanceof Error && error.message.includes("does not support resource hooks")) {
        return false;
    }
    throw error;
}

/**
 * In a preview, the options with the preview's hook added to their own hooks. In an update, the options unchanged,
 * because there the hook would only be stored.
 */
export function withPreviewHook(opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
    const ours = isPreview() ? previewHook()?.hook : undefined;
    if (!ours) {
        return opts;
    }
    const { hooks = {} } = opts;
    return {
        ...opts,
        hooks: {
            ...hooks,
            beforeCreate: [ours, ...(hooks.beforeCreate ?? [])],
            beforeUpdate: [ours, ...(hooks.beforeUpdate ?? [])],
        },
    };
}

/**
 * Whether resources are planned: in every preview, with any options. This includes watched cancellations, because a
 * transformation can remove the `id`, and then the resource is registered like any other. Otherwise the engine only
 * reads it, and it counts as untouched.
 */
export function isPreview(): boolean {
    return pulumi.runtime.isDryRun();
}

/**
 * Resolves once the resource is registered. The engine runs the hook only for resources that it would create or update:
 * not for an unchanged resource, and not for one that `--target` or `--exclude` leaves out.
 *
 * `proof`: an output that is not also an input. Rejects where the registration failed.
 */
export async function registrationOf(
    resource: pulumi.CustomResource,
    proof: pulumi.Output<unknown>,
): Promise<Registration> {
    const hook = previewHook();
    const isUntouched = await isKnown(proof);
    const told = hook?.told.get((await known(resource.urn)) ?? "");
    if (told) {
        const [inputs, stored] = await Promise.all([plain(told.inputs ?? {}), plain(told.stored ?? {})]);
        return { inputs: inputs as Properties, stored: stored as Properties };
    }
    if (isUntouched || !(await wasChecked(resource))) {
        return "untouched";
    }
    if (await hook?.isSupported) {
        return "stripped";
    }
    // Without hooks the outputs show the registered inputs, except for a list with an unknown entry.
    const outputs = Object.entries(resource).filter(
        ([name, value]) => name !== "urn" && pulumi.Output.isInstance(value),
    );
    return { inputs: (await plain(Object.fromEntries(outputs))) as Properties, stored: {} };
}

async function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
    return (await known(output.apply(() => true))) === true;
}

/** The lifecycle's check sets the desired status. The engine does not check a resource that `--target` leaves out. */
async function wasChecked(resource: pulumi.CustomResource): Promise<boolean> {
    const set = (resource as { readonly desiredStatus?: pulumi.Output<unknown> }).desiredStatus;
    return set !== undefined && (await known(set)) === desiredStatus;
}
