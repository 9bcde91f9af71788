import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import type { CliHost } from "./host.ts";
import type { Printer } from "./printer.ts";

/** The arguments of a command's work. */
export interface Work {
    readonly host: CliHost;
    readonly printer: Printer;
}

/** The parts that a command needs when it is added to the program. */
export interface CommandFrame {
    readonly host: CliHost;
    /** Does the work of the chosen command. Its exit code becomes that of the program. */
    readonly run: (work: (frame: Work) => Promise<ExitCode>) => Promise<void>;
}

export type AddCommand = (program: Command, frame: CommandFrame) => void;
