import { join } from "node:path";
import { registryPackage } from "./registry-package.ts";

/** The program of another version of Node.js, from the npm registry. */
export async function otherNode(version: string): Promise<string> {
    // The pinned version is already installed.
    if (process.version === `v${version}`) {
        return process.execPath;
    }
    return join(await registryPackage("node", version), "node", "bin", "node");
}
