import { PassThrough } from "node:stream";
import test from "ava";
import { createPrinter } from "../../cli/printer.ts";
import { commandScene } from "../helpers/command.ts";

const stream = (columns: number | undefined) =>
    Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });

/** What a printer writes where stdout and stderr have these widths; undefined: a pipe. */
function written(out: number | undefined, err: number | undefined) {
    const [stdout, stderr] = [stream(out), stream(err)];
    const printer = createPrinter({ stdout, stderr, env: { NO_COLOR: "1" } });
    return { printer, said: () => String(stdout.read()), noted: () => String(stderr.read()) };
}

const words = Array.from({ length: 15 }, (_, nth) => `word-${nth + 10}`);
const line = words.join(" ");
const broken = `${words.slice(0, 7).join(" ")}\n    ${words.slice(7, 14).join(" ")}\n    word-24\n`;

test("each stream that is a terminal gets its sentences broken at blanks, by its own width", (t) => {
    const both = written(60, 60);
    both.printer.say(line);
    both.printer.note(line);
    t.deepEqual([both.said(), both.noted()], [broken, broken]);
    for (const [out, err] of [
        [60, undefined],
        [undefined, 60],
    ]) {
        const one = written(out, err);
        one.printer.say(line);
        one.printer.note(line);
        t.is(one.said(), out === undefined ? `${line}\n` : broken);
        t.is(one.noted(), err === undefined ? `${line}\n` : broken);
    }
});

test("lines of a table or a file stay whole on a terminal", (t) => {
    const { printer, said } = written(60, 60);
    printer.out(line);
    t.is(said(), `${line}\n`);
});

test("a break does not begin a line with a command of a pipeline", (t) => {
    const { printer, noted } = written(60, 60);
    printer.note(`${"x".repeat(58)} ::error::name`);
    t.is(noted(), `${"x".repeat(58)}\n    : :error::name\n`);
});

test("an error and a check of doctor are broken at blanks, so that no word is divided", async (t) => {
    const { run } = await commandScene(t);
    const terminal = { isTerminal: true, columns: 100, env: { NO_COLOR: "1", DEFENDER_CLOUD: "mars" } };
    const { stderr } = await run(
        ["report", "--state", `${"a-folder-that-is-not-there/".repeat(3)}state.json`],
        terminal,
    );
    const { stdout } = await run(["doctor"], terminal);
    for (const text of [stderr, stdout]) {
        t.true(
            text.split("\n").every((one) => one.length <= 100 || !one.trim().includes(" ")),
            text,
        );
        t.regex(text, /\n {4}\S/);
    }
});
