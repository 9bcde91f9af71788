import { readFileSync, type Stats, statSync, writeFileSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { maxFileBytes } from "../../provider/schema/limits.ts";
import { CliError, UsageError } from "../exit-codes.ts";
import type { StateSources } from "../state/state-sources.ts";

/** Refuses an output that is one of the records, under any name, because the report would take the record's place. */
export function refuseRecord(
    folder: string,
    { output, state = [] }: Pick<StateSources, "state"> & { readonly output?: string },
): void {
    const written = output === undefined ? undefined : fileIn(folder, output);
    for (const path of written ? state.filter((one) => one !== "-") : []) {
        const read = fileIn(folder, path);
        if (read?.dev === written?.dev && read?.ino === written?.ino) {
            throw new UsageError(`--output ${output} would overwrite the record ${path}: name another file`);
        }
    }
}

/** Undefined for what is not a regular file, such as a terminal. */
function fileIn(folder: string, path: string): Stats | undefined {
    const found = statSync(resolve(folder, path), { throwIfNoEntry: false });
    return found?.isFile() ? found : undefined;
}

export function writeReport(folder: string, output: string, text: string): void {
    try {
        writeFileSync(resolve(folder, output), text === "" ? "" : `${text}\n`);
    } catch (error) {
        throw new CliError(`the report cannot be written to ${output}: ${(error as NodeJS.ErrnoException).code}`);
    }
}

/**
 * The content of a file in the given folder; undefined for a path outside that folder, because the path comes from a
 * record, which is not trusted.
 */
export function fileAtHand(folder: string, path: string): Buffer | undefined {
    const full = resolve(folder, path);
    const way = relative(folder, full);
    if (isAbsolute(path) || isAbsolute(way) || way.split(sep)[0] === "..") {
        return undefined;
    }
    try {
        const found = statSync(full);
        return found.isFile() && found.size <= maxFileBytes ? readFileSync(full) : undefined;
    } catch {
        return undefined;
    }
}
