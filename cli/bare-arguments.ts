import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { foldType, knownTypes } from "../provider/model/action-type.ts";
import { isGuid } from "../provider/model/machine-action.ts";
import { declarationName } from "../provider/schema/declaration-file/declaration-file.ts";
import { isStatusFilter } from "./action-filters.ts";
import { parseMoment } from "./spans.ts";

/** The options that could take a value, the most specific form first. A command has only some of them. */
const forms: readonly { readonly option: string; readonly fits: (value: string, cwd: string) => boolean }[] = [
    { option: "--id", fits: isGuid },
    { option: "--status", fits: isStatusFilter },
    { option: "--type", fits: (value) => knownTypes.some((type) => foldType(type) === foldType(value)) },
    { option: "--since", fits: isMoment },
    { option: "--created-after", fits: isMoment },
    { option: "--declared", fits: (value, cwd) => /\.ya?ml$/i.test(value) || isFolder(resolve(cwd, value)) },
    { option: "--state", fits: (value) => value === "-" || declarationName.test(value) },
    { option: "--requestor", fits: (value) => value.includes("@") },
    { option: "--stack", fits: () => true },
    { option: "--machine", fits: () => true },
];

/** The options whose value is a text that often has blanks. */
const textOptions = ["--comment", "--reason", "--requestor", "--requestor-comment"];

/** Explains the values that have no option before them: which one each of them needs. `args`: the whole command line. */
export function explainBareArguments(command: Command, args: readonly string[], cwd: string): string {
    const bare = command.args.slice(command.registeredArguments.length);
    const needed = bare.flatMap((value) => {
        const form = forms.find(({ option, fits }) => hasOption(command, option) && fits(value, cwd));
        return form ? [`\`${form.option} ${quoted(value)}\``] : [];
    });
    const [first = ""] = bare;
    const text = textBefore(args, first);
    const inQuotes = text === undefined ? "" : `put a text with blanks in quotes: \`${text}\``;
    if (needed.length === 0) {
        return `${command.name()} takes ${quoted(first)} only with an option${inQuotes && `: ${inQuotes}`}`;
    }
    const what = bare.length === 1 ? quoted(first) : "these values";
    return `${command.name()} takes ${what} only with an option: ${needed.join(" ")}${inQuotes && `. Or ${inQuotes}`}`;
}

function hasOption(command: Command, name: string): boolean {
    return command.options.some(({ long }) => long === name);
}

function isMoment(value: string): boolean {
    try {
        return Number.isFinite(parseMoment(value, 0, 1));
    } catch {
        return false;
    }
}

function isFolder(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The option with a text that ends with this value, if it was meant so: `--reason "the Git host is down"`. */
function textBefore(args: readonly string[], value: string): string | undefined {
    const place = args.indexOf(value);
    const start = args.slice(0, place).findLastIndex((one) => one.startsWith("-"));
    const option = args[start] ?? "";
    if (start < 0 || place - start < 2 || !textOptions.includes(option)) {
        return undefined;
    }
    const rest = args.slice(start + 1);
    const end = rest.findIndex((one) => one.startsWith("-"));
    return `${option} "${rest.slice(0, end < 0 ? rest.length : end).join(" ")}"`;
}

function quoted(value: string): string {
    return /^[\w.,:@/*+-]+$/.test(value) ? value : `"${value}"`;
}
