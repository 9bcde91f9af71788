import type { MachineActionRow } from "../actions/machine-action.ts";
import { suggestion } from "../forms/nearest.ts";
import type { Simulator } from "../simulator.ts";
import type { FaultSwitch } from "./fault-switch.ts";
import { machineName } from "./fleet-table.ts";
import { sanitize } from "./lines.ts";

/** What a command did: a line for people, and properties for a line of JSON. */
export interface CommandResult {
    readonly text: string;
    readonly properties: Readonly<Record<string, unknown>>;
}

/** A key of a terminal that stands for a command. */
export interface CommandKey {
    readonly name: string;
    /** The second word that the key stands for; `chosen` is the id of the chosen machine action. */
    value(chosen: string | undefined): string;
    /** A question for a number. Enter without a number takes `value`. */
    readonly question?: string;
}

/** A command that a running simulator takes, as a line of its input or as a key. */
export interface Command {
    /** The first word of the line. */
    readonly name: string;
    /** The name of the second word; without it, the line has one word. */
    readonly value?: string;
    /** What the command does, for the list of keys. */
    readonly about: string;
    readonly key?: CommandKey;
    /** Throws an error that says why the command is refused. */
    run(value: string): CommandResult;
}

/** The parts of a running simulator that the commands use. */
export interface CommandTargets {
    readonly simulator: Pick<Simulator, "action" | "advance" | "resume" | "reissue">;
    readonly faults: FaultSwitch;
    /** Whether time stands still until a command lets it pass. */
    readonly steps: boolean;
    /** Ends the simulator. */
    readonly quit: () => void;
}

/** All commands. To add one, add an entry; its line, its key and its help follow. */
export function createCommands({ simulator, faults, steps, quit }: CommandTargets): readonly Command[] {
    return [
        {
            name: "resume",
            value: "ID",
            about: "resume the chosen action, a Cancelled one",
            key: { name: "r", value: chosenId },
            run(id) {
                simulator.resume(id);
                const action = simulator.action(id);
                if (action === undefined) {
                    throw new Error(`There is no machine action ${id}.`);
                }
                return actionResult("resumed", action);
            },
        },
        {
            name: "issue",
            value: "ID",
            about: "issue the chosen action again, even if it has not ended: same machine, new id",
            key: { name: "n", value: chosenId },
            run: (id) => actionResult("issued", simulator.reissue(id)),
        },
        {
            name: "fault",
            value: "on|off",
            about: `faults on or off; on: ${faults.effect}`,
            key: { name: "f", value: () => (faults.isOn ? "off" : "on") },
            run(value) {
                if (value !== "on" && value !== "off") {
                    throw new Error(`fault must be on or off, not ${value}`);
                }
                faults.turn(value === "on");
                const text = faults.isOn ? `faults on: ${faults.effect}` : "faults off";
                return { text, properties: { faults: value } };
            },
        },
        {
            name: "advance",
            value: "SECONDS",
            about: "let time go on: type a number of seconds, then Enter; without a number 30 s",
            ...(steps ? { key: { name: "a", value: () => "30", question: "advance by how many seconds? " } } : {}),
            run(value) {
                if (!steps) {
                    throw new Error("time passes by itself: start the simulator with --steps to advance it");
                }
                if (!/^\d{1,9}(\.\d{1,3})?$/.test(value) || Number(value) === 0) {
                    throw new Error(`advance needs a positive number of seconds, such as 30 or 0.5, not ${value}`);
                }
                simulator.advance(Number(value) * 1_000);
                return { text: `advanced by ${Number(value)} s`, properties: { advancedSeconds: Number(value) } };
            },
        },
        {
            name: "quit",
            about: "end",
            key: { name: "q", value: () => "" },
            run() {
                quit();
                return { text: "The simulator ends.", properties: {} };
            },
        },
    ];
}

function chosenId(chosen: string | undefined): string {
    if (chosen === undefined) {
        throw new Error("there is no machine action to choose");
    }
    return chosen;
}

function actionResult(verb: string, action: MachineActionRow): CommandResult {
    const { type, id, status } = action;
    return {
        text: sanitize(`${verb}: ${type} of ${machineName(action)}, ${id}, is ${status}`),
        properties: { action },
    };
}

/** The line of a command with a placeholder for its value, such as `resume ID`. */
function formOf({ name, value }: Command): string {
    return value === undefined ? name : `${name} ${value}`;
}

/** Runs the command that a line names; `?` lists the commands. Throws an error that says why it is refused. */
export function runLine(commands: readonly Command[], line: string): CommandResult {
    const [name = "", ...values] = line.trim().split(/\s+/);
    if (name === "?") {
        const forms = commands.map(formOf);
        return { text: `The commands are ${forms.join(", ")}.`, properties: { commands: forms } };
    }
    const command = commands.find((one) => one.name === name);
    if (command === undefined) {
        const names = commands.map((one) => one.name);
        throw new Error(`unknown command ${name}${suggestion(name, names) || `: write one of ${names.join(", ")}`}`);
    }
    const form = formOf(command);
    const [value = ""] = values;
    if (values.length !== (command.value === undefined ? 0 : 1)) {
        throw new Error(`${name} ${value === "" ? "has no value" : "has too many words"}: write ${form}`);
    }
    return command.run(value);
}
