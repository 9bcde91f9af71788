import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { unreadableFile } from "../../cli/missing-file.ts";

const missing = Object.assign(new Error("no such file"), { code: "ENOENT" });
const like = /\.json$/;

async function folderWith(t: ExecutionContext, names: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "defender-missing-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await Promise.all(names.map((name) => writeFile(join(folder, name), "")));
    return folder;
}

test("a file that is not there is answered with the files that could be meant", async (t) => {
    const cwd = await folderWith(t, ["prod.json", "evidence.json", "package.json", "notes.txt"]);
    await mkdir(join(cwd, "folder.json"));
    const { message } = unreadableFile({ cwd, path: "prd.json", what: "the state ", like }, missing);
    t.true(
        message.startsWith(
            "the state prd.json cannot be read: ENOENT, there is no such file. The current folder has: ",
        ),
    );
    t.true(message.endsWith(" has: evidence.json, prod.json"), message);
});

test("where a folder can be given, folders are named too, and the current folder is not taken for the missing one", async (t) => {
    const cwd = join(await folderWith(t, []), "incident");
    await mkdir(cwd);
    const messageFor = (path: string) => unreadableFile({ cwd, path, like, orFolder: true }, missing).message;
    t.is(
        messageFor("incident/"),
        "incident/ cannot be read: ENOENT, there is no such file or folder. The current folder has no file of that kind, and no folder",
    );
    await Promise.all(["incidents", "node_modules", ".git"].map((name) => mkdir(join(cwd, name))));
    await writeFile(join(cwd, "incidents/prod.json"), "");
    t.true(messageFor("incident/").endsWith(" The current folder has: incidents/"));
    t.true(messageFor("incidents/prd.json").endsWith(" The folder incidents has: prod.json"));
});

test("a folder with none, a folder that is not there, and any other failure are told apart", async (t) => {
    const cwd = await folderWith(t, ["notes.txt"]);
    t.regex(unreadableFile({ cwd, path: "a.json", like }, missing).message, /has no file of that kind$/);
    t.regex(unreadableFile({ cwd, path: "x/a.json", like }, missing).message, /There is no folder .*x either$/);
    const denied = Object.assign(new Error("denied"), { code: "EACCES" });
    t.is(unreadableFile({ cwd, path: "a.json", like }, denied).message, "a.json cannot be read: EACCES");
});

test("ten files are named at most, and no name can break a line", async (t) => {
    const many = Array.from({ length: 14 }, (_, at) => `state-${at + 10}.json`);
    const cwd = await folderWith(t, ["a\u001b[31m\n::error::.json", ...many]);
    const { message } = unreadableFile({ cwd, path: "x.json", like }, missing);
    t.true(message.endsWith("and 5 more"), message);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
    t.notRegex(message, /[\u0000-\u001f]/);
});
