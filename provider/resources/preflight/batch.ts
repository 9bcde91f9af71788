/** Runs a function later; returns a function that cancels this. */
export type After = (milliseconds: number, run: () => void) => () => void;

export interface BatchOptions<T> {
    /** Takes all declarations that are ready, together. */
    readonly take: (ready: readonly T[]) => void;
    /** Called once, after the last declaration. No declaration joins after that. */
    readonly end: () => void;
    readonly after?: After;
}

/** How long a batch stays open for further declarations once all its declarations are registered, in milliseconds. */
const gatherMs = 20;

/** How long the declarations that are ready wait for the next registration, in milliseconds. */
const stallMs = 5_000;

const systemAfter: After = (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
};

/**
 * Gathers declarations until all of them are registered: each joins at once, and is ready when its registration is
 * known. Where the next registration takes long, the declarations that are ready do not wait for it.
 *
 * Returns the function with which a declaration joins. A declaration that resolves to undefined, or rejects, is left
 * out.
 */
export function openBatch<T>({
    take,
    end,
    after = systemAfter,
}: BatchOptions<T>): (declaration: Promise<T | undefined>) => Promise<void> {
    let ready: T[] = [];
    let pending = 0;
    let cancel = () => {};
    const flush = () => {
        const taken = ready;
        ready = [];
        if (taken.length > 0) {
            take(taken);
        }
    };
    const arm = () => {
        cancel();
        cancel = () => {};
        if (pending === 0) {
            cancel = after(gatherMs, () => {
                flush();
                end();
            });
        } else if (ready.length > 0) {
            cancel = after(stallMs, flush);
        }
    };
    return async function join(declaration: Promise<T | undefined>): Promise<void> {
        pending++;
        arm();
        const one = await declaration.catch(() => undefined);
        pending--;
        if (one !== undefined) {
            ready.push(one);
        }
        arm();
    };
}
