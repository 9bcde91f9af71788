import { sanitize } from "./sanitize.ts";

/** Takes a line for the stack. */
export type Log = (line: string) => void;

/**
 * The text as one line that a terminal and a pipeline's log take for text, with any foreign text in it: a line
 * that starts with `::` would be a command to GitHub Actions
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). Blanks before it do not count.
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
