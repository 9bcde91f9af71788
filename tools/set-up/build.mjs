import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { hashOf } from "./content-hash.mjs";
import { newOwnerName, removeLeftovers } from "./owner.mjs";
import { nodeModules, pinnedNode, root, stateFolder } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const sources = ["provider", "simulator", "cli", "policy", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];
/** Where the package of the workspace has its compiled files; the other folders go into dist/ at the root. */
const outputs = ["dist", "simulator/dist"];
const stampFile = join(stateFolder, "build.json");

/**
 * Whether the output folders hold what the sources compile to. The stamp names the content of both, so neither a half-finished
 * build nor an edited or deleted one is ever taken for finished, whatever was interrupted where.
 */
export function buildIsFresh() {
    return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp(hashOf(root, sources));
}

/** Compiles into a folder of its own and then swaps: a process that reads an output folder meanwhile sees no half of it. */
export async function build() {
    say("compiling provider/, cli/ and policy/ into dist/, and simulator/ into simulator/dist/");
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
        // The simulator first: it moves out of what becomes dist/.
        swap(join(compiled, "simulator"), join(root, "simulator", "dist"), join(work, "old-simulator"));
        swap(compiled, join(root, "dist"), join(work, "old"));
        writeFileSync(stampFile, stamp(compiledSources));
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/**
 * @param {string} compiled
 * @param {string} output
 * @param {string} old where what the output folder has held goes
 */
function swap(compiled, output, old) {
    if (existsSync(output)) {
        renameSync(output, old);
    }
    renameSync(compiled, output);
}

/** @param {string} sourcesHash */
function stamp(sourcesHash) {
    return `${JSON.stringify({ sources: sourcesHash, output: hashOf(root, outputs) })}\n`;
}
