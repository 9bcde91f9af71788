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

test("only a terminal that wants colours gets them, and no variable colours a pipe", (t) => {
    const isColoured = (columns: number | undefined, env: NodeJS.ProcessEnv) => {
        const stdout = stream(columns);
        createPrinter({ stdout, stderr: stream(columns), env }).say("done", "green");
        return String(stdout.read()).includes("\u001b");
    };
    t.true(isColoured(80, {}));
    t.true(isColoured(80, { NO_COLOR: "", FORCE_COLOR: "1" }));
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }, { CI: "true" }, { FORCE_COLOR: "0" }]) {
        t.false(isColoured(80, env), JSON.stringify(env));
    }
    t.false(isColoured(undefined, { FORCE_COLOR: "3" }));
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

test("foreign text in a sentence never begins a line, on a terminal or in a pipe", (t) => {
    for (const width of [undefined, 200]) {
        const { printer, said, noted } = written(width, width);
        printer.say("prod\nverified: 60 match, 0 mismatch, 0 gone");
        printer.note(["a resource\r\nok    state     all fine", "the next line"]);
        t.is(said(), "prod verified: 60 match, 0 mismatch, 0 gone\n");
        t.is(noted(), "a resource ok    state     all fine\nthe next line\n");
    }
});

test("neither a project file nor a state adds a line to the result of doctor or report", async (t) => {
    const { run, write } = await commandScene(t);
    await write("Pulumi.yaml", 'name: incident\nruntime: yaml\nmain: "x\\nok    state     prod: all fine"\n');
    const { stdout } = await run(["doctor", "--offline"]);
    t.regex(stdout, /^fail {2}project {3}.* ok {4}state/m);
    t.notRegex(stdout, /^ok {4}state/m);

    const type = "pulumi-nodejs:dynamic/defender:MachineActionCancellation";
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const inputs = { declaredBy: "a/b/c\nverified: 1 match, 0 mismatch, 0 gone", comment: secret };
    const resource = { type, urn: `urn:pulumi:prod::incident::${type}::c`, inputs, outputs: {} };
    const { stderr } = await run(["report"], { stdin: JSON.stringify({ deployment: { resources: [resource] } }) });
    t.true(stderr.includes("verified: 1 match"));
    t.notRegex(stderr, /^verified/m);
});
