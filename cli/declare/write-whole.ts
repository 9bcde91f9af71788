import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "../exit-codes.ts";

/**
 * Writes the complete text to a new file and renames it, so that a reader never sees a partial file. The new file has a
 * name that no other has, because the folder can come from a pull request, and a link with a known name would lead the
 * text elsewhere. An existing file keeps its permissions, and a link to it stays. On Windows, no file can be replaced
 * while a program such as an editor has it open.
 */
export function writeWhole(path: string, text: string): void {
    let beside: string | undefined;
    try {
        mkdirSync(dirname(path), { recursive: true });
        const target = existsSync(path) ? realpathSync(path) : path;
        const mode = existsSync(target) ? statSync(target).mode & 0o777 : undefined;
        beside = join(dirname(target), `.${randomUUID()}.tmp`);
        writeFileSync(beside, text, { flag: "wx" });
        if (mode !== undefined) {
            chmodSync(beside, mode);
        }
        renameSync(beside, target);
    } catch (error) {
        if (beside !== undefined) {
            rmSync(beside, { force: true });
        }
        const { code } = error as NodeJS.ErrnoException;
        throw new CliError(
            `${path} cannot be written: ${code}. Nothing was changed. Close the programs that have it open, and check ` +
                "the folder's permissions",
            { cause: error },
        );
    }
}
