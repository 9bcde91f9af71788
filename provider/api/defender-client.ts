import { DefenderError } from "../model/errors.ts";
import { type MachineAction, newestFirst } from "../model/machine-action.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import type { Http } from "./http.ts";
import { parseMachineAction } from "./machine-action-parser.ts";
import { type ListOptions, listQuery, readPages } from "./pages.ts";

/** A machine action as one answer showed it, with the details that prove the answer. */
export interface Observation {
    readonly action: MachineAction;
    /** The action exactly as the API sent it. */
    readonly raw: unknown;
    /** Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock when it answered. */
    readonly date: string | undefined;
    /** The number of the call that read the action. The calls of this process are numbered from 1. */
    readonly call: number;
    /** Our clock when the request left; milliseconds since the epoch. */
    readonly beganAt: number;
    /** Our clock when the answer had arrived; milliseconds since the epoch. */
    readonly receivedAt: number;
}

/** The API's answer to a cancel request. Its status proves nothing; only a later read does. */
export interface CancelReceipt {
    readonly status: number;
    /** The action in the answer; undefined if there was none. */
    readonly action: MachineAction | undefined;
    readonly correlationId: string | undefined;
    readonly date: string | undefined;
}

/** Options that decide when and whether a request is sent. See {@link HttpRequest}. */
export type SendOptions = Pick<HttpRequest, "beforeSend" | "afterFailure" | "isNext">;

/** The machine-action operations of the Defender API. */
export interface DefenderClient {
    /** Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` when the API finds no action with this id. */
    get(machineActionId: string): Promise<Observation>;
    /**
     * Reads the actions that a filter selects, at most `top` of them, page by page. Follows links only on the
     * configured host. With `isCounted`, it also requests the number of actions, and throws at the end unless it has
     * read each action exactly once.
     */
    list(filter: string, options?: ListOptions): AsyncIterable<Observation[]>;
    /** Asks for the cancellation of one action. */
    cancel(machineActionId: string, comment: string, options?: SendOptions): Promise<CancelReceipt>;
}

/**
 * All actions that a filter selects, newest first. Each action is returned once, even if the API's order changes
 * meanwhile and a row is on two pages.
 */
export async function listedActions(client: DefenderClient, filter: string): Promise<MachineAction[]> {
    const found = new Map<string, MachineAction>();
    for await (const page of client.list(filter)) {
        for (const { action } of page) {
            found.set(action.id, action);
        }
    }
    return [...found.values()].sort(newestFirst);
}

const path = "/api/machineactions";

/** Translates the operations into the API's paths and bodies, and sends them over {@link Http}. */
export function createDefenderClient(http: Http): DefenderClient {
    return {
        async get(machineActionId) {
            const answer = await http({ method: "GET", path: `${path}/${machineActionId}`, machineActionId });
            const action = parseMachineAction(answer.body);
            if (action?.id !== machineActionId) {
                throw unreadable(
                    action ? `another action, ${action.id}` : "no machine action",
                    machineActionId,
                    answer,
                );
            }
            return observationOf(action, answer.body, answer);
        },

        async *list(filter, { top, isCounted = false } = {}) {
            const ids = new Set<string>();
            let [rows, count] = [0, 0];
            let last: HttpAnswer | undefined;
            for await (const page of readPages(http, path, listQuery(filter, { top, isCounted }))) {
                const observations = page.rows.flatMap((raw) => {
                    const action = parseMachineAction(raw);
                    return action ? [observationOf(action, raw, page.answer)] : [];
                });
                yield observations;
                for (const { action } of observations) {
                    ids.add(action.id);
                }
                rows += page.rows.length;
                // If the API does not count, its rows are taken to be complete.
                count = page.count ?? rows;
                last = page.answer;
            }
            if (isCounted && last && (rows !== count || ids.size !== count)) {
                const readable = `${rows} rows with ${ids.size} machine actions`;
                throw unreadable(`a list of ${readable}, but counts ${count}`, undefined, last);
            }
        },

        async cancel(machineActionId, comment, options) {
            const answer = await http({
                method: "POST",
                path: `${path}/${machineActionId}/cancel`,
                // Microsoft's own connector declares this property as required. Its name is case-sensitive.
                json: { Comment: comment },
                // Only the status of the answer is used, because only a later read proves anything.
                isBodyOptional: true,
                machineActionId,
                ...options,
            });
            const action = parseMachineAction(answer.body);
            return {
                status: answer.status,
                action: action?.id === machineActionId ? action : undefined,
                correlationId: answer.correlationId,
                date: answer.date,
            };
        },
    };
}

function observationOf(action: MachineAction, raw: unknown, answer: HttpAnswer): Observation {
    const { correlationId, date, call, beganAt, receivedAt } = answer;
    return { action, raw, correlationId, date, call, beganAt, receivedAt };
}

function unreadable(what: string, machineActionId: string | undefined, answer: HttpAnswer): DefenderError {
    const about = machineActionId ? `about machine action ${machineActionId} ` : "";
    return new DefenderError("ERR_DEFENDER_RESPONSE", `the API's answer ${about}holds ${what}`, {
        machineActionId,
        status: answer.status,
        trackingId: answer.correlationId,
    });
}
