import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import test, { type ExecutionContext } from "ava";
import { createCommands } from "../../../simulator/command-line/commands.ts";
import { createFaultSwitch } from "../../../simulator/command-line/fault-switch.ts";
import { readTerminalKeys } from "../../../simulator/command-line/terminal-keys.ts";
import { type ActionSeed, startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

/** A terminal of 100 columns with a simulator behind it; `press` returns what a key made appear. */
async function terminal(t: ExecutionContext, actions: ActionSeed[], { steps = false } = {}) {
    const simulator = await startSimulator({ actions, steps });
    t.teardown(simulator.close);
    const modes: boolean[] = [];
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode) });
    const faults = createFaultSwitch(undefined);
    let ended = 0;
    const quit = (): void => {
        ended += 1;
    };
    let output = "";
    let tick = (): void => t.fail("there is nothing to repeat");
    let repeats = true;
    const keys = readTerminalKeys({
        input,
        write: (text) => {
            output += text;
        },
        columns: () => 100,
        action: simulator.action,
        actions: simulator.actions,
        commands: createCommands({ simulator, faults, steps, quit }),
        quit,
        repeat(run) {
            tick = run;
            return () => {
                repeats = false;
            };
        },
    });
    const press = async (key: string): Promise<string[]> => {
        output = "";
        input.write(key);
        await new Promise(setImmediate);
        return stripVTControlCharacters(output).replaceAll("\r", "").split("\n");
    };
    const second = (): string => {
        output = "";
        tick();
        return stripVTControlCharacters(output).replaceAll("\r", "");
    };
    return {
        ...{ input, simulator, modes, faults, keys, press, second },
        ended: () => ended,
        output: () => output,
        repeats: () => repeats,
    };
}

const three: ActionSeed[] = [1, 2, 3].map((n) => ({
    id: idOf(n),
    computerDnsName: `ws-${n}`,
    ...(n === 2 ? { status: "Cancelled" } : {}),
}));
const pending = (n: number) => `> ws-${n}  Isolate  Pending  ${idOf(n)}`;
const second = (status: string) => `> ws-2  Isolate  ${status}  ${idOf(2)}`;

test("up and down, or k and j, choose an action, which the last line shows", async (t) => {
    const { press, output } = await terminal(t, three);
    t.true(output().endsWith(pending(3)));
    t.deepEqual(await press("j"), [second("Cancelled")]);
    t.deepEqual(await press("\u001b[B"), [pending(1)]);
    t.deepEqual(await press("j"), [pending(1)]);
    t.deepEqual(await press("k"), [second("Cancelled")]);
    t.deepEqual(await press("\u001b[A"), [pending(3)]);
    t.deepEqual(await press("k"), [pending(3)]);
});

test("r resumes the chosen action, and says why where it cannot", async (t) => {
    const { press, simulator } = await terminal(t, three);
    t.deepEqual(await press("r"), [`Machine action ${idOf(3)} is Pending, not Cancelled.`, pending(3)]);
    await press("j");
    t.deepEqual(await press("r"), [`resumed: Isolate of ws-2, ${idOf(2)}, is InProgress`, second("InProgress")]);
    t.is(simulator.action(idOf(2))?.status, "InProgress");
});

test("n issues the chosen action again, and the choice stays where it was", async (t) => {
    const { press, simulator } = await terminal(t, three);
    await press("j");
    const [said, last] = await press("n");
    const issued = simulator.actions().find(({ id }) => !three.some((seed) => seed.id === id));
    t.is(said, `issued: Isolate of ws-2, ${issued?.id}, is Pending`);
    t.is(last, second("Cancelled"));
});

test("f turns the faults on, and off again", async (t) => {
    const { press, faults } = await terminal(t, three);
    t.is((await press("f"))[0], "faults on: the API answers 503 to every request");
    t.true(faults.isOn);
    t.is((await press("f"))[0], "faults off");
    t.false(faults.isOn);
});

test("a pasted line is a command, and none of its letters is a key", async (t) => {
    const { press, simulator, faults, ended } = await terminal(t, [
        ...three,
        { id: "f0a1c2d3-0000-4000-8000-00000000000f", status: "Cancelled" },
    ]);
    const pasted = async (text: string) => (await press(text)).join("\n");
    t.regex(await pasted("resume f0a1c2d3-0000-4000-8000-00000000000f\n"), /^resumed: Isolate of \S+, f0a1c2d3-/);
    t.is(simulator.action("f0a1c2d3-0000-4000-8000-00000000000f")?.status, "InProgress");
    t.regex(await pasted("f0a1c2d3-0000-4000-8000-00000000000f"), /^unknown command f0a1c2d3-/);
    t.regex(await pasted("fault on\rfault off\r"), /^faults on: .*\n> .*faults off\n/s);
    t.false(faults.isOn);
    t.is(simulator.actions().length, 4);
    t.is(ended(), 0);
    await pasted("quit");
    t.is(ended(), 1);
});

test("with --steps, a asks for seconds, and takes the digits of a line that is typed whole", async (t) => {
    const { press, simulator, input, output } = await terminal(t, [{ id: idOf(1), runsForMs: 60_000 }], {
        steps: true,
    });
    simulator.start(idOf(1));
    const typed = async (keys: string) => (await press(keys)).join("\n");
    t.is(await typed("a"), "advance by how many seconds? ");
    t.regex(await typed("4x5\u007f"), /\? 45advance by how many seconds\? 4$/);
    t.regex(await typed("\r"), /^advanced by 4 s\n> .*InProgress/);
    t.regex(await typed("a25.5\r"), /\? 25\.5advanced by 25\.5 s\n/);
    t.regex(await typed("a\r"), /\? advanced by 30 s\n> .*InProgress/);
    t.regex(await typed("a9"), /\? 9$/);
    // The terminal sends the beginning of an escape sequence, whose end readline would wait for.
    input.emit("keypress", undefined, { name: "escape", sequence: "\u001b" });
    t.regex(output(), /InProgress .*$/);
    t.regex(await typed("a.\r"), /advance needs a positive number of seconds/);
    t.regex(await typed("a1\r"), /> \S+ {2}Isolate {2}Succeeded/);
    t.is(simulator.actions().length, 1);
    t.regex((await press("?")).join("\n"), /^ {2}a {9}let time go on: type a number of seconds/m);
});

test("the last line follows changes that time brings, and is not drawn again without one", async (t) => {
    const { simulator, second, keys, repeats } = await terminal(t, [{ ...three[0], runsForMs: 1_000 }], {
        steps: true,
    });
    t.is(second(), "");
    simulator.start(idOf(1));
    t.is(second(), `> ws-1  Isolate  InProgress  ${idOf(1)}`);
    t.is(second(), "");
    simulator.advance(1_000);
    t.is(second(), `> ws-1  Isolate  Succeeded  ${idOf(1)}`);
    t.true(repeats());
    keys.close();
    t.false(repeats());
});

test("? shows every key, a line each", async (t) => {
    const { press } = await terminal(t, three);
    const lines = await press("?");
    t.deepEqual(
        lines.slice(0, -1).map((line) => line.slice(2, 10).trim()),
        ["up, down", "r", "n", "f", "q", "Ctrl+C"],
    );
    t.true(lines.every((line) => line.length < 100));
});

test("q, Ctrl+C and Ctrl+D end; other keys do nothing", async (t) => {
    const { press, ended, simulator } = await terminal(t, three);
    for (const key of ["x", "\u001b", "\u0012", "é"]) {
        t.deepEqual(await press(key), [""], JSON.stringify(key));
    }
    t.is(ended(), 0);
    for (const key of ["q", "\u0003", "\u0004"]) {
        await press(key);
    }
    t.is(ended(), 3);
    t.deepEqual(simulator.actions().length, 3);
});

test("lines appear above the last line, which shows the action as it is now", async (t) => {
    const { keys, simulator, output, press } = await terminal(t, three);
    await press("x");
    simulator.cancel(idOf(3));
    keys.print("a request\n");
    t.is(output(), `\r\u001b[Ka request\n> ws-3  Isolate  Cancelled  ${idOf(3)}`);
});

test("without an action there is none to choose; the first one that comes can be chosen", async (t) => {
    const { press, simulator } = await terminal(t, []);
    t.deepEqual(await press("j"), ["> no action"]);
    t.deepEqual(await press("r"), ["there is no machine action to choose", "> no action"]);
    simulator.seed({ id: idOf(1), computerDnsName: "ws-1" });
    t.deepEqual(await press("j"), [pending(1)]);
});

test("a name that attacks a terminal is shown without its escape sequence, and the last line fits", async (t) => {
    const { output } = await terminal(t, [{ id: idOf(1), computerDnsName: `ws-\u001b[31m${"x".repeat(200)}` }]);
    t.notRegex(output().replace("\r\u001b[K", ""), /\p{Cc}/u);
    t.is(output().replace("\r\u001b[K", "").length, 99);
});

test("the terminal is in raw mode until the end, and then as it was", async (t) => {
    const { keys, modes, press, output } = await terminal(t, three);
    t.deepEqual(modes, [true]);
    await press("x");
    keys.close();
    keys.close();
    t.deepEqual(modes, [true, false]);
    t.is(output(), "\r\u001b[K");
    keys.print("the end\n");
    t.true(output().endsWith("\r\u001b[Kthe end\n"));
    t.deepEqual(await press("f"), [""]);
});
