import { InvalidArgumentError } from "commander";

/** The exit codes of every command. */
export const exitCodes = {
    /** Done, and nothing to report. */
    fine: 0,
    /** It could not be done, or not all of it. */
    failed: 1,
    /** Done, and there is something to look at: a finding, a difference, a check that is not met. */
    found: 2,
    /** The command line makes no sense (EX_USAGE of sysexits.h). Nothing was done. */
    usage: 64,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Thrown when something cannot be done, with all that there is to say. */
export class CliError extends Error {
    override readonly name: string = "CliError";
}

/** Thrown when the command line makes no sense. */
export class UsageError extends CliError {
    override readonly name = "UsageError";
}

/** Thrown by the parser of an option's value. */
export function wrongValue(expected: string): InvalidArgumentError {
    return new InvalidArgumentError(`expected ${expected}`);
}
