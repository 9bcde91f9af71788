import { lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { isAbsolute, join, parse, sep } from "node:path";
import { asSharedFileError, SharedFileError } from "./private-file.ts";

/** More links in one path are a circle. */
const maxLinks = 40;

const othersMayWrite = 0o022;
const anyoneMayWrite = 0o002;
const sticky = 0o1000;

/**
 * Makes the folder where it is not there. Throws a {@link SharedFileError} unless it is this user's alone, and no other
 * user can have put it, or a link on the way to it, there. On Windows the user's profile has to do: its folders tell
 * neither owner nor permissions.
 */
export function requirePrivateFolder(folder: string, me: number | undefined = process.geteuid?.()): void {
    try {
        if (me === undefined) {
            mkdirSync(folder, { recursive: true });
        } else if (!isPrivate(folder, me)) {
            mkdirSync(folder, { recursive: true, mode: 0o700 });
            if (!isPrivate(folder, me)) {
                throw new SharedFileError("ENOENT");
            }
        }
    } catch (error) {
        throw asSharedFileError(error);
    }
}

/** Walks the way to the folder, link by link. False where it is not there. */
function isPrivate(folder: string, me: number): boolean {
    const { root } = parse(folder);
    const left = partsOf(folder.slice(root.length));
    let links = 0;
    let at = root;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
        const next = join(at, part);
        const stats = lstatSync(next, { throwIfNoEntry: false });
        if (!stats) {
            return false;
        }
        if (stats.isSymbolicLink()) {
            if (stats.uid !== me && stats.uid !== 0) {
                throw new SharedFileError(`${next} is a link of another user`);
            }
            if (++links > maxLinks) {
                throw new SharedFileError("ELOOP");
            }
            const target = readlinkSync(next);
            left.unshift(...partsOf(target));
            at = isAbsolute(target) ? root : at;
            continue;
        }
        if (!stats.isDirectory()) {
            throw new SharedFileError(`${next} is no folder`);
        }
        const isLast = left.length === 0;
        if (isLast && stats.uid !== me) {
            throw new SharedFileError(`${next} belongs to another user`);
        }
        if (isLast && (stats.mode & othersMayWrite) !== 0) {
            throw new SharedFileError(`other users can write to ${next}`);
        }
        // In a sticky folder, such as /tmp, no other user can replace what one has put there.
        if ((stats.mode & anyoneMayWrite) !== 0 && (stats.mode & sticky) === 0) {
            throw new SharedFileError(`every user can write to ${next}`);
        }
        at = next;
    }
    return true;
}

function partsOf(path: string): string[] {
    return path.split(sep).filter((part) => part !== "" && part !== ".");
}
