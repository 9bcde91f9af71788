import {
    closeSync,
    constants,
    fstatSync,
    lstatSync,
    openSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";

/** Why a file cannot be shared with other processes: its message completes "FILE cannot be used (…)". */
export class SharedFileError extends Error {
    override readonly name = "SharedFileError";
}

/** The code of a system error. */
export function codeOf(error: unknown): string | undefined {
    return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** What a system call throws, as the reason why the file cannot be shared. */
export function asSharedFileError(error: unknown): SharedFileError {
    return error instanceof SharedFileError
        ? error
        : new SharedFileError(codeOf(error) ?? String(error), { cause: error });
}

// Windows has no such flags.
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

const othersMayWrite = 0o022;

/**
 * Under the lock, so the other name is ours. Nothing is replaced by the renaming: ext4 would first write the new file
 * to the disk, a millisecond for each call (https://docs.kernel.org/admin-guide/ext4.html, auto_da_alloc). Follows no
 * link. Throws a {@link SharedFileError} where it cannot be written.
 */
export function replaceFile(path: string, text: string): void {
    try {
        finishReplacing(path);
        rmSync(`${path}.new`, { force: true });
        const file = openSync(`${path}.new`, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
        try {
            writeFileSync(file, text);
        } finally {
            closeSync(file);
        }
        rmSync(path, { force: true });
        renameSync(`${path}.new`, path);
    } catch (error) {
        throw asSharedFileError(error);
    }
}

/**
 * What {@link replaceFile} wrote last; undefined where nothing is there. Under the lock. Throws a
 * {@link SharedFileError} where it cannot be read, is no file, or is not this user's alone.
 */
export function readReplaced(path: string): string | undefined {
    try {
        finishReplacing(path);
        return readPrivate(path);
    } catch (error) {
        if (codeOf(error) === "ENOENT") {
            return undefined;
        }
        throw asSharedFileError(error);
    }
}

/** The last step of a writer that was killed before it: the old text is removed only once the new one is complete. */
function finishReplacing(path: string): void {
    const isThere = (name: string) => lstatSync(name, { throwIfNoEntry: false }) !== undefined;
    if (!isThere(path) && isThere(`${path}.new`)) {
        renameSync(`${path}.new`, path);
    }
}

function readPrivate(path: string): string {
    if (lstatSync(path).isSymbolicLink()) {
        throw new SharedFileError(`${path} is a link`);
    }
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
        const stats = fstatSync(file);
        const me = process.geteuid?.();
        if (!stats.isFile()) {
            throw new SharedFileError(`${path} is no file`);
        }
        if (me !== undefined && stats.uid !== me) {
            throw new SharedFileError(`${path} belongs to another user`);
        }
        if (me !== undefined && (stats.mode & othersMayWrite) !== 0) {
            throw new SharedFileError(`other users can write to ${path}`);
        }
        return readFileSync(file, "utf8");
    } finally {
        closeSync(file);
    }
}
