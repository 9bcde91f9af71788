import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type {
    ConfigMap,
    DestroyOptions,
    PreviewOptions,
    RefreshOptions,
    UpOptions,
} from "@pulumi/pulumi/automation/index.js";
import { typeOf } from "../../provider/model/resource-types.ts";
import type { Script } from "./scripted-programs.ts";

/** The root of the clone. The plugin process resolves the package from here upwards. */
export const packageRoot: string = fileURLToPath(new URL("../../", import.meta.url));

const projectName = "incident";
const stackName = "test";

/** A MachineActionCancellation in the program. */
export interface Declaration {
    readonly name: string;
    /** Any inputs that the program passes, wrong types included. */
    readonly args: Readonly<Record<string, unknown>>;
    readonly opts?: Pick<
        CustomResourceOptions,
        "aliases" | "customTimeouts" | "id" | "import" | "protect" | "replaceOnChanges" | "retainOnDelete"
    >;
    /** Declares a resource of the provider plugin, by its type token. */
    readonly isOfPlugin?: boolean;
    /** Outputs of a resource of the plugin that the program logs where they are known, as `name.output = "value"`. */
    readonly logs?: readonly string[];
    /** Declares a MachineActionCancellationSet instead. */
    readonly isSet?: boolean;
    /** The inputs that are secret Outputs. */
    readonly secrets?: readonly string[];
    /** Marks the ids of the actions as secret Outputs. */
    readonly secretIds?: boolean;
    /** Declares it by `MachineActionCancellation.get`, with `args.machineActionId`. */
    readonly isWatched?: boolean;
    /** Declares a `pulumi.dynamic.Resource` of the SDK's own in its place, with these inputs. */
    readonly isPlainDynamic?: boolean;
    /** Declares a resource of this type with this text in place of the reference to the package's provider. */
    readonly standIn?: { readonly type: string; readonly text: string };
    /** Declares a provider of this name with these settings, once for all that name it, and uses it. */
    readonly provider?: {
        readonly name: string;
        readonly args: Readonly<Record<string, unknown>>;
        /** Only for a provider of the plugin. */
        readonly envVarMappings?: Record<string, string>;
    };
    /** Makes the id an Output that is known only after this time, in milliseconds. */
    readonly idAfterMs?: number;
    /** Declares it in one of the ways of `scripted-programs.ts`, with which a program can mislead a reader. */
    readonly script?: Script;
}

export interface EngineSetup {
    readonly folder: string;
    readonly main: string;
    readonly projectName: string;
    readonly stackName: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly config: ConfigMap;
    readonly isPluginPinned: boolean;
}

export type EngineCall = { readonly declarations?: readonly Declaration[] } & (
    | { readonly method: "set up"; readonly setup: EngineSetup }
    | { readonly method: "set config"; readonly key: string; readonly value: string }
    | { readonly method: "cancel" | "export" }
    | { readonly method: "import"; readonly state: unknown }
    | { readonly method: "preview"; readonly options: PreviewOptions }
    | { readonly method: "up"; readonly options: UpOptions }
    | { readonly method: "refresh"; readonly options: RefreshOptions }
    | { readonly method: "destroy"; readonly options: DestroyOptions }
);

/** The result of one run of the CLI. */
export interface EngineRun {
    /** Both streams of the CLI, as it printed them. */
    readonly output: string;
    readonly failed: boolean;
}

export type EngineReply = EngineRun & { readonly value: unknown };

/** A resource as the exported state contains it. */
export interface StoredResource {
    readonly type: string;
    readonly urn: string;
    readonly id?: string;
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, unknown>;
    readonly initErrors?: string[];
    readonly refreshBeforeUpdate?: boolean;
}

interface StoredState {
    readonly resources?: StoredResource[];
    readonly pending_operations?: unknown[];
}

export interface EngineOptions {
    /** The declarations of the program; called before each run. */
    readonly declarations: () => readonly Declaration[];
    /** The environment of the program and of the plugin process, such as DEFENDER_API_URL. */
    readonly environment: Readonly<Record<string, string>>;
    readonly config?: ConfigMap;
    /** Whether the project names the provider plugin of the clone by its path. Default: true. */
    readonly isPluginPinned?: boolean;
}

/** A stack of its own on the real CLI: own home, own file backend, own program process. */
export interface Engine {
    /** Holds the state, and is part of the environment of every process of this stack. */
    readonly folder: string;
    preview(options?: PreviewOptions): Promise<EngineRun>;
    up(options?: UpOptions): Promise<EngineRun>;
    refresh(options?: RefreshOptions): Promise<EngineRun>;
    destroy(options?: DestroyOptions): Promise<EngineRun>;
    /** `pulumi cancel`: unlocks the stack of a dead CLI. */
    cancel(): Promise<EngineRun>;
    setConfig(key: string, value: string): Promise<EngineRun>;
    /** The resources of this package in the stored state; a secret is encrypted there. */
    resources(): Promise<StoredResource[]>;
    /** `pulumi stack export`. */
    exportState(): Promise<{ readonly version: number; readonly deployment: StoredState }>;
    /** `pulumi stack import`: stores a state as `pulumi stack export` wrote it. */
    importState(state: unknown): Promise<EngineRun>;
    /** How many pending operations the stored state has. */
    pendingOperations(): Promise<number>;
    /** The output of the program's process, of all runs together. */
    programOutput(): string;
    /** Every byte that the runs left behind: state, its backups and history, logs. */
    leftBehind(): Promise<string>;
    dispose(): Promise<void>;
}

/** Returns a new stack on the real engine. */
export async function startEngine({
    declarations,
    environment,
    config = {},
    isPluginPinned = true,
}: EngineOptions): Promise<Engine> {
    const folder = await mkdtemp(join(tmpdir(), "defender-engine-"));
    const host = fork(new URL("./engine-host.ts", import.meta.url), {
        env: { ...process.env, ...environment, XDG_CACHE_HOME: join(folder, "cache") },
        execArgv: [],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    let programOutput = "";
    for (const stream of [host.stdout, host.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
            programOutput += text;
        });
    }

    async function ask(call: EngineCall): Promise<EngineReply> {
        const ended = new AbortController();
        const { signal } = ended;
        const gone = once(host, "exit", { signal }).then(([code]) => {
            throw new Error(`the program's process ended with exit code ${code}:\n${programOutput.slice(-2_000)}`);
        });
        gone.catch(() => {});
        host.send({ ...call, declarations: declarations() });
        try {
            const [reply] = await Promise.race([once(host, "message", { signal }), gone]);
            return reply as EngineReply;
        } finally {
            ended.abort();
        }
    }

    async function exported(): Promise<StoredState> {
        const { output, failed, value } = await ask({ method: "export" });
        if (failed) {
            throw new Error(output);
        }
        return value as StoredState;
    }

    /** The state as the file backend stores it. To export it each time with the CLI would take half a second. */
    async function storedState(): Promise<StoredState> {
        const path = join(folder, ".pulumi/stacks", projectName, `${stackName}.json`);
        const { checkpoint } = JSON.parse(await readFile(path, "utf8")) as {
            readonly checkpoint: { readonly latest?: StoredState | null };
        };
        return checkpoint.latest ?? {};
    }

    const setup = { folder, main: packageRoot, projectName, stackName, environment, config, isPluginPinned };
    const started = await ask({ method: "set up", setup });
    if (started.failed) {
        throw new Error(started.output);
    }
    return {
        folder,
        preview: (options = {}) => ask({ method: "preview", options }),
        up: (options = {}) => ask({ method: "up", options }),
        refresh: (options = {}) => ask({ method: "refresh", options }),
        destroy: (options = {}) => ask({ method: "destroy", options }),
        cancel: () => ask({ method: "cancel" }),
        programOutput: () => programOutput,
        setConfig: (key, value) => ask({ method: "set config", key, value }),
        async resources() {
            const { resources = [] } = await storedState();
            return resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic") || typeOf(type));
        },
        exportState: async () => ({ version: 3, deployment: await exported() }),
        importState: (state) => ask({ method: "import", state }),
        async pendingOperations() {
            return (await storedState()).pending_operations?.length ?? 0;
        },
        async leftBehind() {
            const entries = await readdir(folder, { recursive: true, withFileTypes: true });
            const files = entries.filter((entry) => entry.isFile());
            return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")))).join(
                "\n",
            );
        },
        async dispose() {
            const gone = once(host, "exit");
            host.disconnect();
            await gone;
            await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        },
    };
}
