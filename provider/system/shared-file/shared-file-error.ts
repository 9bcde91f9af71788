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
