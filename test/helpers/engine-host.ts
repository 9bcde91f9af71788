/**
 * The process of a Pulumi program, as the language host starts it. A failed registration rejects all of its outputs,
 * and those rejections must not reach the process of the tests.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CustomResource, dynamic, log, type Output, output, ProviderResource, secret } from "@pulumi/pulumi";
import { type Deployment, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { DefenderProvider, MachineActionCancellation } from "pulumi-defender-cancellation";
import { pluginName, resourceTypes } from "../../provider/model/resource-types.ts";
import { cliEnvironment } from "./cli-environment.ts";
import { declareCancellation } from "./declare-cancellation.ts";
import type { Declaration, EngineCall, EngineReply, EngineSetup } from "./engine.ts";
import { roads } from "./scripted-programs.ts";

process.on("unhandledRejection", () => {});
process.on("disconnect", () => process.exit());

let declarations: readonly Declaration[] = [];
let stack: Stack;

class PlainDynamic extends dynamic.Resource {
    constructor(name: string, args: object) {
        const create = async (inputs: object) => ({ id: "plain", outs: { ...inputs, answer: 42 } });
        super({ create }, name, { ...args }, undefined, "contract", "Plain");
    }
}

class StandIn extends CustomResource {}

/** A resource of the provider plugin, registered as a generated SDK does it. */
class PluginResource extends CustomResource {
    constructor(name: string, { isSet, opts, logs = [] }: Declaration, args: object, provider: object) {
        const outputs = Object.fromEntries(logs.map((output) => [output, undefined]));
        const type = resourceTypes[isSet ? "set" : "cancellation"].plugin;
        super(type, name, { ...outputs, ...args }, { ...opts, ...provider });
        for (const output of logs) {
            const { [output]: value } = this as unknown as Readonly<Record<string, Output<unknown>>>;
            value?.apply((known) => log.info(`${name}.${output} = ${JSON.stringify(known)}`));
        }
    }
}

class PluginProvider extends ProviderResource {
    constructor(name: string, args: object, envVarMappings?: Record<string, string>) {
        super(pluginName, name, { ...args }, envVarMappings ? { envVarMappings } : {});
    }
}

async function program(): Promise<void> {
    const providers = new Map<string, ProviderResource>();
    const providerOf = ({ provider, isOfPlugin }: Declaration) => {
        if (!provider) {
            return {};
        }
        const found =
            providers.get(provider.name) ??
            (isOfPlugin
                ? new PluginProvider(provider.name, provider.args, provider.envVarMappings)
                : new DefenderProvider(provider.name, provider.args));
        providers.set(provider.name, found);
        return { provider: found };
    };
    for (const declaration of declarations) {
        const { name, args, opts, secrets, secretIds, isPlainDynamic, standIn, isSet, isWatched, idAfterMs, script } =
            declaration;
        if (script) {
            roads[script.road](name, script);
            continue;
        }
        if (isPlainDynamic) {
            new PlainDynamic(name, args);
            continue;
        }
        if (standIn) {
            new StandIn(standIn.type, name, { ...args, __provider: standIn.text }, { ...opts });
            continue;
        }
        if (isWatched) {
            const { machineActionId, ...others } = args;
            MachineActionCancellation.get(name, String(machineActionId), others, opts);
            continue;
        }
        const changed = {
            ...args,
            ...Object.fromEntries((secrets ?? []).map((input) => [input, secret(args[input])])),
            ...(secretIds ? withSecretIds(args) : {}),
            ...(idAfterMs === undefined ? {} : { machineActionId: output(delay(idAfterMs, args.machineActionId)) }),
        };
        if (declaration.isOfPlugin) {
            new PluginResource(name, declaration, changed, providerOf(declaration));
            continue;
        }
        declareCancellation(name, { args: changed, isSet: isSet ?? false }, { ...opts, ...providerOf(declaration) });
    }
}

/** The ids of a single cancellation, or of the entries of a set, as secret Outputs. */
function withSecretIds({ machineActionId, cancellations }: Declaration["args"]): Readonly<Record<string, unknown>> {
    return Array.isArray(cancellations)
        ? {
              cancellations: cancellations.map((entry) => ({
                  ...entry,
                  machineActionId: secret(entry.machineActionId),
              })),
          }
        : { machineActionId: secret(machineActionId) };
}

async function setUp(setup: EngineSetup): Promise<void> {
    const { folder, main, projectName, stackName, environment, config, isPluginPinned } = setup;
    // The SDK writes these settings as they are, but does not declare `plugins`.
    const projectSettings = {
        name: projectName,
        runtime: "nodejs",
        main,
        ...(isPluginPinned ? { plugins: { providers: [{ name: pluginName, path: join(main, "plugin") }] } } : {}),
    };
    stack = await LocalWorkspace.createStack(
        { stackName, projectName, program },
        {
            pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
            workDir: folder,
            projectSettings,
            envVars: { ...environment, ...cliEnvironment(folder) },
        },
    );
    if (Object.keys(config).length > 0) {
        await stack.setAllConfig(config);
    }
    // After each command the Automation API runs up to three more, whose results are not used here.
    stack.outputs = async () => ({});
    stack.info = async () => undefined;
}

async function carryOut(call: EngineCall, onOutput: (text: string) => void): Promise<unknown> {
    const common = { color: "never", onOutput, onError: onOutput } as const;
    declarations = call.declarations ?? declarations;
    switch (call.method) {
        case "set up":
            return setUp(call.setup);
        case "set config":
            return stack.setConfig(call.key, { value: call.value });
        case "cancel":
            return stack.cancel();
        case "import":
            return stack.importStack(call.state as Deployment);
        case "export":
            return (await stack.exportStack()).deployment;
        case "preview":
            return void (await stack.preview({ ...common, ...call.options }));
        case "up":
            return void (await stack.up({ ...common, ...call.options }));
        case "refresh":
            return void (await stack.refresh({ ...common, ...call.options }));
        case "destroy":
            return void (await stack.destroy({ ...common, ...call.options }));
    }
}

process.on("message", async (call: EngineCall) => {
    let printed = "";
    const reply: EngineReply = await carryOut(call, (text) => {
        printed += text;
    }).then(
        (value) => ({ output: printed, failed: false, value }),
        (error: unknown) => ({
            output: `${printed}\n${error instanceof Error ? error.message : error}`,
            failed: true,
            value: undefined,
        }),
    );
    process.send?.(reply);
});
