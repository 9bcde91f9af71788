import type { DefenderClient, Observation } from "../api/defender-client.ts";
import { createIdLists, isNoAnswer } from "../api/id-lists.ts";
import { isSameType } from "../model/action-type.ts";
import { DefenderError } from "../model/errors.ts";
import { isAtWork, isFinal, type MachineAction } from "../model/machine-action.ts";
import { createBatcher } from "../system/batcher.ts";
import type { Clock } from "../system/clock.ts";
import { createMachineHistory, type HistoryQuestion, type MachineHistory } from "./machine-history.ts";
import { createRecentActions } from "./recent-actions.ts";
import type { VerifiedList } from "./verified-list.ts";

/**
 * The one place that reads statuses. Questions that are asked at about the same time become one request.
 *
 * An answer comes only from a request that began after the question was asked. So a caller that asks after a cancel request
 * was answered gets proof, never an older picture.
 */
export interface Observer {
    /**
     * Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` when the API has said so of this very id; a list that lacks
     * it, repeats it or shows another action under it is no answer.
     */
    read(machineActionId: string, earlier?: Earlier): Promise<Observation>;
    /**
     * Reads one action that nothing was sent for yet. A list of a few seconds ago will do, but not for the last word:
     * an action that it shows as final is read anew.
     */
    readRecent(machineActionId: string, earlier?: Earlier): Promise<Observation>;
    /** Reads one action together with what was issued on its machine since. Never rejects. */
    readHistory(question: HistoryQuestion): Promise<MachineHistory>;
    /**
     * Call it after a cancel request for the action was answered: what was read before proves nothing any more.
     * `answer`: the action, where the answer shows it.
     */
    invalidate(machineActionId: string, answer?: MachineAction): void;
    /** Whether a reading, or the answer to a cancel request, has shown the action at work. */
    wasAtWork(machineActionId: string): boolean;
}

/** What an action was when it was seen before: its type and machine never change. */
export type Earlier = Pick<MachineAction, "type" | "machineId">;

type Asked = ReadonlyMap<string, PromiseWithResolvers<Observation>>;

export interface ObserverOptions {
    /**
     * How long questions are gathered before a request is sent, in milliseconds. Default 50: the engine hands out its
     * first resources over some tens of milliseconds.
     */
    readonly gatherMs?: number;
}

/** Gathers questions over a {@link DefenderClient}. */
export function createObserver(
    client: DefenderClient,
    verifiedList: VerifiedList,
    clock: Clock,
    { gatherMs = 50 }: ObserverOptions = {},
): Observer {
    const seen = new Map<string, Earlier>();
    const atWork = new Set<string>();
    const recent = createRecentActions(verifiedList, clock);
    const lists = createIdLists<Observation>({ list: client.list, idOf: ({ action }) => action.id });

    const ask = createBatcher<string, Observation>((ids) => {
        const asked = new Map(ids.map((id) => [id, Promise.withResolvers<Observation>()]));
        void answer(asked);
        return ids.map((id) => asked.get(id)?.promise ?? noAnswer(id));
    }, gatherMs);

    async function answer(asked: Asked): Promise<void> {
        const ids = [...asked.keys()];
        const parts = lists.split(ids);
        await Promise.all(
            parts.map(async (part) => {
                const open = part.length > 1 ? await readList(part, asked) : part;
                await Promise.all(open.map((id) => readOne(id, asked)));
            }),
        );
    }

    /** Reads a list; returns the ids that it gave no answer for. */
    async function readList(ids: readonly string[], asked: Asked): Promise<readonly string[]> {
        try {
            const rows = await lists.read(ids);
            return ids.filter((id) => {
                const [row, second] = rows.get(id) ?? [];
                if (!row || second || !isSame(row.action, seen.get(id))) {
                    return true;
                }
                asked.get(id)?.resolve(remember(row));
                return false;
            });
        } catch (error) {
            if (error instanceof DefenderError && isNoAnswer(error)) {
                return error.code === "ERR_DEFENDER_SERVER" ? probe(ids, asked, error) : ids;
            }
            for (const id of ids) {
                asked.get(id)?.reject(error);
            }
            return [];
        }
    }

    /** Reads the first and the last; where the API fails for both, it fails as a whole: the others fail as the list did. */
    async function probe(ids: readonly string[], asked: Asked, failure: DefenderError): Promise<readonly string[]> {
        const probes = [...new Set([ids.at(0), ids.at(-1)])].filter((id) => id !== undefined);
        const seen = await Promise.all(probes.map((id) => readOne(id, asked)));
        const others = ids.filter((id) => !probes.includes(id));
        if (seen.some((one) => !(one instanceof DefenderError && one.code === "ERR_DEFENDER_SERVER"))) {
            return others;
        }
        for (const id of others) {
            asked.get(id)?.reject(failure);
        }
        return [];
    }

    /** Returns why it could not be read, if so. */
    async function readOne(id: string, asked: Asked): Promise<unknown> {
        try {
            asked.get(id)?.resolve(remember(await client.get(id)));
            return undefined;
        } catch (error) {
            asked.get(id)?.reject(error);
            return error;
        }
    }

    function remember(observation: Observation): Observation {
        const { id, type, machineId } = observation.action;
        const known = seen.get(id);
        seen.set(id, { type: known?.type ?? type, machineId: known?.machineId ?? machineId });
        recent.record(observation.action);
        noteStart(observation.action);
        return observation;
    }

    function noteStart(action: MachineAction): void {
        if (isAtWork(action)) {
            atWork.add(action.id);
        }
    }

    async function read(machineActionId: string, earlier?: Earlier): Promise<Observation> {
        const known = seen.get(machineActionId);
        const before = { type: known?.type ?? earlier?.type, machineId: known?.machineId ?? earlier?.machineId };
        seen.set(machineActionId, before);
        const observation = await ask(machineActionId);
        if (!isSame(observation.action, before)) {
            throw new DefenderError(
                "ERR_DEFENDER_RESPONSE",
                `machine action ${machineActionId} was ${describe(before)} and now reads as ` +
                    `${describe(observation.action)}: this answer proves nothing`,
                { machineActionId, trackingId: observation.correlationId },
            );
        }
        return observation;
    }

    const narrow = createMachineHistory(verifiedList, gatherMs);

    return {
        read,
        async readRecent(machineActionId, earlier) {
            await recent.prefetch();
            const found = recent.observationOf(machineActionId);
            const mayServe = found && !isFinal(found.action.status) && isSame(found.action, earlier);
            return mayServe ? remember(found) : read(machineActionId, earlier);
        },
        async readHistory(question) {
            await recent.prefetch();
            const history = recent.historyOf(question) ?? (await narrow(question));
            if (history.observation) {
                remember(history.observation);
            }
            return history;
        },
        invalidate(machineActionId, answer) {
            recent.invalidate(machineActionId);
            if (answer) {
                noteStart(answer);
            }
        },
        wasAtWork: (machineActionId) => atWork.has(machineActionId),
    };
}

/** A type or machine that was unknown may become known: both are null right after some actions are created. */
function isSame(action: Earlier, earlier: Earlier | undefined): boolean {
    const [one, other] = [action.machineId, earlier?.machineId];
    const isSameMachine = one === undefined || other === undefined || one.toLowerCase() === other.toLowerCase();
    const isTypeKnown = action.type !== undefined && earlier?.type !== undefined;
    return isSameMachine && (!isTypeKnown || isSameType(action.type, earlier.type));
}

function describe({ type, machineId }: Earlier): string {
    return `${type ?? "an action"} on machine ${machineId ?? "unknown"}`;
}

function noAnswer(id: string): Promise<never> {
    return Promise.reject(new Error(`no answer for machine action ${id}`));
}
