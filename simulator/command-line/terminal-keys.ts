import { emitKeypressEvents, type Key } from "node:readline";
import type { Readable } from "node:stream";
import type { MachineActionRow } from "../actions/machine-action.ts";
import { type CommandReport, runReported } from "./command-lines.ts";
import { type Command, runLine } from "./commands.ts";
import { eachSecond } from "./each-second.ts";
import { cut, machineName } from "./fleet-table.ts";
import { sanitize } from "./lines.ts";

/** The input of the command. On a terminal, `isTTY` is true and `setRawMode` is there. */
export type SimulatorInput = Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };

export interface TerminalKeysOptions {
    input: SimulatorInput;
    /** Writes to the terminal. */
    write: (text: string) => void;
    /** The width of the terminal now. */
    columns: () => number;
    /** The machine actions to choose from, in the order of the list. */
    actions: () => readonly MachineActionRow[];
    action: (id: string) => MachineActionRow | undefined;
    commands: readonly Command[];
    quit: () => void;
    /** Calls a function again and again, and returns what ends that. Default: each second of real time. */
    repeat?: (run: () => void) => () => void;
}

/** The keys of a terminal, whose last line shows the chosen action. */
export interface TerminalKeys {
    /** Writes lines above the last line, and draws the last line anew. */
    print(lines: string): void;
    /** Gives the terminal back as it was. May be called again. */
    close(): void;
}

const maxTyped = 12;
const clearLine = "\r\u001b[K";

/** Takes over the keys of a terminal until `close` is called. */
export function readTerminalKeys(options: TerminalKeysOptions): TerminalKeys {
    const { input, write, columns, actions, action, commands, quit, repeat = eachSecond } = options;
    let chosen = actions()[0]?.id;
    let open = true;
    let drawn = "";
    /** The command whose question stands in the last line, and the number that was typed so far. */
    let asked: { command: Command; question: string; usual: string; typed: string } | undefined;
    /** Whether the text that was read last is a pasted line. */
    let isPaste = false;

    function lastLine(): string {
        if (asked !== undefined) {
            return cut(`${asked.question}${asked.typed}`, columns() - 1);
        }
        const row = chosen === undefined ? undefined : action(chosen);
        const parts = row === undefined ? ["no action"] : [machineName(row), row.type, row.status, row.id];
        // The last column stays free, because some terminals begin a new line there.
        return cut(`> ${parts.map(sanitize).join("  ")}`, columns() - 1);
    }

    function print(lines: string): void {
        if (open) {
            drawn = lastLine();
            write(`${clearLine}${lines}${drawn}`);
        } else {
            write(lines);
        }
    }

    /** Draws the last line anew if time has changed what it shows. */
    function refresh(): void {
        if (open && lastLine() !== drawn) {
            print("");
        }
    }

    const report: CommandReport = {
        done: (_, { text }) => print(`${text}\n`),
        refused: (_, reason) => print(`${sanitize(reason)}\n`),
    };

    function choose(step: number): void {
        const ids = actions().map(({ id }) => id);
        const place = chosen === undefined ? -1 : ids.indexOf(chosen);
        chosen = ids[Math.min(Math.max(place + step, 0), ids.length - 1)];
        print("");
    }

    /** A key while a question stands in the last line. */
    function answer({ command, usual, typed, ...question }: NonNullable<typeof asked>, { name, sequence }: Key): void {
        if (name === "return" || name === "enter") {
            asked = undefined;
            runReported(command.name, report, () => command.run(typed || usual));
            return;
        }
        const changed = name === "backspace" ? typed.slice(0, -1) : typed;
        const added = /^[\d.]$/.test(sequence ?? "") && typed.length < maxTyped ? sequence : "";
        asked = name === "escape" ? undefined : { command, usual, ...question, typed: `${changed}${added}` };
        print("");
    }

    function press(_: string | undefined, pressed: Key): void {
        if (isPaste) {
            return;
        }
        const { name, ctrl, sequence } = pressed;
        const command = ctrl ? undefined : commands.find(({ key }) => key !== undefined && key.name === name);
        if (ctrl && (name === "c" || name === "d")) {
            quit();
        } else if (asked !== undefined) {
            answer(asked, pressed);
        } else if (sequence === "?") {
            print(keysText(commands));
        } else if (!ctrl && (name === "up" || name === "k")) {
            choose(-1);
        } else if (!ctrl && (name === "down" || name === "j")) {
            choose(1);
        } else if (command?.key !== undefined) {
            const { key } = command;
            if (key.question !== undefined) {
                asked = { command, question: key.question, usual: key.value(chosen), typed: "" };
                print("");
                return;
            }
            runReported(command.name, report, () => command.run(key.value(chosen)));
        }
    }

    /** A pasted line is a command, because the letters in a pasted id would be keys. */
    function take(chunk: Buffer | string): void {
        const text = String(chunk);
        isPaste = asked === undefined && isPasted(text);
        for (const line of isPaste ? text.split(/[\r\n]+/).filter((one) => one.trim() !== "") : []) {
            runReported(line, report, () => runLine(commands, line));
        }
    }

    emitKeypressEvents(input);
    input.setRawMode?.(true);
    input.on("keypress", press);
    // Before the keys of the same text are read.
    input.prependListener("data", take);
    input.resume();
    print("");
    const endRefresh = repeat(refresh);
    return {
        print,
        close() {
            if (open) {
                open = false;
                endRefresh();
                input.off("data", take);
                input.off("keypress", press);
                input.setRawMode?.(false);
                input.pause();
                write(clearLine);
            }
        },
    };
}

/** Whether text that came in one piece is no key that is held, no sequence of a key, and no key with its answer. */
function isPasted(text: string): boolean {
    return !text.startsWith("\u001b") && new Set(text.match(/[a-z]/gi)).size > 1;
}

/** The keys and their meaning, a line each. */
function keysText(commands: readonly Command[]): string {
    const keys = [
        ["up, down", "choose an action, also k and j"],
        ...commands.flatMap(({ key, about }) => (key === undefined ? [] : [[key.name, about]])),
        ["Ctrl+C", "end"],
    ];
    return keys.map(([name = "", about = ""]) => `  ${name.padEnd(8)}  ${about}\n`).join("");
}
