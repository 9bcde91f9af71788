import DataLoader from "dataloader";
import { type DefenderClient, idFilter, listQuery, type Sighting } from "./defender-client.ts";
import { DefenderError } from "./errors.ts";
import type { MachineAction } from "./machine-action.ts";

/**
 * The one place that reads statuses. Questions that are asked at about the same time become one request.
 *
 * An answer comes only from a request that began after the question was asked. So whoever asks after a cancel request
 * was answered gets proof, never an older picture.
 */
export interface Observer {
    /**
     * Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` when the API has said so of this very id; a list that lacks
     * it, repeats it or shows another action under it is no answer.
     */
    observe(machineActionId: string, earlier?: Earlier): Promise<Sighting>;
}

/** What an action was when it was seen before: its type and machine never change. */
export type Earlier = Pick<MachineAction, "type" | "machineId">;

export interface ObserverOptions {
    /** How long questions are gathered before a request is sent, in milliseconds. Default 20. */
    readonly gatherMs?: number;
}

/** Gateways refuse or cut longer queries; 8 kB is what common ones take. */
const longestQuery = 7_500;

/** Single reads at a time, where a list did not answer. */
const concurrentReads = 8;

/** Gathers questions over a {@link DefenderClient}. */
export function createObserver(client: DefenderClient, { gatherMs = 20 }: ObserverOptions = {}): Observer {
    const seen = new Map<string, Earlier>();
    let listRefused = false;

    // Nothing is cached: a cached status would be older than the question.
    const questions = new DataLoader<string, Sighting>((ids) => answer(ids), {
        cache: false,
        batchScheduleFn: (dispatch) => setTimeout(dispatch, gatherMs),
    });

    async function answer(ids: readonly string[]): Promise<(Sighting | Error)[]> {
        const unique = [...new Set(ids)];
        const answers = new Map<string, Sighting | Error>();
        if (unique.length > 1 && !listRefused) {
            await Promise.all(split(unique).map((part) => readList(part, answers)));
        }
        const open = unique.filter((id) => !answers.has(id));
        const readers = Array.from({ length: concurrentReads }, async () => {
            for (let id = open.pop(); id !== undefined; id = open.pop()) {
                answers.set(id, await readOne(id));
            }
        });
        await Promise.all(readers);
        return ids.map((id) => answers.get(id) ?? new Error(`no answer for machine action ${id}`));
    }

    async function readList(ids: readonly string[], answers: Map<string, Sighting | Error>): Promise<void> {
        let sightings: Sighting[];
        try {
            sightings = await client.list(idFilter(ids));
        } catch (error) {
            if (error instanceof DefenderError && isRefusedForm(error)) {
                // This API does not take the filter: ask for each id from now on.
                listRefused = true;
                return;
            }
            for (const id of ids) {
                answers.set(id, asError(error));
            }
            return;
        }
        for (const id of ids) {
            const rows = sightings.filter(({ action }) => action.id === id);
            const [row] = rows;
            if (row && rows.length === 1 && isSame(row.action, seen.get(id))) {
                answers.set(id, remember(row));
            }
        }
    }

    async function readOne(id: string): Promise<Sighting | Error> {
        try {
            return remember(await client.get(id));
        } catch (error) {
            return asError(error);
        }
    }

    function remember(sighting: Sighting): Sighting {
        const { id, type, machineId } = sighting.action;
        const known = seen.get(id);
        seen.set(id, { type: known?.type ?? type, machineId: known?.machineId ?? machineId });
        return sighting;
    }

    return {
        async observe(machineActionId, earlier) {
            const known = seen.get(machineActionId);
            const before = { type: known?.type ?? earlier?.type, machineId: known?.machineId ?? earlier?.machineId };
            seen.set(machineActionId, before);
            const sighting = await questions.load(machineActionId);
            if (!isSame(sighting.action, before)) {
                throw new DefenderError(
                    "ERR_DEFENDER_RESPONSE",
                    `machine action ${machineActionId} was ${describe(before)} and now reads as ` +
                        `${describe(sighting.action)}: this answer proves nothing`,
                    { machineActionId, trackingId: sighting.correlationId },
                );
            }
            return sighting;
        },
    };
}

/** A type or machine that was unknown may become known: both are null right after some actions are created. */
function isSame(action: Earlier, earlier: Earlier | undefined): boolean {
    const matches = (one: string | undefined, other: string | undefined) =>
        one === undefined || other === undefined || one.toLowerCase() === other.toLowerCase();
    return matches(action.type, earlier?.type) && matches(action.machineId, earlier?.machineId);
}

function describe({ type, machineId }: Earlier): string {
    return `${type ?? "an action"} on machine ${machineId ?? "unknown"}`;
}

/** A 400, 404, 414 …: "not in this form". Whatever a list says, it never means that an action does not exist. */
function isRefusedForm(error: DefenderError): boolean {
    return error.code === "ERR_DEFENDER_REFUSED" || error.status === 404;
}

function asError(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
}

/** Parts of which each makes a query of bounded length. */
function split(ids: readonly string[]): string[][] {
    const parts: string[][] = [];
    let part: string[] = [];
    for (const id of ids) {
        if (part.length > 0 && listQuery(idFilter([...part, id])).length > longestQuery) {
            parts.push(part);
            part = [];
        }
        part.push(id);
    }
    return part.length > 0 ? [...parts, part] : parts;
}
