import { type CancellerNames, cancelledBy } from "../model/canceller.ts";
import { imitatesTag } from "../model/declaration.ts";
import { errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { VerifiedList } from "../observe/verified-list.ts";
import { isObject } from "../schema/input-rules.ts";
import { createAttemptLimit } from "../system/attempt-limit.ts";
import { type Clock, momentOf, utc } from "../system/clock.ts";
import { memoryCount, type PlaceCount } from "./run-count.ts";

/** The two numbers whose sum is compared with `maxPerDay`. */
export interface DayTotal {
    /** Cancellations of the last 24 hours that the API shows and that count. */
    readonly shown: number;
    /** Cancel requests of this run for actions that are not among `shown`. */
    readonly sent: number;
}

/**
 * Counts the cancellations of the last 24 hours against `maxPerDay`, from the API's own records. Many small runs could
 * bypass a counter that this package stores, but they cannot bypass these records.
 */
export interface DayCount {
    /**
     * Takes a place for one action. If `most` places are already taken, takes none and returns the number taken. An
     * action has one place, even if several calls take it. Rejects where the API's list cannot be read.
     */
    take(machineActionId: string, most: number): Promise<DayTotal | undefined>;
    /** Returns a place for which nothing was sent. Never rejects. */
    giveBack(machineActionId: string): Promise<void>;
    /** Reads the list if the last reading is too old. Never rejects. */
    prefetch(): Promise<void>;
}

export interface DayCountOptions {
    /** Throws where the API counts more rows than it shows, because an incomplete list gives no count. */
    readonly list: VerifiedList;
    readonly identify: () => Promise<CancellerNames>;
    readonly clock: Pick<Clock, "now">;
    /**
     * The places that all providers of the run take together: the list does not show what other providers just sent.
     */
    readonly ofRun?: PlaceCount;
}

/**
 * The maximum age of a reading, in milliseconds. Then the list is read again, which shows the cancellations of other
 * runs.
 */
const maxAgeMs = 2 * 60_000;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** An action ends after at most three days, and counts for one day after its cancellation. */
const maxLifeMs = 5 * dayMs;

/** A list that fails is requested at most this often in a minute. */
const maxFailures = 5;

interface Reading {
    /** The actions that the API shows and that count. */
    readonly shown: ReadonlySet<string>;
    readonly receivedAt: number;
}

export function createDayCount({ list, identify, clock, ofRun = memoryCount().day }: DayCountOptions): DayCount {
    /** `isOfRun`: the action also has a place in the run's count. */
    const own = new Map<string, { readonly at: number; readonly places: number; readonly isOfRun: boolean }>();
    const attempts = createAttemptLimit(maxFailures, clock);
    let last: Reading | undefined;
    let reading: Promise<Reading> | undefined;
    /** Actions for which this process sent a request, and which the last reading does not show. */
    let sent = new Set<string>();

    async function read(): Promise<Reading> {
        const began = clock.now();
        const own = await identify();
        const found = new Map<string, number>();
        let now = began;
        for await (const page of list(`status eq 'Cancelled' and creationDateTimeUtc ge ${utc(began - maxLifeMs)}`)) {
            for (const { action, raw, date } of page) {
                // The earlier of the two clocks counts: a runner's clock that is ahead must not shorten the day.
                now = Math.min(now, Date.parse(date ?? "") || now);
                if (action.status === "Cancelled" && mayBeOurs(action, raw, own)) {
                    found.set(action.id, momentOf(action.cancellationDateTimeUtc));
                }
            }
        }
        // An action without a time may have been cancelled just now.
        const shown = new Set([...found].filter(([, at]) => !(at < now - dayMs)).map(([id]) => id));
        return { shown, receivedAt: clock.now() };
    }

    async function readOnce(): Promise<Reading> {
        const refusal = attempts.refusal();
        if (refusal !== undefined) {
            throw new Error(refusal);
        }
        try {
            const { shown, receivedAt } = await read();
            const isOver = (at: number) => receivedAt - at > dayMs;
            sent = new Set([...own].filter(([id, { at }]) => !shown.has(id) && !isOver(at)).map(([id]) => id));
            last = { shown, receivedAt };
            return last;
        } catch (error) {
            attempts.failed(errorLine(error));
            throw error;
        }
    }

    /** Callers that ask during a reading share it. */
    async function current(): Promise<Reading> {
        const age = last ? clock.now() - last.receivedAt : Number.POSITIVE_INFINITY;
        if (last && age >= 0 && age <= maxAgeMs) {
            return last;
        }
        reading ??= readOnce().finally(() => {
            reading = undefined;
        });
        return reading;
    }

    async function giveBack(machineActionId: string): Promise<void> {
        const taken = own.get(machineActionId);
        if (taken && taken.places > 1) {
            own.set(machineActionId, { ...taken, places: taken.places - 1 });
            return;
        }
        own.delete(machineActionId);
        sent.delete(machineActionId);
        if (taken?.isOfRun) {
            // If this fails, the place stays taken. That allows fewer requests, never more.
            await ofRun.giveBack().catch(() => {});
        }
    }

    return {
        async take(machineActionId, most) {
            const { shown } = await current();
            const isCounted = shown.has(machineActionId) || sent.has(machineActionId);
            if (shown.size + sent.size + (isCounted ? 0 : 1) > most) {
                return { shown: shown.size, sent: sent.size };
            }
            if (!shown.has(machineActionId)) {
                sent.add(machineActionId);
            }
            const { places, isOfRun } = own.get(machineActionId) ?? { places: 0, isOfRun: false };
            own.set(machineActionId, { at: clock.now(), places: places + 1, isOfRun });
            if (isCounted || isOfRun) {
                return undefined;
            }
            let isFree = false;
            try {
                isFree = await ofRun.take(most, shown.size);
            } finally {
                const taken = own.get(machineActionId);
                if (isFree && taken) {
                    own.set(machineActionId, { ...taken, isOfRun: true });
                } else {
                    await giveBack(machineActionId);
                }
            }
            return isFree ? undefined : { shown: shown.size, sent: Math.max(sent.size, most - shown.size) };
        },
        giveBack,
        async prefetch() {
            await current().catch(() => {});
        },
    };
}

/**
 * Whether a cancellation counts. It counts if it has our tag, from any stack, if our identity made it or may have made
 * it, or if it lacks a field that decides this. Others do not count, because analysts who cancel many actions in the
 * portal must not use up the pipeline's places: a user, or an application with another id.
 *
 * The form in which Defender shows an application is not documented. So every name that is neither the id of another
 * application nor that of a user counts. A name that was observed as ours makes no other name count less, because a
 * state can hold any name.
 *
 * The API's original text is compared too, because the stored text is cut and redacted. Otherwise the author of a
 * declaration or of stack config could hide the tag, by a long comment or by marking the tag as a secret.
 */
function mayBeOurs(action: MachineAction, raw: unknown, own: CancellerNames): boolean {
    const told: readonly Cancelled[] = [action, isObject(raw) ? raw : {}];
    return told.some(({ cancellationComment, cancellationRequestor }) => {
        const [comment, canceller] = [trimmed(cancellationComment), trimmed(cancellationRequestor)];
        return (
            comment === "" ||
            imitatesTag(comment) ||
            cancelledBy(canceller, own) === "us" ||
            cancelledBy(canceller, { ...own, observed: [] }) !== "another"
        );
    });
}

interface Cancelled {
    readonly cancellationComment?: unknown;
    readonly cancellationRequestor?: unknown;
}

function trimmed(value: unknown): string {
    return typeof value === "string" ? value.trim() : "";
}
