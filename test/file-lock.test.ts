import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { LockError, replaceFile, whileLocked } from "../provider/file-lock.ts";

async function folderFor(t: ExecutionContext): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "defender-lock-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    return folder;
}

test("who works at the same time comes one after another, in a folder that is made for it", async (t) => {
    const path = join(await folderFor(t), "new", "count");
    let inside = 0;
    const work = () => {
        inside++;
        t.is(inside, 1);
        replaceFile(path, "x");
        inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => whileLocked(path, work)));
    t.is(await readFile(path, "utf8"), "x");
});

test("what the work throws comes out, and the lock is free again", async (t) => {
    const path = join(await folderFor(t), "count");
    const fail = () => {
        throw new RangeError("of the work");
    };
    await t.throwsAsync(whileLocked(path, fail), { instanceOf: RangeError });
    t.is(await whileLocked(path, () => 7), 7);
});

test("where no lock can be, the error says why", async (t) => {
    const file = join(await folderFor(t), "file");
    await writeFile(file, "");
    const error = await t.throwsAsync(
        whileLocked(join(file, "count"), () => {}),
        { instanceOf: LockError },
    );
    t.regex(error?.message ?? "", /^(ENOTDIR|EEXIST|ENOENT)$/);
});
