import { randomUUID } from "node:crypto";
import {
    closeSync,
    constants,
    fstatSync,
    fsyncSync,
    openSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The file of a record. Each call throws if the file cannot be written, or was removed. */
export interface RecordFile {
    /** Adds text. With `isFlushed`, returns when the text is on the disk. */
    append(text: string, isFlushed: boolean): void;
    /**
     * Replaces the content in one step, so that a reader finds either the old or the new content. If this throws, the
     * old content stays.
     */
    replace(text: string): void;
}

/** Creates a file that does not exist yet, with its first text. Throws the file system's error, and leaves no file. */
export function createRecordFile(path: string, firstText: string): RecordFile {
    writeNew(path, firstText);
    syncFolder(path);
    let file = reopen(path);
    const isCounted = file !== undefined && fstatSync(file).nlink > 0;

    function opened(): number {
        // A removed file accepts text, but the text would be lost.
        if (file === undefined || (isCounted && fstatSync(file).nlink === 0)) {
            throw failure("ENOENT", "the file was removed");
        }
        return file;
    }

    return {
        append(text, isFlushed) {
            const own = opened();
            writeFileSync(own, text);
            if (isFlushed) {
                fsyncSync(own);
            }
        },

        replace(text) {
            const own = opened();
            if (fstatSync(own).ino !== statSync(path).ino) {
                throw failure("EEXIST", "another file has its name");
            }
            // Its name may not be longer than that of the file.
            const beside = join(dirname(path), `.${randomUUID()}.tmp`);
            try {
                writeNew(beside, text);
                // Windows does not replace an open file.
                closeSync(own);
                file = undefined;
                renameSync(beside, path);
            } catch (error) {
                rmSync(beside, { force: true });
                file ??= reopen(path);
                throw error;
            }
            syncFolder(path);
        },
    };
}

/** Writes a file that does not exist yet. If this throws, it leaves no new file. */
function writeNew(path: string, text: string): void {
    const file = openSync(path, "wx", 0o600);
    try {
        writeFileSync(file, text);
        fsyncSync(file);
        closeSync(file);
    } catch (error) {
        closeSync(file);
        rmSync(path, { force: true });
        throw error;
    }
}

/** Opens an existing file for more text; undefined if that is not possible. */
function reopen(path: string): number | undefined {
    try {
        return openSync(path, constants.O_WRONLY | constants.O_APPEND);
    } catch {
        return undefined;
    }
}

function failure(code: string, message: string): NodeJS.ErrnoException {
    return Object.assign(new Error(message), { code });
}

/**
 * Flushes the folder of a new file, so that the file's name survives a crash. Some systems cannot flush a folder. The
 * text of the file is safe anyway.
 */
function syncFolder(path: string): void {
    try {
        const folder = openSync(dirname(path), "r");
        try {
            fsyncSync(folder);
        } finally {
            closeSync(folder);
        }
    } catch {
        // This system cannot flush a folder.
    }
}
