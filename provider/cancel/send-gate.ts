import { setImmediate as turn } from "node:timers/promises";

/** Where cancel requests wait for their turn: those that are about to run go first, and a few at a time. */
export interface SendGate {
    /** Does the work when its turn has come; the lower rank goes first, and of equal ones who came first. */
    pass<T>(rank: number, work: () => Promise<T>): Promise<T>;
    /** Whether no cancel request waits or is under way. */
    isIdle(): boolean;
    /** Resolves when a request has gone out and was answered, or when the gate is idle. */
    change(): Promise<void>;
    /** When the last answer came, milliseconds since the epoch; undefined before the first one. */
    lastAnswerAt(): number | undefined;
}

/**
 * As many as the quota lets be in flight. More of them would stand in the quota's queue, where a read that proves what
 * was sent would have to wait behind them all.
 */
const mostAtOnce = 8;

interface Waiter {
    readonly rank: number;
    readonly enter: () => void;
}

export function createSendGate(now: () => number): SendGate {
    const waiting: Waiter[] = [];
    let inside = 0;
    let answeredAt: number | undefined;
    let isAdmitting = false;
    let changed = Promise.withResolvers<void>();

    /** Not before all who come in the same breath are in line, or the first of them would go first whatever its rank. */
    async function admit(): Promise<void> {
        if (isAdmitting) {
            return;
        }
        isAdmitting = true;
        await turn();
        isAdmitting = false;
        while (inside < mostAtOnce && waiting.length > 0) {
            inside++;
            waiting.shift()?.enter();
        }
    }

    function enqueue(rank: number): Promise<void> {
        const { promise, resolve } = Promise.withResolvers<void>();
        // From the end: who comes later mostly ranks behind.
        let at = waiting.length;
        while (at > 0 && (waiting[at - 1]?.rank ?? 0) > rank) {
            at--;
        }
        waiting.splice(at, 0, { rank, enter: resolve });
        void admit();
        return promise;
    }

    return {
        async pass(rank, work) {
            await enqueue(rank);
            try {
                return await work();
            } finally {
                inside--;
                answeredAt = now();
                void admit();
                changed.resolve();
                changed = Promise.withResolvers();
            }
        },
        isIdle: () => inside === 0 && waiting.length === 0,
        change: () => changed.promise,
        lastAnswerAt: () => answeredAt,
    };
}
