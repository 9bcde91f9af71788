import { InvalidArgumentError } from "commander";

/** The exit codes of every command. */
export const exitCodes = {
    /** Done, and nothing to report. */
    fine: 0,
    /** Not done, or not completely. */
    failed: 1,
    /** Done, and there is something to check: a finding, a difference, a failed check. */
    found: 2,
    /** The command line is invalid (EX_USAGE of sysexits.h). Nothing was done. */
    usage: 64,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Thrown when the command cannot do its work. The message is all that is shown. */
export class CliError extends Error {
    override readonly name: string = "CliError";
}

/** Thrown when the command line is invalid. */
export class UsageError extends CliError {
    override readonly name = "UsageError";
}

/** Thrown by the parser of an option's value. */
export function wrongValue(expected: string): InvalidArgumentError {
    return new InvalidArgumentError(`Expected ${expected}`);
}
