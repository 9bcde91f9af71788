import type { Command, HelpConfiguration } from "commander";
import { commandName } from "./typed-command.ts";

/** The width of a help where no terminal says its own, as in a pipe to a pager. */
const usualWidth = 80;
const maxWidth = 110;

/** The settings of every help. `width`: that of the terminal, in columns; undefined for a pipe or a file. */
export function helpSettings(width: number = Number.POSITIVE_INFINITY): HelpConfiguration {
    const helpWidth = Number.isFinite(width) ? Math.min(width, maxWidth) : usualWidth;
    return { helpWidth, minWidthToWrap: 20, sortSubcommands: false };
}

/**
 * Adds paragraphs below the options of a command's help, broken at blanks to fit it. An indented line is an example: it
 * stays whole, and begins with the words that the user types.
 */
export function addParagraphs(command: Command, paragraphs: readonly string[]): Command {
    return command.addHelpText("after", () => {
        const help = command.createHelp();
        const width = help.helpWidth ?? usualWidth;
        const typed = command.parent?.name() ?? command.name();
        const fitted = (line: string) =>
            line.startsWith(" ") ? line.replace(commandName, typed) : help.boxWrap(line, width);
        return paragraphs.flatMap((paragraph) => ["", ...paragraph.split("\n").map(fitted)]).join("\n");
    });
}
