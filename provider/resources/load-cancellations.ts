import { fileURLToPath } from "node:url";
import { readDeclaration } from "../schema/declaration-file/declaration-file.ts";
import type { Declaration } from "../schema/declaration-file/declaration-schema.ts";
import type { Expectation, IfAlreadyFinal, OnReissue } from "../schema/input-rules.ts";
import { printWarning } from "../text/print.ts";

/** The content of a declaration file, as the arguments of a MachineActionCancellationSet. */
export interface LoadedCancellations {
    cancellations: { machineActionId: string; expect?: Expectation; ifAlreadyFinal?: IfAlreadyFinal }[];
    comment: string;
    maxCancellations?: number;
    notAfter?: string;
    ifAlreadyFinal?: IfAlreadyFinal;
    onReissue?: OnReissue;
    reissueWindowHours?: number;
    confirmWithinSeconds?: number;
}

/**
 * Reads and checks a declaration file, YAML or JSON: `docs/declaration-files.md`. A relative path is relative to the
 * working folder, which in a Pulumi program is the project's folder.
 *
 * Throws `ERR_DEFENDER_DECLARATION`, which names file, line and column of each problem. Warns on stderr of a text that
 * a YAML comment cuts, as in `comment: Ticket #4711 wrong`.
 *
 * @example
 * ```ts
 * new MachineActionCancellationSet("playbook-12", loadCancellations("incidents/playbook-12.yaml"));
 * ```
 */
export function loadCancellations(path: string | URL): LoadedCancellations {
    try {
        const { declaration, warnings } = readDeclaration(typeof path === "string" ? path : fileURLToPath(path));
        warnings.forEach(printWarning);
        return argumentsOf(declaration);
    } catch (error) {
        // The file is wrong, not the program. Pulumi prints no stack for an error that it takes for a RunError.
        throw Object.defineProperty(error as Error, "__pulumiRunError", { value: true });
    }
}

/** The declaration as the arguments of a set, without the notes, which are for the file's readers. */
export function argumentsOf(declaration: Declaration): LoadedCancellations {
    const { $schema: _, version: __, cancellations, ...common } = declaration;
    return defined({
        cancellations: cancellations.map(({ machineActionId, expect, ifAlreadyFinal }) =>
            defined({ machineActionId, expect: expect && defined(expect), ifAlreadyFinal }),
        ),
        ...common,
    }) as LoadedCancellations;
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
    return Object.fromEntries(Object.entries(value).filter(([, property]) => property !== undefined)) as never;
}
