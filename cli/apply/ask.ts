import { createInterface } from "node:readline/promises";
import type { CliHost } from "../host.ts";

/** Asks for a word on the terminal, and returns whether the user typed it. */
export async function isConfirmed(question: string, word: string, { stdin, stderr, stop }: CliHost): Promise<boolean> {
    const asking = createInterface({ input: stdin, output: stderr });
    try {
        return (await asking.question(question, { signal: stop })).trim() === word;
    } catch {
        // Ctrl-C, or the end of the input. The next line must not follow the question.
        stderr.write("\n");
        return false;
    } finally {
        asking.close();
    }
}
