import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import test from "ava";
import { readCommandLines } from "../../../simulator/command-line/command-lines.ts";
import type { Command } from "../../../simulator/command-line/commands.ts";

const echo: Command = {
    name: "echo",
    value: "TEXT",
    about: "say it",
    run: (text) => ({ text, properties: { text } }),
};

function recorder() {
    const seen: [string, string][] = [];
    return {
        seen,
        done: (line: string, { text }: { text: string }) => void seen.push([line, text]),
        refused: (line: string, reason: string) => void seen.push([line, reason]),
    };
}

test("each line is a command, empty ones are none, and the end of the input does nothing", async (t) => {
    const report = recorder();
    const input = Readable.from(["echo a\n\n  \nnosu", "ch\r\necho b"]);
    readCommandLines(input, [echo], report);
    await once(input, "close");
    t.deepEqual(report.seen, [
        ["echo a", "a"],
        ["nosuch", "unknown command nosuch: write one of echo"],
        ["echo b", "b"],
    ]);
});

test("an input without lines, and one that breaks, has no commands", async (t) => {
    const report = recorder();
    readCommandLines(Readable.from([]), [echo], report);
    const broken = new PassThrough();
    readCommandLines(broken, [echo], report);
    broken.destroy(new Error("EISDIR"));
    await new Promise((resolve) => broken.once("close", resolve));
    t.deepEqual(report.seen, []);
});

test("after it was told to stop, it reads no more", (t) => {
    const report = recorder();
    const input = new PassThrough();
    const stop = readCommandLines(input, [echo], report);
    input.write("echo a\n");
    stop();
    input.write("echo b\n");
    t.true(input.isPaused());
    t.false(report.seen.some(([line]) => line === "echo b"));
});
