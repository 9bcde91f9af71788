/** The steps that a run can wait for before an answer arrives, first to last. */
export type WaitedFor = "sign-in" | "the quota" | "the list of actions" | "machines";

/** Tracks the pending steps, so that a message can name the step at which a wait ended. */
export interface Waits {
    during<T>(what: WaitedFor, work: () => Promise<T>): Promise<T>;
    /** The pending steps, first to last. */
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
