/**
 * Standard output belongs to the command that the set-up runs at the end, so the set-up writes to standard error.
 *
 * @param {string} text
 */
export function say(text) {
    process.stderr.write(`set-up: ${text}\n`);
}

/** A failure whose message is all that the reader needs: it is shown without a stack. */
export class SetUpError extends Error {
    /** @override */
    name = "SetUpError";
}
