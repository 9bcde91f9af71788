import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A name for a file or folder that this process may leave behind when it is killed: `<pid>-<start>-<random>`. The start
 * time distinguishes this process from a later one with the same number.
 */
export function newOwnerName() {
    return `${nameOf(process.pid)}-${randomBytes(4).toString("hex")}`;
}

/**
 * The name of a running process, `<pid>-<start>`, which no other process will have.
 *
 * @param {number} pid
 */
export function nameOf(pid) {
    return `${pid}-${startOf(pid) ?? "0"}`;
}

/**
 * Whether the process that made a name still runs.
 *
 * @param {string} owner
 */
export function isRunning(owner) {
    const [pid, start] = owner.split("-");
    try {
        process.kill(Number(pid), 0);
    } catch (error) {
        // EPERM: it runs, as another user.
        return error instanceof Error && "code" in error && error.code === "EPERM";
    }
    return start === "0" || start === startOf(Number(pid));
}

/**
 * Removes the `<prefix><owner>` entries of a folder whose owner no longer runs.
 *
 * @param {string} folder
 * @param {string} prefix
 */
export function removeLeftovers(folder, prefix) {
    for (const entry of readdirSync(folder)) {
        if (entry.startsWith(prefix) && !isRunning(entry.slice(prefix.length))) {
            rmSync(join(folder, entry), { recursive: true, force: true });
        }
    }
}

/**
 * When a process started, in the unit of the system. Undefined if the system has no `/proc`, and for a process that has
 * ended and whose parent has not waited for it (state Z), as happens in containers without an init.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
function startOf(pid) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}
