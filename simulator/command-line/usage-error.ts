/** Thrown when the command line is invalid. The message is all that is shown. */
export class UsageError extends Error {
    override readonly name = "UsageError";
}
