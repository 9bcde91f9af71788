import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import test from "ava";
import { fakeClone } from "./fake-clone.ts";

test("the command gets its arguments as they are, and its exit code is passed on", async (t) => {
    const clone = await fakeClone(t);
    const script = "console.log(JSON.stringify(process.argv.slice(1))); process.exitCode = 7;";
    const args = ["with space", "--without-pulumi", "$HOME", ""];
    const { code, stdout } = await clone.run(["--without-pulumi", "node", "-e", script, "--", ...args]);
    t.is(code, 7);
    t.deepEqual(JSON.parse(stdout), args);
});

test("standard output holds nothing but the command's, even on the first run", async (t) => {
    const clone = await fakeClone(t);
    const { stdout } = await clone.run(["--without-pulumi", "node", "-e", "console.log('only this')"]);
    t.is(stdout, "only this\n");
});

test("the command finds the programs of node_modules first, and its Pulumi does not ask the internet", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("pulumi", "v3.216.0");
    const script = "console.log(JSON.stringify(process.env))";
    const { stdout } = await clone.run(["node", "-e", script], { PULUMI_SKIP_UPDATE_CHECK: "false" });
    const env: NodeJS.ProcessEnv = JSON.parse(stdout);
    t.is(env.PATH, [join(clone.root, "node_modules", ".bin"), join(clone.root, "..", "bin")].join(delimiter));
    t.is(env.PULUMI_SKIP_UPDATE_CHECK, "false");
    t.is(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, "true");
    t.is(env.PULUMI_DISABLE_REGISTRY_RESOLVE, "true");
});

for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
] as const) {
    test(`${signal} reaches the command, and ends the run with ${code} when it ends the command`, async (t) => {
        const clone = await fakeClone(t);
        const script = "console.log('ready'); setInterval(() => {}, 1 << 30);";
        const program = clone.start(["--without-pulumi", "node", "-e", script]);
        await program.says(/ready/);
        program.child.kill(signal);
        t.is((await program.ended).code, code);
    });
}

test("a command that tidies up after a signal decides the exit code", async (t) => {
    const clone = await fakeClone(t);
    const script =
        "process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1 << 30);";
    const program = clone.start(["--without-pulumi", "node", "-e", script]);
    await program.says(/ready/);
    program.child.kill("SIGTERM");
    t.is((await program.ended).code, 3);
});

test("a command that is not there is named", async (t) => {
    const clone = await fakeClone(t);
    const { code, stderr } = await clone.run(["--without-pulumi", "no-such-command"]);
    t.is(code, 127);
    t.regex(stderr, /cannot run no-such-command/);
});

test("without a command the set-up only sets up", async (t) => {
    const clone = await fakeClone(t);
    t.is((await clone.run(["--without-pulumi"])).code, 0);
    t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// first");
});
