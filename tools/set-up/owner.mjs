import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A name for something that this process makes and may leave behind when it is killed: `<pid>-<start>-<random>`.
 * The start time tells this process from a later one to which the system gives the same number.
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
        // EPERM: it runs, as somebody else.
        return error instanceof Error && "code" in error && error.code === "EPERM";
    }
    return start === "0" || start === startOf(Number(pid));
}

/**
 * Removes `<prefix><owner>` entries of a folder whose owner is gone.
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
 * When a process started, in the unit of the system; undefined where the system does not say (no `/proc`), and for a
 * process that has ended and only waits for its parent to notice (state Z), as happens in containers without an init.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
function startOf(pid) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}
