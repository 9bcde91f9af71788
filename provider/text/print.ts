import { sanitize } from "./sanitize.ts";

/** Logs a line on the stack. */
export type Log = (line: string) => void;

/**
 * The text as one line that is safe in a terminal and in a pipeline's log, even if others wrote parts of it. GitHub
 * Actions takes a line that starts with `::`, even after blanks, for a command
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
export function printable(text: string): string {
    return sanitize(text).replace(/^(\s*):(?=:)/, "$1: ");
}

/** Prints a line: the engine shows it on the stack while the step runs. */
export function printLine(text: string): void {
    console.log(printable(text));
}

/** Prints a warning. */
export function printWarning(text: string): void {
    console.warn(printable(text));
}
