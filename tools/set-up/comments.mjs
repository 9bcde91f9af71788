import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { nodeModules } from "./paths.mjs";

/**
 * Removes the comments of the compiled programs. The sources and the type declarations have them; in the package they
 * would be an eighth.
 * @param {string} folder the compiled files
 */
export function removeComments(folder) {
    // Loaded here, because the set-up runs before anything is installed.
    const ts = createRequire(import.meta.url)(join(nodeModules, "typescript"));
    const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (entry.name.endsWith(".js")) {
            const path = join(entry.parentPath, entry.name);
            writeFileSync(path, ts.transpileModule(readFileSync(path, "utf8"), { compilerOptions }).outputText);
        }
    }
}
