/** When the next reading of one waiting cancellation is wanted; milliseconds since the epoch. */
export interface PollTiming {
    /** Not before it is worth asking for this one alone. */
    readonly notBefore: number;
    /** Its deadline: the reading comes no later, unless the quota is needed for others. */
    readonly deadline: number;
    /** Whether it has not been read since its cancel request. Default: false. */
    readonly isFirst?: boolean;
    /** A reading that begins by then can still show that the action did not start. Default: no such time. */
    readonly proveBy?: number | undefined;
}

/** What the wishes of all pending polls come to; times in milliseconds since the epoch. */
export interface PollTimes {
    readonly notBefore: number;
    readonly deadline: number;
    /** When the first and the last of them began to wait. */
    readonly since: number;
    readonly lastSince: number;
    /** Until when the first and the last proof can begin: no time where none is wanted. */
    readonly firstProveBy: number;
    readonly lastProveBy: number;
    /** Whether one of them has not been read since its cancel request. */
    readonly hasFirst: boolean;
}

/** One poll that waits for its reading. */
export interface PendingPoll extends PollTiming {
    readonly since: number;
}

/**
 * The polls that wait for the next reading. The poller asks for their times at each answer, so each poll is counted
 * once, when it comes: the work of a thousand answers does not grow with the square of the set.
 */
export interface PendingPolls<Poll extends PendingPoll> {
    add(poll: Poll): void;
    /** Removes all, and returns them in the order in which they came. */
    takeAll(): Poll[];
    readonly size: number;
    readonly times: PollTimes;
    /** When so many of them are due; no time where fewer wait. */
    dueTimeOf(count: number): number;
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
    let dueTimes: number[] = [];
    let times = none;

    function insertDueTime(notBefore: number): void {
        // Mostly it is the last: polls come in the order of their answers.
        let index = dueTimes.length;
        while (index > 0 && (dueTimes[index - 1] ?? notBefore) > notBefore) {
            index--;
        }
        dueTimes.splice(index, 0, notBefore);
    }

    return {
        add(poll) {
            const { notBefore, deadline, since, proveBy, isFirst = false } = poll;
            polls.push(poll);
            insertDueTime(notBefore);
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
            dueTimes = [];
            times = none;
            return taken;
        },
        get size() {
            return polls.length;
        },
        get times() {
            return times;
        },
        dueTimeOf: (count) => dueTimes[count - 1] ?? Number.POSITIVE_INFINITY,
    };
}
