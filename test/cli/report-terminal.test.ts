import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../provider/system/clock.ts";
import { type CommandRun, type CommandScene, commandScene } from "../helpers/command.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { type ExportedResource, stackExport, storedResource } from "../helpers/stack-state.ts";

const idOf = (number: number) => `5f2c7a10-93b4-4c1e-8d2f-${String(number).padStart(12, "0")}`;
const nameOf = (number: number) => `ws-${String(number).padStart(4, "0")}.contoso.example`;

/** 40 cancellations, of which the last ones came too late. */
async function forty(t: ExecutionContext, late = 2): Promise<CommandScene & { readonly set: ExportedResource }> {
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    const scene = await commandScene(t, {
        // The recorded clock goes on with each line of the progress, so that requests under way would seem to be late.
        now: Date.now,
        actions: numbers.map((number) => ({
            id: idOf(number),
            computerDnsName: nameOf(number),
            ...(number > 40 - late ? { status: "Succeeded" } : {}),
        })),
    });
    const set = await storedResource({ ...scene, clock: { ...recordedClock(), ...systemClock } }, "playbook-12", {
        comment: "INC-4711: wrong scope",
        ifAlreadyFinal: "accept",
        cancellations: numbers.map((number) => ({ machineActionId: idOf(number) })),
    });
    return { ...scene, set };
}

const terminal = { isTerminal: true, columns: 100, env: { NO_COLOR: "1" } };

/** The lines that a terminal of 100 columns shows, and that none of them is longer. */
function screen(t: ExecutionContext, { stdout, stderr }: CommandRun): string[] {
    const lines = `${stdout}${stderr}`.trimEnd().split("\n");
    t.true(
        lines.every((line) => line.length <= 100),
        lines.filter((line) => line.length > 100).join("\n"),
    );
    return lines;
}

test("on a terminal, --verify says the verdict first, and nothing of what matches", async (t) => {
    const { run, set } = await forty(t);
    const stdin = stackExport(set);
    const found = await run(["report", "--verify"], { stdin, ...terminal });
    t.is(found.code, 0, found.stderr);
    const lines = screen(t, found);
    t.is(lines[0], "40 of 40 cancellations verified");
    t.is(lines[1], "40 cancellations: 38 cancelled, 2 tooLate; effect: 38 prevented, 2 ran");
    t.true(lines[2]?.startsWith(`2 machines to check, the worst first: ${nameOf(39)}, ${nameOf(40)}: `), lines[2]);
    t.true(lines.length < 12, `${lines.length}`);
    t.regex(
        found.stderr.replace(/\n {4}/g, " "),
        /^\d+ values are unverifiable: plausible, but only the record has such values .*, so Defender cannot confirm or refute them: --all lists them$/m,
    );
    const coloured = await run(["report", "--verify"], { stdin, isTerminal: true });
    t.true(coloured.stdout.startsWith("\u001b[32m40 of 40"), coloured.stdout);
});

test("--all, a pipe and a file have a line for each value and each cancellation", async (t) => {
    const { run, read, set } = await forty(t);
    const stdin = stackExport(set);
    const piped = await run(["report", "--verify"], { stdin });
    const values = (text: string) => text.split("\n").filter((line) => /^(?:match|unverifiable) /.test(line));
    const [, count = ""] = /^verified: (\d+) match/m.exec(piped.stderr) ?? [];
    t.is(values(piped.stdout).filter((line) => line.startsWith("match")).length, Number(count));
    t.regex(piped.stderr, /^\d+ values are unverifiable: .* cannot confirm or refute them$/m);
    const all = await run(["report", "--verify", "--all"], { stdin, ...terminal });
    t.deepEqual(values(all.stdout), values(piped.stdout));
    t.is(all.stdout.match(/^ws-00\d\d\.contoso\.example /gm)?.length, 40);
    await run(["report", "--output", "report.txt"], { stdin, ...terminal });
    t.is((await read("report.txt")).match(/^ws-00\d\d\.contoso\.example /gm)?.length, 40);
});

test("on a terminal, what differs is said once for each cause, by the machines' names, with the next step", async (t) => {
    const { run, simulator, set } = await forty(t);
    for (const number of Array.from({ length: 12 }, (_, index) => index + 1)) {
        simulator.resume(idOf(number));
    }
    const result = (set.outputs.results as Record<string, Record<string, unknown>>)[idOf(20)];
    Object.assign(result ?? {}, { requestor: "analyst@contoso.example" });
    const found = await run(["report", "--verify"], { stdin: stackExport(set), ...terminal });
    t.is(found.code, 2);
    const lines = screen(t, found);
    t.regex(lines[0] ?? "", /^\d+ mismatches: 27 of 40 cancellations verified$/);
    const unwrapped = found.stdout.replace(/\n {4,}(?=\S)/g, " ");
    t.regex(
        unwrapped,
        /^mismatch {2}12 times {2}status: stored Cancelled; found InProgress, as on ws-0001\.contoso\.example$/m,
    );
    t.regex(found.stdout.replace(/\n +/g, " "), /ws-0001\.contoso\.example, .*ws-0010\.contoso\.example, and 2 more/);
    t.true(
        unwrapped.includes(
            `mismatch  ${nameOf(20)} (${idOf(20)})  requestor: stored analyst@contoso.example; found soar@contoso.example`,
        ),
        found.stdout,
    );
    t.regex(found.stdout, /^next: `pulumi up --refresh --run-program` cancels again the actions that are no longer/m);
    t.notRegex(found.stdout, /^(?:match|unverifiable) /m);
    t.true(lines.length <= 40, `${lines.length}`);
});

test("where Defender has none of the actions, the next step is to check the tenant", async (t) => {
    const { set } = await forty(t);
    const elsewhere = await commandScene(t);
    const found = await elsewhere.run(["report", "--verify"], { stdin: stackExport(set), ...terminal });
    t.is(found.code, 2);
    t.regex(found.stdout, /^\d+ mismatch(?:es)?, 40 gone: 0 of 40 cancellations verified$/m);
    t.regex(found.stdout, /^next: Defender has none of these actions: check that this is the tenant of the record$/m);
    t.true(screen(t, found).length <= 40);
});

test("a record with secrets is not verified, and neither is one without cancellations", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1) }] });
    const one = await storedResource(scene, "one", { machineActionId: idOf(1), comment: "INC-4711" });
    one.outputs.requestedAtUtc = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "x",
    };
    const secret = await scene.run(["report", "--verify"], { stdin: stackExport(one), ...terminal });
    t.is(secret.code, 2);
    t.regex(secret.stdout, /^1 secret: 0 of 1 cancellation verified\nsecret /);
    const empty = await scene.run(["report", "--verify"], { stdin: stackExport(), ...terminal });
    t.is(empty.code, 2);
    t.regex(empty.stdout, /^1 missing: no cancellation to verify\nmissing /);
});

test("a terminal is told how many actions a verification reads, before it waits for them; a pipe is not", async (t) => {
    const { run, set } = await forty(t);
    const args = ["report", "--verify"];
    const stdin = stackExport(set);
    t.regex((await run(args, { stdin, ...terminal })).stderr, /^reading 40 machine actions from Defender\n/);
    t.notRegex((await run(args, { stdin })).stderr, /reading/);
});

test("where all that is not shown has to be checked, its number is said once", async (t) => {
    const { run, set } = await forty(t, 40);
    const lines = screen(t, await run(["report"], { stdin: stackExport(set), ...terminal }));
    t.is(lines[23], "and 20 more to check: --all lists them");
    const verified = screen(t, await run(["report", "--verify"], { stdin: stackExport(set), ...terminal }));
    t.regex(verified.join(" "), /40 machines to check.*: the same command without --verify\s+shows why/);
});

test("a cancellation without a proof is verified, and it is said that it has not ended", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1) }] });
    const one = await storedResource(scene, "one", { machineActionId: idOf(1), comment: "INC-4711" });
    scene.simulator.resume(idOf(1));
    one.outputs = { ...one.outputs, status: "InProgress" };
    const { stdout } = await scene.run(["report", "--verify"], { stdin: stackExport(one), ...terminal });
    t.regex(stdout, /(?:^|: )\d of 1 cancellation verified/);
    t.notRegex(stdout, /1 of 1 cancellation verified\n/);
});

test("on a terminal, a report shows the sum first, then the worst, and 20 cancellations at most without --all", async (t) => {
    const { run, set } = await forty(t);
    const stdin = stackExport(set);
    const lines = screen(t, await run(["report"], { stdin, ...terminal }));
    t.is(lines[0], "40 cancellations: 38 cancelled, 2 tooLate; effect: 38 prevented, 2 ran");
    t.is(lines[1], "2 machines to check, the worst first:");
    t.regex(lines[2] ?? "", /^MACHINE +TYPE +OUTCOME +EFFECT +BEFORE +REQUESTED BY$/);
    t.true([39, 40].every((number, index) => lines[index + 3]?.startsWith(`${nameOf(number)} `)));
    t.is(lines[23], "and 20 more, none of them to check: --all lists them");
    t.is(lines.length, 25);
    const all = screen(t, await run(["report", "--all"], { stdin, ...terminal }));
    t.is(all.length, 44);
    const coloured = await run(["report"], { stdin, isTerminal: true, columns: 100 });
    t.true(coloured.stdout.includes(`\u001b[31m${nameOf(39)} `), coloured.stdout);
    t.false((await run(["report"], { stdin })).stdout.includes("\u001b"));
});

test("hostile text of a state adds no line and no control character to what a terminal shows", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1), computerDnsName: "::error::ws-1\u001b[2J" }] });
    const one = await storedResource(scene, "one", { machineActionId: idOf(1), comment: "INC-4711" });
    const evil = "x\u001b[2J\n1 of 1 cancellation verified\n::error::\u202ey";
    Object.assign(one.outputs, { requestor: evil, [evil]: evil, effect: evil });
    one.inputs.declaredBy = evil;
    for (const args of [["--verify"], ["--verify", "--all"], []]) {
        const { stdout } = await scene.run(["report", ...args], { stdin: stackExport(one), ...terminal });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        t.notRegex(stdout, /[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
        t.notRegex(stdout, /^\s*::|^1 of 1 cancellation verified/m);
    }
    const piped = (await scene.run(["report", "--verify"], { stdin: stackExport(one) })).stdout;
    t.notRegex(piped, /^\s*::|^1 of 1 cancellation verified/m);
    const inPipeline = { stdin: stackExport(one), isTerminal: true, columns: 100, env: { CI: "true" } };
    t.false((await scene.run(["report", "--verify"], inPipeline)).stdout.includes("\u001b"));
});
