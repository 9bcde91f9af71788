import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

/** Writes a guard into a folder of its own, which is removed after the test. Returns its path. */
export async function guardFile(t: ExecutionContext, text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "defender-guard-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "guard.yaml");
    await writeFile(path, text);
    return path;
}
