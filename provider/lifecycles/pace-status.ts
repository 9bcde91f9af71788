import type { Log } from "../text/print.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** Shows the waits at the quota's normal pace, unless the progress of a set shows the time that they take. */
export interface PaceStatus {
    /** Takes a line about such a wait. */
    readonly logPace: Log;
    /** The lifecycle of a set, whose steps show their progress. */
    withProgress(lifecycle: Lifecycle): Lifecycle;
}

/** `logStatus` takes a line that needs to be seen only while the run waits. */
export function createPaceStatus(logStatus: Log): PaceStatus {
    let underWay = 0;

    async function during<T>(step: () => Promise<T>): Promise<T> {
        underWay++;
        try {
            return await step();
        } finally {
            underWay--;
        }
    }

    return {
        logPace(line) {
            if (underWay === 0) {
                logStatus(line);
            }
        },
        withProgress: (lifecycle) => ({
            ...lifecycle,
            create: (inputs) => during(() => lifecycle.create(inputs)),
            update: (id, olds, news) => during(() => lifecycle.update(id, olds, news)),
        }),
    };
}
