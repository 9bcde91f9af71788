import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For tests of what runs in the program's own process: its quota's files go into a folder that goes with the test. */
export function useOwnCache(): void {
    const folder = mkdtempSync(join(tmpdir(), "defender-cache-"));
    process.env.XDG_CACHE_HOME = folder;
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
