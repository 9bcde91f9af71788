/** When the next reading of one waiting cancellation is wanted; milliseconds since the epoch. */
export interface PollTiming {
    /** The time before which this cancellation alone does not justify a reading. */
    readonly notBefore: number;
    /** The latest time for the reading, unless other calls need the quota. */
    readonly deadline: number;
    /** Whether this is the first reading since the cancel request. Default: false. */
    readonly isFirst?: boolean;
    /** The latest start of a reading that can show that the action did not start. Default: no such time. */
    readonly proveBy?: number | undefined;
}

/** The combined timing of all pending polls; times in milliseconds since the epoch. */
export interface PollTimes {
    readonly notBefore: number;
    readonly deadline: number;
    /** When the first and the last of them began to wait. */
    readonly since: number;
    readonly lastSince: number;
    /** The earliest and the latest `proveBy`; infinite where no poll has one. */
    readonly firstProveBy: number;
    readonly lastProveBy: number;
    /** Whether one of them waits for its first reading since the cancel request. */
    readonly hasFirst: boolean;
}

/** A poll that waits for its reading. */
export interface PendingPoll extends PollTiming {
    readonly since: number;
}

/**
 * The polls that wait for the next reading. The poller needs their combined times after each answer. They are therefore
 * updated when a poll is added, so that the work for a thousand answers does not grow with the square of the set.
 */
export interface PendingPolls<Poll extends PendingPoll> {
    add(poll: Poll): void;
    /** Removes all polls, and returns them in the order in which they were added. */
    takeAll(): Poll[];
    readonly size: number;
    readonly times: PollTimes;
    /** The time at which this number of polls is due; infinite where fewer wait. */
    notBeforeOf(count: number): number;
}

const none: PollTimes = {
    notBefore: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY,
    since: Number.POSITIVE_INFINITY,
    lastSince: Number.NEGATIVE_INFINITY,
    firstProveBy: Number.POSITIVE_INFINITY,
    lastProveBy: Number.NEGATIVE_INFINITY,
    hasFirst: false,
};

export function createPendingPolls<Poll extends PendingPoll>(): PendingPolls<Poll> {
    let polls: Poll[] = [];
    /** Ascending. */
    let ascendingTimes: number[] = [];
    let times = none;

    function insertNotBefore(notBefore: number): void {
        // It is usually the last, because polls are added in the order of their answers.
        let index = ascendingTimes.length;
        while ((ascendingTimes[index - 1] ?? notBefore) > notBefore) {
            index--;
        }
        ascendingTimes.splice(index, 0, notBefore);
    }

    return {
        add(poll) {
            const { notBefore, deadline, since, proveBy, isFirst = false } = poll;
            polls.push(poll);
            insertNotBefore(notBefore);
            times = {
                notBefore: Math.min(times.notBefore, notBefore),
                deadline: Math.min(times.deadline, deadline),
                since: Math.min(times.since, since),
                lastSince: Math.max(times.lastSince, since),
                firstProveBy: Math.min(times.firstProveBy, proveBy ?? none.firstProveBy),
                lastProveBy: Math.max(times.lastProveBy, proveBy ?? none.lastProveBy),
                hasFirst: times.hasFirst || isFirst,
            };
        },
        takeAll() {
            const taken = polls;
            polls = [];
            ascendingTimes = [];
            times = none;
            return taken;
        },
        get size() {
            return polls.length;
        },
        get times() {
            return times;
        },
        notBeforeOf: (count) => ascendingTimes[count - 1] ?? Number.POSITIVE_INFINITY,
    };
}
