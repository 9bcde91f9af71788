import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CommandScene } from "./command.ts";

/** What a command did on a real terminal. */
export interface TerminalRun {
    readonly code: number;
    /** All that it wrote, with escape sequences. */
    readonly output: string;
    /** Whether the terminal has the modes that it had before. */
    readonly isAsBefore: boolean;
}

/**
 * When the pattern has appeared since the step before, and so many seconds have passed, a text is typed, or the terminal
 * gets a number of columns. `file:NAME` in place of a pattern waits for a file in the folder. Default: 0 seconds.
 */
export type TerminalStep = readonly [pattern: string, action: string | number, seconds?: number];

const root = join(import.meta.dirname, "../..");

/** Runs the command with these arguments on a real terminal, in a process of its own. */
export async function onTerminal(
    { folder, simulator }: CommandScene,
    args: readonly string[],
    {
        columns = 100,
        steps = [],
        env = {},
    }: {
        readonly columns?: number;
        readonly steps?: readonly TerminalStep[];
        readonly env?: Readonly<Record<string, string>>;
    },
): Promise<TerminalRun> {
    const command = [process.execPath, "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", join(root, "cli/main.ts")];
    const typed = JSON.stringify(steps.map(([pattern, action, seconds = 0]) => [pattern, action, seconds]));
    const { stdout } = await promisify(execFile)(
        "python3",
        [join(root, "test/cli/apply/terminal.py"), String(columns), typed, ...command, ...args],
        {
            cwd: folder,
            env: {
                PATH: process.env.PATH,
                TERM: "xterm-256color",
                XDG_CACHE_HOME: join(folder, "cache"),
                DEFENDER_API_URL: simulator.url,
                DEFENDER_ACCESS_TOKEN: "terminal-token",
                // The process loads the sources in half the time.
                NODE_COMPILE_CACHE: join(root, "node_modules/.cache/apply-endings"),
                ...env,
            },
        },
    );
    return JSON.parse(stdout) as TerminalRun;
}

/** The sentences of these lines: a line that `apply` broke at a blank is one line again. */
export function unbroken(lines: readonly string[]): string[] {
    return lines.join("\n").replaceAll("\n    ", " ").split("\n");
}

/**
 * The lines that are left on the screen, without colours. Knows the sequences that `apply` writes: move to a column,
 * and clear the rest of the line, the whole line or the rest of the screen. Throws at any other.
 */
export function screenOf(output: string): string[] {
    const lines = [""];
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
    for (const [token] of output.matchAll(/\u001b\[[\d;?]*[A-Za-z]|[^\u001b]/gu)) {
        const line = lines.at(-1) ?? "";
        if (token === "\n") {
            lines.push("");
        } else if (token === "\r") {
            column = 0;
        } else if (token.endsWith("G") && token.length > 1) {
            column = Number(token.slice(2, -1)) - 1;
        } else if (token === "\u001b[0K" || token === "\u001b[0J" || token === "\u001b[J") {
            lines[lines.length - 1] = line.slice(0, column);
        } else if (token === "\u001b[2K") {
            lines[lines.length - 1] = "";
        } else if (!token.startsWith("\u001b")) {
            lines[lines.length - 1] = line.slice(0, column).padEnd(column) + token + line.slice(column + 1);
            column++;
        } else if (!token.endsWith("m")) {
            throw new Error(`unexpected sequence ${JSON.stringify(token)}`);
        }
    }
    return lines;
}
