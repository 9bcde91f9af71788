import { styleText } from "node:util";
import type { CliHost } from "./host.ts";
import { jsonText, safeLine } from "./safe-text.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** Where the output of a command goes. Every line passes the rule of `safe-text`. */
export interface Printer {
    /** The result, as lines. */
    out(text: string): void;
    /** Progress and remarks: they go to stderr, so that the result can be piped. */
    note(text: string): void;
    /** The result as one line of JSON. */
    json(value: unknown): void;
    /** The result as one JSON document. */
    document(value: unknown): void;
    /** Colours the text where the result goes to a terminal. */
    paint(style: Style, text: string): string;
}

export function createPrinter({ stdout, stderr, env }: CliHost): Printer {
    // https://no-color.org
    const hasColours = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
    const write = (stream: CliHost["stdout"], text: string) => {
        stream.write(`${text.split("\n").map(safeLine).join("\n")}\n`);
    };
    return {
        out: (text) => write(stdout, text),
        note: (text) => write(stderr, text),
        json: (value) => stdout.write(`${jsonText(value)}\n`),
        document: (value) => stdout.write(`${jsonText(value, 4)}\n`),
        paint: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    };
}
