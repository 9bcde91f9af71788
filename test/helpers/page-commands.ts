import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "./engine.ts";

/** A fenced block of a page. */
export interface Block {
    /** The heading above it. */
    readonly heading: string;
    readonly language: string;
    readonly text: string;
}

/** The blocks of a page of this clone, in their order. */
export async function blocksOf(page: string): Promise<Block[]> {
    const text = await readFile(join(packageRoot, page), "utf8");
    let heading = "";
    return [...text.matchAll(/^#+ (?<title>[^\n]*)$|^```(?<language>\w+)\n(?<body>.*?)^```$/gms)].flatMap(
        ({ groups }) => {
            const { title, language = "", body = "" } = groups ?? {};
            if (title !== undefined) {
                heading = title;
                return [];
            }
            return [{ heading, language, text: body }];
        },
    );
}

/** The result of a block of commands. */
export interface BlockRun {
    readonly exitCode: number | undefined;
    /** Both streams, as a terminal shows them. */
    readonly all: string;
}

/** A terminal in which a reader types the blocks of a page, one after another. */
export interface Terminal {
    run(block: string): Promise<BlockRun>;
}

/** Opens a terminal. The exports and the working folder of a block apply to the following blocks. */
export function openTerminal(folder: string, env: Readonly<Record<string, string>>): Terminal {
    const kept = join(folder, ".terminal");
    return {
        async run(block) {
            const script = `if [ -e "$KEPT" ]; then . "$KEPT"; fi
                trap 'export -p > "$KEPT"; printf "cd %q\\n" "$PWD" >> "$KEPT"' EXIT
                set -e -o pipefail
                ${block}`;
            const { exitCode, all } = await execa("bash", ["-c", script], {
                cwd: folder,
                env: { ...env, KEPT: kept },
                stdin: "ignore",
                all: true,
                reject: false,
            });
            return { exitCode, all };
        },
    };
}

/** A command that runs in a terminal of its own until it is ended. */
export interface LongCommand extends AsyncDisposable {
    /** The output so far. */
    printed(): string;
    /** Waits until it has printed this, and returns the match. */
    until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts such a command. */
export function startCommand(command: string, folder: string, env: Readonly<Record<string, string>>): LongCommand {
    // In a process group of its own, as in a terminal, because npm has children.
    const child = spawn("bash", ["-c", command], {
        cwd: folder,
        env: { ...process.env, ...env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = once(child, "close");
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
            printed += text;
        });
    }
    return {
        printed: () => printed,
        async until(pattern) {
            for (;;) {
                const match = pattern.exec(printed);
                if (match) {
                    return match;
                }
                if (child.exitCode !== null) {
                    throw new Error(`${command} ended with exit code ${child.exitCode}\n${printed}`);
                }
                await Promise.race([once(child.stdout, "data"), closed]);
            }
        },
        async [Symbol.asyncDispose]() {
            if (child.exitCode === null && child.pid !== undefined) {
                process.kill(-child.pid, "SIGTERM");
            }
            await closed;
        },
    };
}

/** The texts that differ from run to run: times, ages, durations, and the digest, which depends on a time. */
function steady(text: string): string {
    return text
        .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME")
        .replace(/\b\d+ min\b/g, "AGE")
        .replace(/\b\d+(?:\.\d+)?s\b/g, "TIME")
        .replace(/\b[0-9a-f]{12}\]/g, "DIGEST]")
        .replace(/ {2,}/g, "  ");
}

/**
 * The first line of a page's output that a run did not print, or printed in another order; undefined if the page is
 * correct. `…` stands for any text; on a line of its own, it stands for any lines.
 */
export function firstUntrueLine(shown: string, printed: string): string | undefined {
    const lines = steady(printed)
        .split("\n")
        .map((line) => line.trimEnd());
    let from = 0;
    return shown.split("\n").find((line) => {
        const wanted = steady(line).trimEnd();
        if (wanted === "" || wanted === "…") {
            return false;
        }
        const parts = wanted.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
        const pattern = new RegExp(`^${parts.join(".*")}$`);
        const at = lines.findIndex((one, index) => index >= from && pattern.test(one));
        from = at + 1;
        return at < 0;
    });
}
