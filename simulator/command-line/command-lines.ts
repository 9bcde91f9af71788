import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Command, type CommandResult, runLine } from "./commands.ts";

/** Where the results of commands go. */
export interface CommandReport {
    done(line: string, result: CommandResult): void;
    refused(line: string, reason: string): void;
}

/** Runs each line of an input as a command until the input ends. Returns a function that stops reading. */
export function readCommandLines(input: Readable, commands: readonly Command[], report: CommandReport): () => void {
    const lines = createInterface({ input });
    lines.on("line", (text) => {
        const line = text.trim();
        if (line !== "") {
            runReported(line, report, () => runLine(commands, line));
        }
    });
    // An input that breaks, such as a folder, has no commands.
    lines.on("error", () => lines.close());
    return () => lines.close();
}

/** Runs a command and reports its result, or why it was refused. */
export function runReported(line: string, report: CommandReport, run: () => CommandResult): void {
    let result: CommandResult;
    try {
        result = run();
    } catch (error) {
        report.refused(line, error instanceof Error ? error.message : String(error));
        return;
    }
    report.done(line, result);
}
