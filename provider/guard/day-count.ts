import { imitatesTag } from "../model/declaration.ts";
import { errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { VerifiedList } from "../observe/verified-list.ts";
import { isObject } from "../schema/input-rules.ts";
import type { Identity } from "../sign-in/credentials.ts";
import { createAttemptLimit } from "../system/attempt-limit.ts";
import { type Clock, utc } from "../system/clock.ts";
import { memoryCount, type PlaceCount } from "./run-count.ts";

/** What `maxPerDay` is compared with. */
export interface DayTotal {
    /** Cancellations of the last 24 hours that the API shows and that count. */
    readonly shown: number;
    /** Cancel requests of this run for other actions than those. */
    readonly sent: number;
}

/**
 * Counts the cancellations of the last 24 hours against `maxPerDay`, by what the API shows: no store of ours that many
 * small runs could do without.
 */
export interface DayCount {
    /**
     * Takes a place for one action, unless `most` are taken; then says how many are. One action has one place, however
     * often it is asked for. Rejects where the API's list cannot be read.
     */
    take(machineActionId: string, most: number): Promise<DayTotal | undefined>;
    /** Gives a place back that nothing was sent for. Never rejects. */
    giveBack(machineActionId: string): Promise<void>;
    /** Reads the list, where that of the last minutes is too old. Never rejects. */
    prefetch(): Promise<void>;
}

export interface DayCountOptions {
    /** Throws where the API counts more rows than it shows: a list that lacks some is no count. */
    readonly list: VerifiedList;
    readonly identify: () => Promise<Pick<Identity, "appId" | "objectId">>;
    readonly clock: Pick<Clock, "now">;
    /** What all providers of the run take together: a list of the day does not show what the others send. */
    readonly ofRun?: PlaceCount;
}

/** What other runs cancel is seen after so long at the latest, in milliseconds. */
const maxAgeMs = 2 * 60_000;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** An action waits three days at most before it ends, and is counted for one after its cancellation. */
const maxLifeMs = 5 * dayMs;

/** A list that fails is asked for so often in a minute. */
const maxFailures = 5;

interface Reading {
    /** The actions that count, by what the API shows. */
    readonly shown: ReadonlySet<string>;
    readonly receivedAt: number;
}

export function createDayCount({ list, identify, clock, ofRun = memoryCount().day }: DayCountOptions): DayCount {
    /** `isOfRun`: it has a place of the run, too. */
    const own = new Map<string, { readonly at: number; readonly places: number; readonly isOfRun: boolean }>();
    const attempts = createAttemptLimit(maxFailures, clock);
    let last: Reading | undefined;
    let reading: Promise<Reading> | undefined;
    /** What this process has sent for and the last reading does not show. */
    let sent = new Set<string>();

    async function read(): Promise<Reading> {
        const began = clock.now();
        const { appId, objectId } = await identify();
        const ours = new Set([appId, objectId].flatMap((id) => id?.trim().toLowerCase() ?? []));
        const found = new Map<string, number>();
        let now = began;
        for await (const page of list(`status eq 'Cancelled' and creationDateTimeUtc ge ${utc(began - maxLifeMs)}`)) {
            for (const { action, raw, date } of page) {
                // By the earlier of the two clocks: a runner's that is ahead must not make the day shorter.
                now = Math.min(now, Date.parse(date ?? "") || now);
                if (action.status === "Cancelled" && mayBeOurs(action, raw, ours)) {
                    found.set(action.id, Date.parse(action.cancellationDateTimeUtc ?? ""));
                }
            }
        }
        // One without a time may have been cancelled just now.
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

    /** All who ask meanwhile share one reading. */
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
            // Where that fails the place stays taken: fewer requests, never more.
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
 * Whether a cancellation counts: it has our tag, from any stack, or one of our identities, or lacks a field to decide by.
 * Others do not: analysts who cancel a lot in the portal must not use up the pipeline's places.
 *
 * The API's own text is compared too, since the kept one is cut and redacted: a declaration chooses its comment, and
 * stack config a secret.
 */
function mayBeOurs(action: MachineAction, raw: unknown, ours: ReadonlySet<string>): boolean {
    const told: readonly Cancelled[] = [action, isObject(raw) ? raw : {}];
    return told.some(({ cancellationComment, cancellationRequestor }) => {
        const [comment, canceller] = [trimmed(cancellationComment), trimmed(cancellationRequestor)];
        return comment === "" || canceller === "" || imitatesTag(comment) || ours.has(canceller.toLowerCase());
    });
}

interface Cancelled {
    readonly cancellationComment?: unknown;
    readonly cancellationRequestor?: unknown;
}

function trimmed(value: unknown): string {
    return typeof value === "string" ? value.trim() : "";
}
