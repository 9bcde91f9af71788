import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { removeComments } from "./comments.mjs";
import { hashOf } from "./content-hash.mjs";
import { removeUnreachableDeclarations } from "./declarations.mjs";
import { newOwnerName, removeLeftovers } from "./owner.mjs";
import { nodeModules, pinnedNode, root, stateFolder } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const sources = ["provider", "simulator", "cli", "policy", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];
/** The folders of compiled files: the simulator's are in its own dist/, all others in dist/ at the root. */
const outputs = ["dist", "simulator/dist"];
const stampFile = join(stateFolder, "build.json");

/**
 * Whether the output folders match the sources. The stamp contains the hash of both, so a half-finished, edited or
 * deleted build never counts as finished, wherever a build was interrupted.
 */
export function buildIsFresh() {
    return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp(hashOf(root, sources));
}

/** Compiles into a folder of its own and then swaps, so that other processes never see a half-finished folder. */
export async function build() {
    say("compiling the sources into dist/ and simulator/dist/: about half a minute, only after they changed");
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
        removeUnreachableDeclarations(compiled, entryPoints());
        removeComments(compiled);
        // The simulator first, because it is moved out of the folder that becomes dist/.
        swap(join(compiled, "simulator"), join(root, "simulator", "dist"), join(work, "old-simulator"));
        swap(compiled, join(root, "dist"), join(work, "old"));
        writeFileSync(stampFile, stamp(compiledSources));
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/** The declarations of what programs import, of both packages, as paths in the compiled folder. */
function entryPoints() {
    const typesOf = (/** @type {string} */ folder) =>
        Object.values(JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).exports).flatMap((one) =>
            typeof one === "string" ? [] : [one.types.slice("./dist/".length)],
        );
    return [...typesOf("."), ...typesOf("simulator").map((path) => join("simulator", path))];
}

/**
 * @param {string} compiled
 * @param {string} output
 * @param {string} old path to which the previous content of the output folder is moved
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
