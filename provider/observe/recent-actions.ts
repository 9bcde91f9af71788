import type { Observation } from "../api/defender-client.ts";
import { noteRow } from "../api/id-lists.ts";
import { isSameType, typeFilter } from "../model/action-type.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { type Clock, momentOf, utc } from "../system/clock.ts";
import type { VerifiedList } from "./verified-list.ts";

/**
 * A cache for questions that come a few at a time, because the engine works on a few resources at a time. From the
 * second burst on, one list of all actions of that type and age answers the following questions.
 */
export interface RecentActions {
    /** The action in a recent list. Undefined if the list began before the answer to a cancel request of ours. */
    observationOf(machineActionId: string): Observation | undefined;
    /**
     * The action and all actions on its machine since it was created, if a recent list is known to show all of them.
     */
    historyOf(
        question: RecentHistoryQuestion,
    ): { observation: Observation; onMachine: readonly MachineAction[] } | undefined;
    /** Call it before a question. It reads a list for the following questions if enough of them are likely. */
    prefetch(): Promise<void>;
    /** Records an action that was read: its type and age determine which list is read later. */
    record(action: MachineAction): void;
    /** Records that a cancel request for the action was answered just now. */
    invalidate(machineActionId: string): void;
}

export interface RecentHistoryQuestion {
    readonly id: string;
    readonly type: string;
    readonly machineId: string;
    /** Milliseconds since the epoch. */
    readonly createdAt: number;
}

export interface RecentActionsOptions {
    /** How long a list is used, in milliseconds. Default 10,000. */
    readonly maxAgeMs?: number;
    /** A list is read once this number of actions of one type was asked for. Default 8. */
    readonly worthActions?: number;
}

/** A list is read after this number of bursts within the age of a list. */
const worthBursts = 2;

/** Questions within this time count as one burst, in milliseconds. */
const momentMs = 20;

/** How much earlier than the seen actions others of the same incident may have been created, in milliseconds. */
const marginMs = 3_600_000;

/** The maximum number of rows: a longer list would cost more than single questions. */
const maxRows = 2_000;

interface Snapshot {
    readonly began: number;
    readonly since: number;
    /** Whether it shows all actions of one type since then, and no others. */
    readonly isComplete: boolean;
    readonly rows: ReadonlyMap<string, readonly Observation[]>;
    readonly byMachine: ReadonlyMap<string | undefined, readonly MachineAction[]>;
}

export function createRecentActions(
    list: VerifiedList,
    clock: Clock,
    { maxAgeMs = 10_000, worthActions = 8 }: RecentActionsOptions = {},
): RecentActions {
    const posted = new Map<string, number>();
    const oldest = new Map<string, { seen: Set<string>; createdAt: number }>();
    let bursts: number[] = [];
    let snapshot: Snapshot | undefined;
    let reading: Promise<void> | undefined;

    const isFresh = () => snapshot !== undefined && clock.now() - snapshot.began <= maxAgeMs;

    async function read(type: string, since: number): Promise<void> {
        const began = clock.now();
        // A type with several spellings is not in the filter: actions of other types then make the list incomplete.
        const ofType = typeFilter([type]);
        const filter = `${ofType ? `${ofType} and ` : ""}creationDateTimeUtc ge ${utc(since)}`;
        const rows = new Map<string, Observation[]>();
        let isComplete = true;
        let count = 0;
        try {
            for await (const page of list(filter, maxRows)) {
                for (const row of page) {
                    noteRow(rows, row.action.id, row);
                }
                count += page.length;
                if (count >= maxRows || page.some(({ action }) => !isSameType(action.type, type))) {
                    isComplete = false;
                    break;
                }
            }
        } catch {
            // No caller depends on this list: each question then makes its own request.
            isComplete = false;
        }
        const actions = [...rows.values()].flat().map(({ action }) => action);
        const byMachine = Map.groupBy(actions, ({ machineId }) => machineId?.toLowerCase());
        snapshot = { began, since, isComplete, rows, byMachine };
    }

    function onlyRow(id: string): Observation | undefined {
        if (!snapshot || !isFresh() || (posted.get(id) ?? 0) >= snapshot.began) {
            return undefined;
        }
        const [row, second] = snapshot.rows.get(id) ?? [];
        return second ? undefined : row;
    }

    return {
        observationOf: onlyRow,
        historyOf({ id, type, machineId, createdAt }) {
            const observation = onlyRow(id);
            if (!snapshot?.isComplete || createdAt < snapshot.since) {
                return undefined;
            }
            if (!observation || !isSameType(observation.action.type, type)) {
                return undefined;
            }
            const machine = machineId.toLowerCase();
            const onMachine = snapshot.byMachine.get(machine) ?? [];
            return observation.action.machineId?.toLowerCase() === machine ? { observation, onMachine } : undefined;
        },
        async prefetch() {
            const now = clock.now();
            if (now - (bursts.at(-1) ?? -Infinity) > momentMs) {
                bursts = [...bursts.slice(1 - worthBursts), now].filter((at) => now - at <= maxAgeMs);
            }
            const [commonest] = [...oldest].sort(([, one], [, other]) => other.seen.size - one.seen.size);
            const isWorthIt = bursts.length >= worthBursts && (commonest?.[1].seen.size ?? 0) >= worthActions;
            if (!commonest || !isWorthIt || isFresh()) {
                return reading;
            }
            const [type, { createdAt }] = commonest;
            reading ??= read(type, createdAt - marginMs).finally(() => {
                reading = undefined;
            });
            return reading;
        },
        record({ id, type, creationDateTimeUtc }) {
            const createdAt = momentOf(creationDateTimeUtc);
            if (type !== undefined && !Number.isNaN(createdAt)) {
                const known = oldest.get(type);
                oldest.set(type, {
                    seen: (known?.seen ?? new Set()).add(id),
                    createdAt: Math.min(known?.createdAt ?? createdAt, createdAt),
                });
            }
        },
        invalidate(machineActionId) {
            posted.set(machineActionId, clock.now());
        },
    };
}
