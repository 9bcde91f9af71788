import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { hashOf } from "./content-hash.mjs";
import { newOwnerName, removeLeftovers } from "./owner.mjs";
import { nodeModules, pinnedNode, root, stateFolder } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const sources = ["provider", "simulator", "cli", "policy", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];
const dist = join(root, "dist");
const stampFile = join(stateFolder, "build.json");

/**
 * Whether dist/ holds what the sources compile to. The stamp names the content of both, so neither a half-finished
 * build nor an edited or deleted one is ever taken for finished, whatever was interrupted where.
 */
export function buildIsFresh() {
    return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp(hashOf(root, sources));
}

/** Compiles into a folder of its own and then swaps: a process that reads dist/ meanwhile sees no half of it. */
export async function build() {
    say("compiling provider/, simulator/, cli/ and policy/ into dist/");
    mkdirSync(stateFolder, { recursive: true });
    removeLeftovers(stateFolder, "build-");
    const work = join(stateFolder, `build-${newOwnerName()}`);
    const compiled = join(work, "new");
    const compiledSources = hashOf(root, sources);
    try {
        const tsc = join(nodeModules, "typescript", "bin", "tsc");
        const options = ["-p", join(root, "tsconfig.build.json"), "--outDir", compiled];
        const result = await run(pinnedNode, [tsc, ...options], { cwd: root, visible: true });
        if (result.code !== 0) {
            throw new SetUpError(`TypeScript does not compile (exit code ${result.code}); its messages are above`);
        }
        if (existsSync(dist)) {
            renameSync(dist, join(work, "old"));
        }
        renameSync(compiled, dist);
        writeFileSync(stampFile, stamp(compiledSources));
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/** @param {string} sourcesHash */
function stamp(sourcesHash) {
    return `${JSON.stringify({ sources: sourcesHash, output: hashOf(root, ["dist"]) })}\n`;
}
