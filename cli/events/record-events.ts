import { momentOf } from "../../provider/system/clock.ts";
import type { CancellationEntry } from "../state/records.ts";
import type { StateResource } from "../state/stack-state.ts";
import { entryEvents } from "./entry-events.ts";
import type { CancellationEvent } from "./event.ts";
import { reissueEvents } from "./reissue-events.ts";
import { runEvents } from "./run-events.ts";

/** What the events of records are made from. */
export interface EventSource {
    /** The chosen entries. */
    readonly entries: readonly CancellationEntry[];
    /** The resources of this package whose runs are events. */
    readonly resources: readonly StateResource[];
    /** Stands for a time that a record lacks. RFC 3339. */
    readonly generatedAtUtc: string;
}

/** The events of records: the runs of each resource, and for each action its cancellation, its error, its re-issues. */
export function recordEvents({ entries, resources, generatedAtUtc }: EventSource): CancellationEvent[] {
    const now = momentOf(generatedAtUtc);
    return [
        ...resources.flatMap((resource) => runEvents(resource, now)),
        ...entries.flatMap((entry) => [...entryEvents(entry, now), ...reissueEvents(entry, now)]),
    ];
}
