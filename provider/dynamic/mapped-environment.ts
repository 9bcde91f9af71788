import { readFileSync } from "node:fs";
import { DefenderError } from "../model/errors.ts";
import { findEngine } from "./engine-identity.ts";
import { isPluginProcess } from "./engine-process.ts";

/**
 * A provider resource with `envVarMappings` gives its plugin another environment than that of the run: one variable's
 * value under another's name. A program can hide the option from its own process, and a transform can add it or put
 * such a provider in place: only the environment itself tells. On Linux it is compared with the engine's own.
 */

/** The variables by which a program could have its own guard, host, credential or code used. */
const isSensitive = (name: string) =>
    /^(?:DEFENDER_|AZURE_|ARM_|ACTIONS_|IDENTITY_|MSI_|IMDS_|NODE_|LD_|SSL_CERT_|OPENSSL_)|^(?:(?:HTTPS?|ALL|NO)_PROXY|HOME|XDG_CACHE_HOME)$/i.test(
        name,
    );

/** The names of variables that hold, in `own`, what another variable holds in `engine`, and did not hold there. */
export function mappedVariables(own: NodeJS.ProcessEnv, engine: NodeJS.ProcessEnv): readonly string[] {
    const values = new Map<string | undefined, string[]>();
    for (const [name, value] of Object.entries(engine)) {
        values.set(value, [...(values.get(value) ?? []), name]);
    }
    return Object.entries(own)
        .filter(([name, value]) => isSensitive(name) && value !== engine[name] && (values.get(value) ?? []).length > 0)
        .map(([name]) => name)
        .sort();
}

/** The environment that the engine of this plugin was started with; undefined where it cannot be read. */
function engineEnvironment(): NodeJS.ProcessEnv | undefined {
    try {
        const engine = process.platform === "linux" ? findEngine() : undefined;
        return engine && parseEnvironment(readFileSync(`/proc/${engine.pid}/environ`, "utf8"));
    } catch {
        // Another user's process.
        return undefined;
    }
}

function parseEnvironment(text: string): NodeJS.ProcessEnv {
    const lines = text.split("\0").filter((line) => line.includes("="));
    return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
}

let found: readonly string[] | undefined;

/** The mapped variables of this process, where it is the plugin's: looked for once. */
function mappedHere(): readonly string[] {
    const engine = found === undefined && isPluginProcess(process.argv[1]) ? engineEnvironment() : undefined;
    found ??= engine ? mappedVariables(process.env, engine) : [];
    return found;
}

/** Why nothing may be done in this process; undefined where its environment is that of the run. */
export function mappingRefusal(mapped: readonly string[] = mappedHere()): DefenderError | undefined {
    return mapped.length === 0
        ? undefined
        : new DefenderError(
              "ERR_DEFENDER_CONFIGURATION",
              `the provider of this resource has envVarMappings: ${mapped.join(", ")} in its process is another variable of ` +
                  "the run. Nothing was sent. Remove the option envVarMappings from the provider, and set the variable " +
                  "itself in the environment of the run",
          );
}
