import { readFileSync } from "node:fs";
import { DefenderError } from "../model/errors.ts";
import { findEngine } from "./engine-identity.ts";

/**
 * A provider resource with `envVarMappings` gives its plugin another environment than that of the run: the value of one
 * variable under the name of another. A program can hide the option from its own process, and a transform can add it or
 * substitute such a provider. So only the environment itself shows the mapping. On Linux it is compared with the
 * engine's own.
 */

/** The variables through which a program could substitute its own guard, host, credential or code. */
const isSensitive = (name: string) =>
    /^(?:DEFENDER_|AZURE_|ARM_|ACTIONS_|IDENTITY_|MSI_|IMDS_|NODE_|LD_|SSL_CERT_|OPENSSL_)|^(?:(?:HTTPS?|ALL|NO)_PROXY|HOME|XDG_CACHE_HOME)$/i.test(
        name,
    );

/**
 * The names of variables whose value in `own` is that of another variable in `engine`, and differs from their own value
 * there.
 */
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
        // The engine is another user's process.
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

/** The mapped variables of this process, which must be a plugin process. They are determined once. */
export function mappedHere(): readonly string[] {
    if (found === undefined) {
        const engine = engineEnvironment();
        found = engine ? mappedVariables(process.env, engine) : [];
    }
    return found;
}

/** The error with which each step in this process must fail; undefined if its environment is that of the run. */
export function mappingRefusal(mapped: readonly string[]): DefenderError | undefined {
    return mapped.length === 0
        ? undefined
        : new DefenderError(
              "ERR_DEFENDER_CONFIGURATION",
              `the provider of this resource has envVarMappings: in its process, ${mapped.join(", ")} has the ` +
                  "value of another variable of the run. Nothing was sent. Remove the option envVarMappings from the " +
                  "provider, and set the variable itself in the environment of the run",
          );
}
