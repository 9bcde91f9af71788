import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { requirePrivateFolder } from "../../../provider/system/shared-file/private-folder.ts";

const me = process.geteuid?.() ?? 0;
/** Another user than root and the owner of what the test makes. */
const other = me + 12_345;

function newFolder(t: ExecutionContext): string {
    const folder = mkdtempSync(join(tmpdir(), "defender-private-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

test("a folder that is not there is made, with all on the way, for this user alone", (t) => {
    const folder = join(newFolder(t), "a", "b");
    requirePrivateFolder(folder);
    requirePrivateFolder(folder);
    t.is(statSync(folder).mode & 0o777, 0o700);
});

test("a folder of another user is refused", (t) => {
    const folder = newFolder(t);
    t.throws(() => requirePrivateFolder(folder, other), {
        name: "SharedFileError",
        message: /belongs to another user$/,
    });
});

test("a folder that others can write to is refused, and one that they can only read is not", (t) => {
    const folder = join(newFolder(t), "cache");
    mkdirSync(folder);
    for (const mode of [0o720, 0o702, 0o777, 0o1777]) {
        chmodSync(folder, mode);
        t.throws(
            () => requirePrivateFolder(folder),
            { message: /(other users|every user) can write to .*cache$/ },
            String(mode),
        );
    }
    chmodSync(folder, 0o755);
    t.notThrows(() => requirePrivateFolder(folder));
});

test("a way that every user can write to is refused, unless it is sticky as /tmp is", (t) => {
    const above = newFolder(t);
    chmodSync(above, 0o777);
    t.throws(() => requirePrivateFolder(join(above, "cache")), { message: /every user can write to/ });
    chmodSync(above, 0o1777);
    t.notThrows(() => requirePrivateFolder(join(above, "cache")));
});

test("a link of one's own is followed, and what it leads to is judged in its place", (t) => {
    const folder = newFolder(t);
    mkdirSync(join(folder, "real"), { mode: 0o700 });
    symlinkSync("real", join(folder, "relative"));
    symlinkSync(join(folder, "real"), join(folder, "absolute"));
    for (const name of ["relative", "absolute"]) {
        t.notThrows(() => requirePrivateFolder(join(folder, name)));
        t.notThrows(() => requirePrivateFolder(join(folder, name, "below")));
    }
    chmodSync(join(folder, "real"), 0o777);
    for (const name of ["relative", "absolute"]) {
        t.throws(() => requirePrivateFolder(join(folder, name)), { message: /can write to .*real$/ });
        t.throws(() => requirePrivateFolder(join(folder, name, "below")), { message: /can write to .*real$/ });
    }
});

test("a link of another user is refused, wherever it is on the way", (t) => {
    const folder = newFolder(t);
    mkdirSync(join(folder, "real"), { mode: 0o700 });
    const link = join(folder, "link");
    symlinkSync("real", link);
    const asked = (path: string) => () => requirePrivateFolder(path, process.geteuid?.() === 0 ? me : other);
    if (me === 0) {
        lchownSync(link, other, other);
    }
    for (const path of [link, join(link, "below")]) {
        t.throws(asked(path), { message: /link is a link of another user$/ });
    }
});

test("links in a circle are refused", (t) => {
    const folder = newFolder(t);
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    t.throws(() => requirePrivateFolder(join(folder, "a")), { message: "ELOOP" });
});
