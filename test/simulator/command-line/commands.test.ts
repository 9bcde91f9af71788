import test, { type ExecutionContext } from "ava";
import { createCommands, runLine } from "../../../simulator/command-line/commands.ts";
import { createFaultSwitch } from "../../../simulator/command-line/fault-switch.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

/** A simulator with a Cancelled and a Pending action, and what runs lines on it. */
async function steered(t: ExecutionContext) {
    const actions = [
        { id: idOf(1), status: "Cancelled", computerDnsName: "ws-1" },
        { id: idOf(2), computerDnsName: "ws-2" },
    ];
    const simulator = await startSimulator({ actions });
    t.teardown(simulator.close);
    const faults = createFaultSwitch(undefined);
    let ended = 0;
    const quit = (): void => {
        ended += 1;
    };
    const commands = createCommands({ simulator, faults, steps: true, quit });
    return { simulator, faults, ended: () => ended, commands, run: (line: string) => runLine(commands, line) };
}

test("resume makes a Cancelled action go on, and refuses any other", async (t) => {
    const { simulator, run } = await steered(t);
    const { text, properties } = run(`resume ${idOf(1)}`);
    t.is(text, `resumed: Isolate of ws-1, ${idOf(1)}, is InProgress`);
    t.deepEqual(properties.action, simulator.action(idOf(1)));
    t.throws(() => run(`resume ${idOf(2)}`), { message: /is Pending, not Cancelled/ });
    t.throws(() => run(`resume ${idOf(3)}`), { message: /There is no machine action/ });
});

test("issue submits the action again on the same machine", async (t) => {
    const { simulator, run } = await steered(t);
    const { properties } = run(`  issue   ${idOf(1)} `);
    t.is(simulator.actions().length, 3);
    t.like(properties.action, { status: "Pending", computerDnsName: "ws-1" });
    t.throws(() => run(`issue ${idOf(3)}`), { message: /There is no machine action/ });
});

test("advance lets the time of a simulator with steps go on, and is refused on any other", async (t) => {
    const simulator = await startSimulator({ actions: [{ id: idOf(1), runsForMs: 60_000 }], steps: true });
    t.teardown(simulator.close);
    simulator.start(idOf(1));
    const commands = createCommands({ simulator, faults: createFaultSwitch(undefined), steps: true, quit() {} });
    t.is(runLine(commands, "advance 59.5").text, "advanced by 59.5 s");
    t.is(simulator.action(idOf(1))?.status, "InProgress");
    t.deepEqual(runLine(commands, "advance 1").properties, { advancedSeconds: 1 });
    t.is(simulator.action(idOf(1))?.status, "Succeeded");
    for (const wrong of ["0", "-1", "1e3", "soon"]) {
        t.throws(() => runLine(commands, `advance ${wrong}`), {
            message: /^advance needs a positive number of seconds/,
        });
    }
    const real = createCommands({ simulator, faults: createFaultSwitch(undefined), steps: false, quit() {} });
    t.throws(() => runLine(real, "advance 1"), { message: /start the simulator with --steps/ });
    t.false(real.some(({ key }) => key?.name === "a"));
});

test("fault turns the faults on and off, and quit ends", async (t) => {
    const { faults, ended, run } = await steered(t);
    t.deepEqual(run("fault on").properties, { faults: "on" });
    t.true(faults.isOn);
    t.is(run("fault off").text, "faults off");
    t.false(faults.isOn);
    run("quit");
    t.is(ended(), 1);
});

test("the line ? lists the commands with their values", async (t) => {
    const { run } = await steered(t);
    const { text, properties } = run("?");
    t.is(text, "The commands are resume ID, issue ID, fault on|off, advance SECONDS, quit.");
    t.deepEqual(properties.commands, ["resume ID", "issue ID", "fault on|off", "advance SECONDS", "quit"]);
});

test("a line that is no command is refused with the nearest one or its form", async (t) => {
    const { run } = await steered(t);
    for (const [line, message] of [
        ["isue x", "unknown command isue: did you mean issue?"],
        ["help", "unknown command help: write one of resume, issue, fault, advance, quit"],
        ["resume", "resume has no value: write resume ID"],
        ["resume a b", "resume has too many words: write resume ID"],
        ["quit now", "quit has too many words: write quit"],
        ["fault maybe", "fault must be on or off, not maybe"],
    ] as const) {
        t.throws(() => run(line), { message });
    }
});

test("every command has a key of its own, which does not move the choice", async (t) => {
    const { commands } = await steered(t);
    const keys = [...commands.flatMap(({ key }) => (key === undefined ? [] : [key.name])), "j", "k", "up", "down", "?"];
    t.is(new Set(keys).size, keys.length);
});
