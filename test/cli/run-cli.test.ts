import test from "ava";
import manifest from "../../package.json" with { type: "json" };
import { commandScene } from "../helpers/command.ts";

const commands = ["actions", "declare", "apply", "report", "audit", "doctor"];

test("--help lists every command, and each command's own says what it is for, on stdout", async (t) => {
    const { run, simulator } = await commandScene(t);
    const all = await run(["--help"]);
    t.is(all.code, 0);
    for (const command of [...commands, "simulator"]) {
        t.regex(all.stdout, new RegExp(`^  ${command} `, "m"));
        const own = await run([command, "--help"]);
        t.is(own.code, 0, command);
        t.regex(own.stdout, /--json/, command);
        t.is(own.stderr, "", command);
    }
    t.regex(all.stdout, /Exit codes: 0 fine; 1 failed/);
    t.deepEqual(simulator.requests, []);
});

test("every help fits the terminal, and only a line with an example is longer", async (t) => {
    const { run } = await commandScene(t);
    for (const args of [["--help"], ...[...commands, "simulator"].map((command) => [command, "--help"])]) {
        // The simulator's examples are files, which have lines of up to 80 columns.
        for (const columns of [...(args[0] === "simulator" ? [] : [60]), 80, 100, 200, undefined]) {
            const terminal = columns === undefined ? {} : { isTerminal: true, columns };
            const { stdout } = await run(args, terminal);
            const lines = stdout.trimEnd().split("\n");
            t.deepEqual(
                lines.filter((line) => line.length > Math.min(columns ?? 80, 110) && !isExample(line)),
                [],
                `${args.join(" ")} at ${columns}`,
            );
            if (columns === 100 && args[0] !== "simulator") {
                t.true(lines.length <= 40, `${args.join(" ")}: ${lines.length} lines`);
            }
        }
    }
});

/** Indented as an example of the command, or of the simulator's files. */
function isExample(line: string): boolean {
    return /^ {2}(npx )?defender-cancellation |^ {6}\S|^ {6,} "/.test(line);
}

test("every command shows an example that begins with the words that the user types", async (t) => {
    const { run } = await commandScene(t);
    for (const command of commands) {
        const { stdout } = await run([command, "--help"]);
        t.regex(stdout, new RegExp(`^ {2}defender-cancellation ${command} `, "m"));
        const { stdout: byNpx } = await run([command, "--help"], { env: { npm_command: "exec" } });
        t.regex(byNpx, new RegExp(`^ {2}npx defender-cancellation ${command} `, "m"));
        t.regex(byNpx, /^Usage: npx defender-cancellation /);
    }
});

test("a command line that makes no sense ends with 64, says so on stderr, and asks nobody", async (t) => {
    const { run, simulator } = await commandScene(t);
    for (const args of [
        [],
        ["frobnicate"],
        ["actions", "--frobnicate"],
        ["actions", "--created-after", "yesterday"],
        ["actions", "--id", "not-a-guid"],
        ["actions", "--top", "0"],
        ["declare", "file.yaml"],
        ["apply", "file.yaml"],
        ["apply", "file.yaml", "--reason", "x", "--as", "no-project"],
        ["report", "--state", "-", "--state", "-"],
        ["report", "--format", "pdf"],
        ["audit", "--since", "a while"],
    ]) {
        const { code, stdout, stderr } = await run(args);
        t.is(code, 64, args.join(" "));
        t.is(stdout, "", args.join(" "));
        t.not(stderr, "", args.join(" "));
    }
    t.deepEqual(simulator.requests, []);
});

test("what cannot be done ends with 1 and one line that says why, without a stack or a token", async (t) => {
    const { run } = await commandScene(t, { token: "another-token" });
    const { code, stdout, stderr } = await run(["actions"]);
    t.is(code, 1);
    t.is(stdout, "");
    t.regex(stderr, /^defender-cancellation: .*401.*\n$/);
    t.notRegex(stderr, /command-token|\n {4}at /);
});

test("--version is the package's", async (t) => {
    const { run } = await commandScene(t);
    t.is((await run(["--version"])).stdout, `${manifest.version}\n`);
});
