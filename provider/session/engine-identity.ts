import { createHash } from "node:crypto";
import { factsOfProcess, type ProcessFacts, processIdSpace } from "../system/process-table.ts";

/**
 * The maximum number of processes between the engine and its plugin. Usually these are a shell, and maybe a version
 * manager of Node.
 */
const maxBetween = 8;

/**
 * Identifies the run of this plugin process by the engine's address, process id and start, and the scope of the process
 * id. All plugins of a run, each in its own process, have the same identity. The address is not enough, because another
 * engine may soon use it. On Windows, or if the engine's program has another name, only the address is known. Then two
 * runs may share an identity, but one run never has two. Undefined without an address, which is outside a plugin process.
 */
export function engineIdentity(
    address: string | undefined,
    parent: number = process.ppid,
    factsOf: (pid: number) => ProcessFacts | undefined = factsOfProcess,
): string | undefined {
    if (address === undefined) {
        return undefined;
    }
    const engine = findEngine(parent, factsOf);
    return digestOf(engine ? [address, processIdSpace(), String(engine.pid), engine.start] : [address]);
}

/** The engine among the ancestors of this plugin process; undefined if it cannot be found. */
export function findEngine(
    parent: number = process.ppid,
    factsOf: (pid: number) => ProcessFacts | undefined = factsOfProcess,
): { readonly pid: number; readonly start: string } | undefined {
    let pid = parent;
    for (let between = 0; between < maxBetween; between++) {
        const facts = factsOf(pid);
        if (!facts) {
            return undefined;
        }
        // The shell that starts the plugin does not match, because it has the name of its script:
        // pulumi-resource-pulumi-nodejs.
        if (facts.program === "pulumi") {
            return { pid, start: facts.start };
        }
        pid = facts.parent;
    }
    return undefined;
}

function digestOf(parts: readonly string[]): string {
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
}
