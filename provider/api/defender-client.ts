import { z } from "zod";
import { DefenderError } from "../errors.ts";
import type { MachineAction } from "../machine-action.ts";
import type { Http, HttpAnswer } from "./http.ts";
import { parseMachineAction } from "./machine-action-parser.ts";

/** A machine action as one answer showed it, with what proves the answer. */
export interface Sighting {
    readonly action: MachineAction;
    /** The action exactly as the API sent it. */
    readonly raw: unknown;
    /** Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock when it answered. */
    readonly date: string | undefined;
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

/** What a list request asks for besides its filter. */
export interface ListOptions {
    readonly top?: number | undefined;
    readonly isCounted?: boolean;
}

/** The machine-action operations of the Defender API. */
export interface DefenderClient {
    /** Reads one action. Throws `ERR_DEFENDER_NOT_FOUND` when the API knows no such id. */
    get(machineActionId: string): Promise<Sighting>;
    /**
     * Reads the actions that a filter selects, at most `top` of them, page by page. Follows links on the configured host
     * alone. `isCounted` asks the API how many there are, and throws at the end unless all of them, and each once, could
     * be read.
     */
    list(filter: string, options?: ListOptions): AsyncIterable<Sighting[]>;
    /** Asks for the cancellation of one action. `beforeSend` is called when the request goes out; what it throws stops it. */
    cancel(machineActionId: string, comment: string, beforeSend?: () => void): Promise<CancelReceipt>;
}

const path = "/api/machineactions";

/** Far above what a filtered list needs: a server that links its pages in a circle must not hold us for ever. */
const mostPages = 100;

const page = z.object({
    value: z.array(z.unknown()),
    "@odata.nextLink": z.string().optional().catch(undefined),
    "@odata.count": z.int().optional().catch(undefined),
});

/** A string literal in an OData filter: quotes are doubled. */
export function quote(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

/** The query of a list request as it goes over the wire, without the question mark. */
export function listQuery(filter: string, { top, isCounted = false }: ListOptions = {}): string {
    const encoded = encodeURIComponent(filter).replaceAll("%2C", ",").replaceAll("'", "%27");
    const parts = [
        ...(filter === "" ? [] : [`$filter=${encoded}`]),
        ...(top === undefined ? [] : [`$top=${top}`]),
        ...(isCounted ? ["$count=true"] : []),
    ];
    return parts.join("&");
}

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
            return sightingOf(action, answer.body, answer);
        },

        async *list(filter, options = {}) {
            const { isCounted = false } = options;
            const seen = new Set<string>();
            const ids = new Set<string>();
            let [rows, count] = [0, 0];
            for (let query: string | undefined = listQuery(filter, options); query !== undefined; ) {
                const answer = await http({ method: "GET", path, query });
                const parsed = page.safeParse(answer.body);
                if (!parsed.success) {
                    throw unreadable("no list of machine actions", undefined, answer);
                }
                const sightings = parsed.data.value.flatMap((raw) => {
                    const action = parseMachineAction(raw);
                    return action ? [sightingOf(action, raw, answer)] : [];
                });
                yield sightings;
                for (const { action } of sightings) {
                    ids.add(action.id);
                }
                rows += parsed.data.value.length;
                // Where the API does not count, what it sent is all that there is.
                count = parsed.data["@odata.count"] ?? rows;
                seen.add(query);
                query = nextQuery(parsed.data["@odata.nextLink"]);
                if (query !== undefined && (query === "" || seen.has(query) || seen.size === mostPages)) {
                    throw unreadable("a list of pages without end", undefined, answer);
                }
                if (isCounted && query === undefined && (rows !== count || ids.size !== count)) {
                    const readable = `${rows} rows with ${ids.size} machine actions`;
                    throw unreadable(`a list of ${readable}, and counts ${count}`, undefined, answer);
                }
            }
        },

        async cancel(machineActionId, comment, beforeSend) {
            const answer = await http({
                method: "POST",
                path: `${path}/${machineActionId}/cancel`,
                // Microsoft's own connector declares it as required; the name is case-sensitive.
                json: { Comment: comment },
                // Its status alone counts: only a later read proves anything.
                isBodyOptional: true,
                machineActionId,
                ...(beforeSend ? { beforeSend } : {}),
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

function sightingOf(action: MachineAction, raw: unknown, answer: HttpAnswer): Sighting {
    const { correlationId, date, receivedAt } = answer;
    return { action, raw, correlationId, date, receivedAt };
}

/** A next link may name another host: only its query is used, so the token never leaves the configured one. */
function nextQuery(nextLink: string | undefined): string | undefined {
    if (!nextLink) {
        return undefined;
    }
    const query = nextLink.indexOf("?");
    return query === -1 ? "" : nextLink.slice(query + 1);
}

function unreadable(what: string, machineActionId: string | undefined, answer: HttpAnswer): DefenderError {
    const about = machineActionId ? `about machine action ${machineActionId} ` : "";
    return new DefenderError("ERR_DEFENDER_RESPONSE", `the API's answer ${about}holds ${what}`, {
        machineActionId,
        status: answer.status,
        trackingId: answer.correlationId,
    });
}
