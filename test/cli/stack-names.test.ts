import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { describeStacks } from "../../cli/state/stack-names.ts";
import { commandScene } from "../helpers/command.ts";

async function newFolder(t: ExecutionContext): Promise<string> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "defender-stacks-")));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    return folder;
}

/** A folder of a project with the settings of one stack. */
async function projectFolder(t: ExecutionContext): Promise<string> {
    const folder = await newFolder(t);
    await Promise.all(["Pulumi.yaml", "Pulumi.prod.yaml"].map((name) => writeFile(join(folder, name), "")));
    return folder;
}

/** An environment whose `pulumi` runs these lines of a shell. */
async function environmentWith(t: ExecutionContext, lines: string) {
    const bin = await newFolder(t);
    await writeFile(join(bin, "pulumi"), `#!/bin/sh\n${lines}\n`);
    await chmod(join(bin, "pulumi"), 0o755);
    return { PATH: `${bin}:/bin:/usr/bin` };
}

const listing = (json: string) => `cat <<'END'\n${json}\nEND`;
const stop = new AbortController().signal;

test("for a stack that does not exist, the names of the project's stacks are given", async (t) => {
    const cwd = await projectFolder(t);
    const describe = async (lines: string, folder = cwd) =>
        describeStacks({ cwd: folder, env: await environmentWith(t, lines), stop });
    t.is(
        await describe(listing('[{"name":"inc-4711"},{"name":"org/incident/\\u001b[31mprod"}]')),
        "Its stacks are inc-4711, org/incident/prod",
    );
    t.is(await describe(listing('[{"name":"dev"}]')), "Its stack is dev");
    t.regex(await describe(listing("[]")), /^This project has no stack in this backend/);
    t.is(await describe("exit 1"), "The folder has the settings of prod");
    t.is(await describe(listing("not JSON")), "The folder has the settings of prod");
    const inner = join(cwd, "src", "incidents");
    await mkdir(inner, { recursive: true });
    t.is(await describe(listing('[{"name":"dev"}]'), inner), "Its stack is dev");
    t.is(await describe("exit 1", inner), "The project's folder has the settings of prod");
    t.regex(
        await describe("exit 1", await newFolder(t)),
        /no Pulumi.yaml: run the command in the folder of the program$/,
    );
});

test("a CLI that does not answer is not waited for after a stop", async (t) => {
    const stopping = new AbortController();
    const env = await environmentWith(t, "exec sleep 600");
    const described = describeStacks({ cwd: await projectFolder(t), env, stop: stopping.signal });
    stopping.abort();
    t.is(await described, "The folder has the settings of prod");
});

test("only an error about the stack's name is followed by the names", async (t) => {
    const { run, folder, write } = await commandScene(t);
    await write("Pulumi.yaml", "");
    const reportAfter = async (said: string) => {
        const failing = `if [ "$2" = ls ]; then echo '[{"name":"dev"}]'; else echo "error: ${said}" >&2; exit 1; fi`;
        const env = await environmentWith(t, failing);
        return (await run(["report", "--stack", "prod"], { cwd: folder, env })).stderr;
    };
    const failed = "`pulumi stack export --stack prod` failed: error: ";
    t.true(
        (await reportAfter("no stack named 'prod' found")).endsWith(
            `${failed}no stack named 'prod' found. Its stack is dev\n`,
        ),
    );
    t.true((await reportAfter("incorrect passphrase")).endsWith(`${failed}incorrect passphrase\n`));
});
