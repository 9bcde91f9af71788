import { lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { isAbsolute, join, parse, sep } from "node:path";
import { asSharedFileError, SharedFileError } from "./private-file.ts";

/** A path with more links is assumed to be circular. */
const maxLinks = 40;

const othersMayWrite = 0o022;
const anyoneMayWrite = 0o002;
const sticky = 0o1000;

/**
 * Makes the folder if it does not exist. Throws a {@link SharedFileError} if the folder is not private to this user, or
 * if another user can have made the folder or a link on its path. Windows shows neither owner nor permissions, so on
 * Windows only the user's profile protects the folder.
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

/** Checks the path to the folder part by part, and follows its links. False if the folder does not exist. */
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
            throw new SharedFileError(`${next} is not a folder`);
        }
        const isLast = left.length === 0;
        if (isLast && stats.uid !== me) {
            throw new SharedFileError(`${next} belongs to another user`);
        }
        if (isLast && (stats.mode & othersMayWrite) !== 0) {
            throw new SharedFileError(`other users can write to ${next}`);
        }
        // In a sticky folder, such as /tmp, no user can replace the files of another user.
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
