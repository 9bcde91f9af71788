import { DefenderError } from "../model/errors.ts";
import { type MachineAction, newestFirst } from "../model/machine-action.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import type { Http } from "./http.ts";
import { parseMachineAction } from "./machine-action-parser.ts";
import { type ListOptions, listQuery, readPages } from "./pages.ts";

/** A machine action as one answer showed it, with what proves the answer. */
export interface Observation {
    readonly action: MachineAction;
    /** The action exactly as the API sent it. */
    readonly raw: unknown;
    /** Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock when it answered. */
    readonly date: string | undefined;
    /** The number of the call that read it among those of this process, from 1. */
    readonly call: number;
    /** Our clock when the request left; milliseconds since the epoch. */
    readonly beganAt: number;
    /** Our clock when the answer had arrived; milliseconds since the epoch. */
    readonly receivedAt: number;
}

/** What the API said to a cancel request. Its status is not proof: only a later read is. */
export interface CancelReceipt {
    readonly status: number;
    /** The action in the answer, where there was one. */
    readonly action: MachineAction | undefined;
    readonly correlationId: string | undefined;
    readonly date: string | undefined;
}

/** When a request goes out, and whether it does: see {@link HttpRequest}. */
export type SendOptions = Pick<HttpRequest, "beforeSend" | "isNext">;

/** The machine-action operations of the Defender API. */
export interface DefenderClient {
    /** Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` when the API knows no such id. */
    get(machineActionId: string): Promise<Observation>;
    /**
     * Reads the actions that a filter selects, at most `top` of them, page by page. Follows links on the configured host
     * alone. `isCounted` asks the API how many there are, and throws at the end unless all of them, and each once, could
     * be read.
     */
    list(filter: string, options?: ListOptions): AsyncIterable<Observation[]>;
    /** Asks for the cancellation of one action. */
    cancel(machineActionId: string, comment: string, options?: SendOptions): Promise<CancelReceipt>;
}

/** All actions that a filter selects, newest first, and each once: a row may be on two pages, as the API's order changes. */
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

/** Speaks the API's paths and shapes over {@link Http}. */
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
                // Where the API does not count, what it sent is all that there is.
                count = page.count ?? rows;
                last = page.answer;
            }
            if (isCounted && last && (rows !== count || ids.size !== count)) {
                const readable = `${rows} rows with ${ids.size} machine actions`;
                throw unreadable(`a list of ${readable}, and counts ${count}`, undefined, last);
            }
        },

        async cancel(machineActionId, comment, options) {
            const answer = await http({
                method: "POST",
                path: `${path}/${machineActionId}/cancel`,
                // Microsoft's own connector declares it as required; the name is case-sensitive.
                json: { Comment: comment },
                // Its status alone counts: only a later read proves anything.
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
