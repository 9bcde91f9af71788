/** The parts of a process that {@link stopOnSignals} uses. */
export interface SignalledProcess {
    on(signal: string, listener: () => void): unknown;
    exit(code: number): void;
}

/** Windows sends SIGHUP when the console is closed, and SIGBREAK for Ctrl-Break. */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"];

/**
 * After a Ctrl-C in the terminal, `npx` and `npm run` send the signal a second time to a process that already has it. A
 * signal that comes later than this, in milliseconds, is a second Ctrl-C.
 */
const maxForwardingMs = 100;

const interrupted =
    "\nInterrupted: no more requests are sent; waiting for those under way. Press Ctrl-C again to exit at once.\n";

/**
 * Returns an `AbortSignal` that the first stop signal aborts. After that, nothing more is sent. A second Ctrl-C ends
 * the process at once. `write` gets the message for the user. `now` is a clock in milliseconds.
 */
export function stopOnSignals(
    process: SignalledProcess,
    write: (text: string) => void,
    now: () => number = () => performance.now(),
): AbortSignal {
    const stop = new AbortController();
    let stoppedAt = 0;
    for (const signal of stopSignals) {
        process.on(signal, () => {
            if (!stop.signal.aborted) {
                stoppedAt = now();
                stop.abort();
                write(interrupted);
            } else if (signal === "SIGINT" && now() - stoppedAt > maxForwardingMs) {
                process.exit(130);
            }
        });
    }
    return stop.signal;
}
