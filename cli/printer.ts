import { styleText } from "node:util";
import { printable } from "../provider/text/print.ts";
import type { CliHost } from "./host.ts";
import { jsonText } from "./safe-text.ts";
import { wrapped } from "./text-width.ts";
import { inTypedWords } from "./typed-command.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** One line, or several. A line break inside a line becomes a blank, because foreign text must not begin a line. */
export type Lines = string | readonly string[];

/** Prints the output of a command. It sanitizes every line first. */
export interface Printer {
    /**
     * The width of the terminal on stdout, in columns, infinite where the terminal does not say it; undefined where the
     * result goes to a pipe or a file.
     */
    readonly width: number | undefined;
    /** Prints the result as it is, coloured on a terminal. The foreign texts in it must have no line breaks. */
    out(text: string, style?: Style): void;
    /** Prints sentences of the result, coloured on a terminal, and broken at blanks to fit it. */
    say(lines: Lines, style?: Style): void;
    /** The sanitized text as `say` prints it. */
    said(lines: Lines, style?: Style): string;
    /** Prints progress and remarks to stderr, so that the result can be piped. A terminal gets them broken at blanks. */
    note(lines: Lines): void;
    /** Prints the result as one line of JSON. */
    json(value: unknown): void;
    /** Prints the result as one JSON document. */
    document(value: unknown): void;
}

/** Narrower terminals break the lines. */
const minWidth = 60;

/** The width of a terminal, in columns, infinite where it does not say it; undefined for a pipe or a file. */
function terminalWidth({ isTTY, columns }: CliHost["stdout"]): number | undefined {
    return isTTY === true ? Math.max(minWidth, columns || Number.POSITIVE_INFINITY) : undefined;
}

function clean(text: string): string {
    return text.split("\n").map(printable).join("\n");
}

/**
 * The sanitized lines, which a terminal gets broken at blanks, and in which commands begin as the user types them. A line
 * is clean before it is broken, because a break could divide a secret; and each part afterwards, because a pipeline's
 * command must not begin one.
 */
export function sentences(lines: Lines, stream: CliHost["stdout"], env: CliHost["env"]): string {
    const broken = [lines].flat().map((line) => wrapped(inTypedWords(printable(line), env), terminalWidth(stream)));
    return clean(broken.join("\n"));
}

export function createPrinter({ stdout, stderr, env }: Pick<CliHost, "stdout" | "stderr" | "env">): Printer {
    // https://no-color.org, and as Node.js does. Some pipelines have a terminal, and keep its output as text.
    const isPlain = [env.NO_COLOR, env.CI].some(Boolean) || env.TERM === "dumb" || env.FORCE_COLOR === "0";
    const hasColours = stdout.isTTY === true && !isPlain;
    const paint = (style: Style, line: string) => styleText(style, line, { validateStream: false });
    const painted = (text: string, style: Style | undefined) =>
        style && hasColours
            ? text
                  .split("\n")
                  .map((line) => paint(style, line))
                  .join("\n")
            : text;
    const said = (lines: Lines, style?: Style) => painted(sentences(lines, stdout, env), style);
    return {
        width: terminalWidth(stdout),
        out: (text, style) => void stdout.write(`${painted(clean(text), style)}\n`),
        say: (lines, style) => void stdout.write(`${said(lines, style)}\n`),
        said,
        note: (lines) => stderr.write(`${sentences(lines, stderr, env)}\n`),
        json: (value) => stdout.write(`${jsonText(value)}\n`),
        document: (value) => stdout.write(`${jsonText(value, 4)}\n`),
    };
}
