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
    t.true(message.startsWith("the state prd.json cannot be read: ENOENT, there is no such file. The folder "));
    t.true(message.endsWith(" has: evidence.json, prod.json"), message);
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
