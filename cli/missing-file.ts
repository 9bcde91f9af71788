import { describeUnreadable, type GivenFile } from "../provider/system/missing-file.ts";
import { CliError } from "./exit-codes.ts";

/** The error for a file that cannot be read. If there is no such file, it names the files that could be meant. */
export function unreadableFile(file: GivenFile, error: unknown): CliError {
    return new CliError(describeUnreadable(file, error), { cause: error });
}
