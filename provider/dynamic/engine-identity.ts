import { createHash } from "node:crypto";
import { factsOfProcess, type ProcessFacts, processIdSpace } from "../system/process-table.ts";
import { engineAddress } from "./engine-process.ts";

/** More processes do not stand between the engine and its plugin: a shell, and maybe what chooses the version of Node. */
const maxBetween = 8;

/**
 * What tells the run of this plugin process from any other: the engine's address, and its process id and start, with
 * what these are comparable in. All plugins of a run have the same, each in a process of its own. An address alone may
 * be another engine's soon. Where the system does not tell, on Windows, or the engine goes by another name, it has to
 * do: then runs may share what each should have, and never the other way round. Undefined outside the plugin process.
 */
export function engineIdentity(
    argv: readonly string[] = process.argv,
    parent: number = process.ppid,
    factsOf: (pid: number) => ProcessFacts | undefined = factsOfProcess,
): string | undefined {
    const address = engineAddress(argv);
    if (address === undefined) {
        return undefined;
    }
    const engine = findEngine(parent, factsOf);
    return digestOf(engine ? [address, processIdSpace(), String(engine.pid), engine.start] : [address]);
}

/** The engine among the ancestors of this plugin process; undefined where the system does not tell. */
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
        // The shell that starts the plugin bears its script's name: pulumi-resource-pulumi-nodejs.
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
