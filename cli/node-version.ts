import { isAtLeast } from "./doctor/check.ts";
import { CliError } from "./exit-codes.ts";

/**
 * The oldest Node.js that works, as in `engines` in package.json: the text in state loads this package by `require`,
 * and older versions cannot load ES modules that way.
 */
export const oldestNode = "22.13.0";

/** Throws for an older Node.js, on which a command would fail midway. */
export function requireNode(version: string): void {
    if (!isAtLeast(version, oldestNode)) {
        throw new CliError(`this is Node.js ${version}, and ${oldestNode} or newer is needed: nothing was done`);
    }
}
