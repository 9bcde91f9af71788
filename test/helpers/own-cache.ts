import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For tests of code in the program's own process: puts the quota's files into a folder that is removed afterwards. */
export function useOwnCache(): void {
    const folder = mkdtempSync(join(tmpdir(), "defender-cache-"));
    process.env.XDG_CACHE_HOME = folder;
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
