import { Interrupted, interrupted } from "./child.mjs";
import { SetUpError, say } from "./say.mjs";

/**
 * Says what stopped a command, if its message is all that the reader needs.
 *
 * @param {unknown} error
 * @returns {number} exit code
 */
export function explain(error) {
    if (interrupted.reason instanceof Interrupted) {
        say(interrupted.reason.message);
        return interrupted.reason.exitCode;
    }
    if (error instanceof SetUpError) {
        say(error.message);
        return 1;
    }
    throw error;
}
