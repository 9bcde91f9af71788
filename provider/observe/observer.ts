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
 * All code reads statuses through this interface. Questions that are asked at about the same time share one request.
 *
 * An answer comes only from a request that began after the question was asked. So a caller that asks after the answer
 * to a cancel request gets proof, never an older status.
 */
export interface Observer {
    /**
     * Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` only when a request for this single id was answered so. A list
     * that lacks the id, repeats it or shows another action under it does not count as an answer.
     */
    read(machineActionId: string, earlier?: Earlier): Promise<Observation>;
    /**
     * Reads one action for which nothing was sent yet. May use a list that is a few seconds old, unless it shows the
     * action as final: then the action is read again.
     */
    readRecent(machineActionId: string, earlier?: Earlier): Promise<Observation>;
    /** Reads one action together with what was issued on its machine since. Never rejects. */
    readHistory(question: HistoryQuestion): Promise<MachineHistory>;
    /**
     * Call it when a cancel request for the action was answered: earlier readings then prove nothing. `answer`: the
     * action, if the answer shows it.
     */
    invalidate(machineActionId: string, answer?: MachineAction): void;
    /** Whether a reading, or the answer to a cancel request, has shown that the action has started. */
    wasAtWork(machineActionId: string): boolean;
}

/** The type and machine of an action in an earlier reading. They never change. */
export type Earlier = Pick<MachineAction, "type" | "machineId">;

type Asked = ReadonlyMap<string, PromiseWithResolvers<Observation>>;

export interface ObserverOptions {
    /**
     * How long questions are gathered before a request is sent, in milliseconds. Default 50: the engine hands out its
     * first resources over some tens of milliseconds.
     */
    readonly gatherMs?: number;
    /**
     * Whether `readRecent` may answer with a recent list that shows the action as final. Only for previews: they send
     * nothing, and prove nothing.
     */
    readonly servesFinal?: boolean;
}

/** A preview plans a few resources at a time, for as long as it takes, and each of them may ask. */
const ofPreview = { worthActions: 2, maxAgeMs: 60_000 };

/** Gathers questions over a {@link DefenderClient}. */
export function createObserver(
    client: DefenderClient,
    verifiedList: VerifiedList,
    clock: Clock,
    { gatherMs = 50, servesFinal = false }: ObserverOptions = {},
): Observer {
    const seen = new Map<string, Earlier>();
    const atWork = new Set<string>();
    const recent = createRecentActions(verifiedList, clock, servesFinal ? ofPreview : {});
    const lists = createIdLists<Observation>({ list: client.list, idOf: ({ action }) => action.id });

    const ask = createBatcher<string, Observation>((ids) => {
        const asked = new Map<string, PromiseWithResolvers<Observation>>();
        const answers = ids.map((id) => {
            const question = asked.get(id) ?? Promise.withResolvers<Observation>();
            asked.set(id, question);
            return question.promise;
        });
        void answer(asked);
        return answers;
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

    /** Reads a list; returns the ids for which it gave no answer. */
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
            failAll(ids, asked, error);
            return [];
        }
    }

    /** Reads the first and the last id. If the API fails for both, the others fail with the failure of the list. */
    async function probe(ids: readonly string[], asked: Asked, failure: DefenderError): Promise<readonly string[]> {
        const probes = ids.filter((_, index) => index === 0 || index === ids.length - 1);
        const seen = await Promise.all(probes.map((id) => readOne(id, asked)));
        const others = ids.filter((id) => !probes.includes(id));
        if (seen.some((one) => !(one instanceof DefenderError && one.code === "ERR_DEFENDER_SERVER"))) {
            return others;
        }
        failAll(others, asked, failure);
        return [];
    }

    /** Reads one action; returns the error if this fails. */
    async function readOne(id: string, asked: Asked): Promise<unknown> {
        try {
            asked.get(id)?.resolve(remember(await client.get(id)));
            return undefined;
        } catch (error) {
            failAll([id], asked, error);
            return error;
        }
    }

    function failAll(ids: readonly string[], asked: Asked, error: unknown): void {
        for (const id of ids) {
            asked.get(id)?.reject(error);
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
                    `${describe(observation.action)}, so this answer proves nothing`,
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
            const mayServe = found && (servesFinal || !isFinal(found.action.status)) && isSame(found.action, earlier);
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

/** A type or machine that is unknown matches any: both are null right after some actions are created. */
function isSame(action: Earlier, earlier: Earlier | undefined): boolean {
    const [one, other] = [action.machineId, earlier?.machineId];
    const isSameMachine = one === undefined || other === undefined || one.toLowerCase() === other.toLowerCase();
    const isTypeKnown = action.type !== undefined && earlier?.type !== undefined;
    return isSameMachine && (!isTypeKnown || isSameType(action.type, earlier.type));
}

function describe({ type, machineId }: Earlier): string {
    return `${type ?? "an action"} on machine ${machineId ?? "unknown"}`;
}
