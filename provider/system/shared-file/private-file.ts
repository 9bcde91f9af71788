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

/** The reason why a file cannot be shared with other processes. Its message completes "FILE cannot be used (…)". */
export class SharedFileError extends Error {
    override readonly name = "SharedFileError";
}

/** The code of a system error. */
export function codeOf(error: unknown): string | undefined {
    return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Turns the error of a system call into the reason why the file cannot be shared. */
export function asSharedFileError(error: unknown): SharedFileError {
    return error instanceof SharedFileError
        ? error
        : new SharedFileError(codeOf(error) ?? String(error), { cause: error });
}

// Windows lacks the last two flags.
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

const othersMayWrite = 0o022;

/**
 * Replaces a file: writes the text under another name, then renames it. The caller must hold the lock, so that no other
 * process uses that name. The old file is removed before the rename. If the rename replaced the old file, ext4 would
 * first write the new file to the disk, which takes a millisecond for each call
 * (https://docs.kernel.org/admin-guide/ext4.html, auto_da_alloc). Follows no link. Throws a {@link SharedFileError} if
 * the file cannot be written.
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
 * The text that {@link replaceFile} wrote last; undefined if there is none. The caller must hold the lock. Throws a
 * {@link SharedFileError} if the file cannot be read, is not a file, or is not private to this user.
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

/**
 * Does the last step of a writer that was killed before that step. The new text is then complete, because the writer
 * removes the old text only after writing it.
 */
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
            throw new SharedFileError(`${path} is not a file`);
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
