import { styleText } from "node:util";
import { printable } from "../provider/text/print.ts";
import type { CliHost } from "./host.ts";
import { jsonText } from "./safe-text.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** Prints the output of a command. It sanitizes every line first. */
export interface Printer {
    /**
     * The width of the terminal on stdout, in columns, infinite where the terminal does not say it; undefined where the
     * result goes to a pipe or a file.
     */
    readonly width: number | undefined;
    /** Prints lines of the result, coloured on a terminal. */
    out(text: string, style?: Style): void;
    /** The sanitized text as `out` prints it, coloured on a terminal. */
    painted(text: string, style?: Style): string;
    /** Prints progress and remarks to stderr, so that the result can be piped. */
    note(text: string): void;
    /** Prints the result as one line of JSON. */
    json(value: unknown): void;
    /** Prints the result as one JSON document. */
    document(value: unknown): void;
}

/** Narrower terminals break the lines. */
const minWidth = 60;

export function createPrinter({ stdout, stderr, env }: CliHost): Printer {
    // https://no-color.org. Some pipelines have a terminal, and keep its output as text.
    const isPlain = [env.NO_COLOR, env.CI].some(Boolean) || env.TERM === "dumb";
    const hasColours = stdout.isTTY === true && !isPlain;
    const clean = (text: string) => text.split("\n").map(printable);
    const paint = (style: Style, line: string) => styleText(style, line, { validateStream: false });
    const painted = (text: string, style?: Style) =>
        (style && hasColours ? clean(text).map((line) => paint(style, line)) : clean(text)).join("\n");
    const width = Math.max(minWidth, stdout.columns || Number.POSITIVE_INFINITY);
    return {
        width: stdout.isTTY === true ? width : undefined,
        out: (text, style) => void stdout.write(`${painted(text, style)}\n`),
        painted,
        note: (text) => stderr.write(`${clean(text).join("\n")}\n`),
        json: (value) => stdout.write(`${jsonText(value)}\n`),
        document: (value) => stdout.write(`${jsonText(value, 4)}\n`),
    };
}
