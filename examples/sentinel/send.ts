/**
 * Sends the events of `report` or `audit --format asim` to Microsoft Sentinel:
 *
 *     npx defender-cancellation audit --since 24h --stack prod --format asim | node send.ts
 *     node send.ts undeclared.asim.jsonl
 *
 * The exit code: 0, all events are sent; 1, some are not, and another attempt can succeed; 2, the input or a setting is
 * wrong, and nothing was sent; 3, the identity cannot sign in, or may not send.
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { InputError, parseEvents } from "./events.ts";
import { targetOf } from "./settings.ts";

async function main([file, ...others]: string[]): Promise<number> {
    if (others.length > 0) {
        throw new InputError("Usage: node send.ts [FILE]");
    }
    const target = targetOf(process.env);
    const events = parseEvents(await inputOf(file));
    if (events.length === 0) {
        console.log("The input has no event. Nothing to send.");
        return 0;
    }
    // Azure's libraries, which take the most time to load, only for sound input.
    const [{ machineCredential }, { upload }] = await Promise.all([import("./credential.ts"), import("./upload.ts")]);
    const { sent, failures } = await upload(events, target, machineCredential(process.env));
    console.log(`${sent} of ${events.length} events sent.`);
    for (const { message } of failures) {
        console.error(message);
    }
    if (failures.length === 0) {
        return 0;
    }
    return failures.some(({ kind }) => kind === "access") ? 3 : 1;
}

async function inputOf(file: string | undefined): Promise<string> {
    try {
        return file === undefined ? await text(process.stdin) : await readFile(file, "utf8");
    } catch (error) {
        throw new InputError(`The input cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    }
}

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        // Only our own errors have a message that surely contains no foreign text.
        console.error(error instanceof InputError ? error.message : "Unexpected error: nothing is known to be sent.");
        process.exitCode = error instanceof InputError ? 2 : 1;
    },
);
