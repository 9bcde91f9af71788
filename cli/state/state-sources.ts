import type { Command } from "commander";
import { counted } from "../../provider/text/counted.ts";
import { UsageError } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { type PendingOperation, pendingOperationsOf } from "./pending-operations.ts";
import { isOurs } from "./records.ts";
import { secretPaths, showSecrets } from "./secret-values.ts";
import { readStateText, resourcesOf, type StateResource, type StateSource } from "./stack-state.ts";

/** One stack export, or the evidence of one `apply`. */
export interface StateRecord {
    /** The file, the stack or stdin. */
    readonly name: string;
    readonly resources: readonly StateResource[];
    readonly pending: readonly PendingOperation[];
}

/** Any number of stacks and files. */
export interface StateSources {
    readonly stack?: readonly string[];
    readonly state?: readonly string[];
}

/** Adds the options that name several records. */
export function addStateSources(command: Command): Command {
    return command
        .option("--stack <names...>", "run `pulumi stack export` for these stacks, in the folder of their program")
        .option("--state <files...>", "stack exports, or evidence of `apply`; - for stdin");
}

/** All named records; if none is named, the record on stdin. */
export async function readRecords({ stack = [], state = [] }: StateSources, host: CliHost): Promise<StateRecord[]> {
    if (state.filter((file) => file === "-").length > 1) {
        throw new UsageError("--state - can be used once, because stdin is one stream");
    }
    const named: StateSource[] = [...stack.map((name) => ({ stack: name })), ...state.map((file) => ({ state: file }))];
    const records: StateRecord[] = [];
    for (const source of named.length > 0 ? named : [{}]) {
        const { text, name } = await readStateText(source, host);
        records.push({ name, resources: resourcesOf(text, name), pending: pendingOperationsOf(text) });
    }
    return records;
}

/** A line for each resource of this package whose values are partly unreadable, because they are secret. */
export function secretLines(
    resources: readonly StateResource[],
    nameOf: (resource: StateResource) => string,
): string[] {
    return resources.filter(isOurs).flatMap((resource) => {
        const paths = [...secretPaths(resource.inputs, "inputs"), ...secretPaths(resource.outputs, "outputs")];
        return paths.length === 0
            ? []
            : [
                  `${nameOf(resource)}: ${counted(paths.length, "value is secret", "values are secret")}, and only ${paths.length === 1 ? "its" : "their"} ciphertext is here: ${showSecrets}`,
              ];
    });
}
