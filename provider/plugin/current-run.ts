import { DefenderError } from "../model/errors.ts";
import type { Properties } from "../schema/input-rules.ts";
import { describeValue } from "../text/sanitize.ts";
import { type EngineLog, openEngineLog } from "./engine-log.ts";
import { configOf } from "./provider-settings.ts";
import { createRun, type ProviderRun } from "./run.ts";

/**
 * The run that this process serves. The engine starts a process for each provider of a run. A process that a debugger
 * holds serves one run after another, so each of them begins with new settings and a new stop.
 */
export interface CurrentRun {
    readonly engine: EngineLog;
    /** The settings of the provider; empty before `configure`. */
    readonly config: Properties;
    /** The resources that this run has found in the state, by URN. */
    readonly inState: Set<string>;
    /** Whether the program of the user runs: it has registered this provider. A refresh without the program has not. */
    readonly isOfProgram: boolean;
    /** The program has registered this provider. */
    register(): void;
    /** Throws if the provider is not configured: the environment's credential could be that of another tenant. */
    get(): ProviderRun;
    /** A run with other settings, before `configure`. Cancel stops it too. */
    runWith(config: Properties, name: string | undefined): ProviderRun;
    /** The engine at this address uses the process. */
    attach(address: string): void;
    /** Begins a run. `name`: that of an explicit provider. */
    configure(config: Properties, name: string | undefined): void;
    /** Stops this run alone, because the engine calls Cancel at the end of every run. */
    cancel(): void;
}

interface Provider {
    readonly config: Properties;
    readonly name: string | undefined;
}

export function createCurrentRun(address: string | undefined): CurrentRun {
    let engineAddress = address;
    let engine = openEngineLog(address);
    let stop = new AbortController();
    let provider: Provider | undefined;
    let run: ProviderRun | undefined;
    let inState = new Set<string>();
    let isOfProgram = false;

    function runWith(config: Properties, name: string | undefined): ProviderRun {
        return createRun(engineAddress, configOf(config, name), engine, stop.signal);
    }

    function reset(next: Provider | undefined): void {
        stop = new AbortController();
        provider = next;
        run = undefined;
        inState = new Set();
    }

    return {
        get engine() {
            return engine;
        },

        get config() {
            return provider?.config ?? {};
        },

        get inState() {
            return inState;
        },

        get isOfProgram() {
            return isOfProgram;
        },

        register() {
            isOfProgram = true;
        },

        get() {
            if (!provider) {
                throw new DefenderError(
                    "ERR_DEFENDER_CONFIGURATION",
                    "the engine has not configured this provider, so its credential is not known. Nothing was sent",
                );
            }
            run ??= runWith(provider.config, provider.name);
            return run;
        },

        runWith,

        attach(next) {
            const isOther = next !== "" && next !== engineAddress;
            if (isOther) {
                const log = openEngineLog(next);
                engine.close();
                engine = log;
                engineAddress = next;
            }
            if (isOther || stop.signal.aborted) {
                isOfProgram = false;
                reset(undefined);
            }
        },

        configure(config, name) {
            // A step does not say which provider it belongs to, so it could use the credential of the wrong one.
            if (provider && !stop.signal.aborted && provider.name !== name) {
                throw new DefenderError(
                    "ERR_DEFENDER_CONFIGURATION",
                    `this process serves the provider ${describeValue(provider.name ?? "default")} of this run, and ` +
                        `cannot serve ${describeValue(name ?? "default")} too: debug one provider of a program at a time`,
                );
            }
            reset({ config, name });
        },

        cancel: () => stop.abort(),
    };
}
