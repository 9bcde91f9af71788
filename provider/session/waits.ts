/** What a run can wait for before an answer is there, in the order in which one stands before the other. */
export type WaitedFor = "sign-in" | "the quota" | "the list of actions" | "machines";

/** Tells what is waited for at the moment, so that a wait that ends in vain can be named. */
export interface Waits {
    during<T>(what: WaitedFor, work: () => Promise<T>): Promise<T>;
    /** What is waited for now: what stands before all else first. */
    pending(): readonly WaitedFor[];
}

const inOrder: readonly WaitedFor[] = ["sign-in", "the quota", "the list of actions", "machines"];

export function createWaits(): Waits {
    const counts = new Map<WaitedFor, number>();
    const count = (what: WaitedFor, change: number) => counts.set(what, (counts.get(what) ?? 0) + change);
    return {
        async during(what, work) {
            count(what, 1);
            try {
                return await work();
            } finally {
                count(what, -1);
            }
        },
        pending: () => inOrder.filter((what) => (counts.get(what) ?? 0) > 0),
    };
}
