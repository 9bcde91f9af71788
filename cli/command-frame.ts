import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import type { CliHost } from "./host.ts";
import type { Printer } from "./printer.ts";

/** What the work of a command gets. */
export interface Work {
    readonly host: CliHost;
    readonly printer: Printer;
}

/** What a command needs when it is added to the program. */
export interface CommandFrame {
    readonly host: CliHost;
    /** Does the work of the command that was chosen; its exit code is that of the program. */
    readonly run: (work: (frame: Work) => Promise<ExitCode>) => Promise<void>;
}

export type AddCommand = (program: Command, frame: CommandFrame) => void;
