import { stdin } from "node:process";
import type { Simulator } from "../simulator.ts";
import { readCommandLines } from "./command-lines.ts";
import { type CommandTargets, createCommands } from "./commands.ts";
import { isInForeground } from "./foreground.ts";
import { jsonLine, sanitize } from "./lines.ts";
import { readTerminalKeys, type SimulatorInput } from "./terminal-keys.ts";

/** How a user steers the running simulator. */
export type Controls = "keys" | "lines" | "none";

/** The input and the outputs of the command. */
export interface SteeringProcess {
    readonly write: (text: string) => void;
    readonly complain: (text: string) => void;
    readonly input?: SimulatorInput;
    readonly columns?: number | undefined;
}

/** The commands of the user while the simulator runs. */
export interface Steering {
    /** Writes lines, above the line that shows the chosen action. */
    write(lines: string): void;
    /** Stops reading, and gives the terminal back as it was. May be called again. */
    close(): void;
}

const usualColumns = 100;

/** The width to write for; 100 columns where there is no terminal that says it. */
export function columnsOf({ columns }: SteeringProcess): number {
    return columns || usualColumns;
}

/**
 * Keys where the input and the output are a terminal, otherwise lines. Nothing is read from the terminal of another
 * job.
 */
export function controlsOf({ input, columns }: SteeringProcess, json: boolean): Controls {
    if (input === undefined) {
        return "none";
    }
    if (input.isTTY !== true) {
        return "lines";
    }
    if (input === stdin && !isInForeground()) {
        return "none";
    }
    return json || columns === undefined ? "lines" : "keys";
}

/** What ends and steers the simulator, in a few words. */
export const controlsText: Readonly<Record<Controls, string>> = {
    keys: "? shows the keys; q or Ctrl+C ends",
    lines: "the line ? lists the commands; Ctrl+C ends",
    none: "Ctrl+C ends",
};

/** Begins to read the user's commands. */
export function steer(
    process: SteeringProcess,
    { controls, json }: { controls: Controls; json: boolean },
    targets: CommandTargets & { readonly simulator: Simulator },
): Steering {
    const { write, complain, input } = process;
    const commands = createCommands(targets);
    if (input === undefined || controls === "none") {
        return { write, close() {} };
    }
    if (controls === "keys") {
        const { simulator, quit } = targets;
        const { action, actions } = simulator;
        const columns = () => columnsOf(process);
        const keys = readTerminalKeys({ input, write, columns, action, actions, commands, quit });
        return { write: keys.print, close: keys.close };
    }
    const close = readCommandLines(input, commands, {
        done: (command, { text, properties }) =>
            write(json ? `${jsonLine({ command, ...properties })}\n` : `${text}\n`),
        refused: (command, error) =>
            json ? write(`${jsonLine({ command, error })}\n`) : complain(`simulator: ${sanitize(error)}\n`),
    });
    return { write, close };
}
