import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import type { Clock } from "../../../provider/system/clock.ts";

/** An action as this client reads it. */
export interface ListedAction {
    readonly id: string;
    readonly status: string;
    readonly machineId: string;
    readonly requestor: string;
    readonly type: string;
}

/** A SOAR that isolates machines, and isolates a machine again when its isolation was cancelled. */
export interface SoarClient {
    /** Isolates the machines, one after another; returns the ids of the actions. */
    isolate(machineIds: readonly string[]): Promise<string[]>;
    /** Looks every five seconds for cancelled isolations, until it is told to stop; returns what it issued again. */
    repeatWhatIsCancelled(stop: AbortSignal): Promise<string[]>;
    /** All isolations, as the API lists them. */
    list(): Promise<ListedAction[]>;
}

const name = "Incident SOAR";

/** A token of this application, as an API that accepts any token reads it. */
function token(): string {
    const claims = { appid: "3d3c2b1a-0000-4000-8000-0000000050a2", app_displayname: name };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** `retries`: how often it isolates a machine again. When its quota is used up, it waits as long as the API says. */
export function soarClient(url: string, clock: Pick<Clock, "sleep">, retries: number): SoarClient {
    async function send(path: string, body?: object): Promise<Record<string, unknown>> {
        const sent = request(`${url}${path}`, {
            method: body === undefined ? "GET" : "POST",
            agent: false,
            headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
        });
        const answered = new Promise<IncomingMessage>((resolve, reject) => {
            sent.once("error", reject);
            sent.once("response", resolve);
        });
        sent.end(body === undefined ? undefined : JSON.stringify(body));
        const response = await answered;
        const answer = (await json(response)) as Record<string, unknown>;
        if (response.statusCode !== 429) {
            return answer;
        }
        await clock.sleep(Number(response.headers["retry-after"]) * 1_000);
        return await send(path, body);
    }

    const isolateOne = async (machineId: string): Promise<string> => {
        const body = { Comment: "playbook 12: contain", IsolationType: "Full" };
        return String((await send(`/api/machines/${machineId}/isolate`, body)).id);
    };

    async function list(filter: string): Promise<ListedAction[]> {
        const answer = await send(`/api/machineactions?$filter=${encodeURIComponent(filter)}`);
        return answer.value as ListedAction[];
    }

    return {
        async isolate(machineIds) {
            const ids: string[] = [];
            for (const machineId of machineIds) {
                ids.push(await isolateOne(machineId));
            }
            return ids;
        },
        async repeatWhatIsCancelled(stop) {
            const attempts = new Map<string, number>();
            const answered = new Set<string>();
            const issued: string[] = [];
            while (!stop.aborted) {
                await clock.sleep(5_000);
                for (const { id, machineId } of await list(`status eq 'Cancelled' and requestor eq '${name}'`)) {
                    const attempt = attempts.get(machineId) ?? 0;
                    if (!answered.has(id) && attempt < retries) {
                        answered.add(id);
                        attempts.set(machineId, attempt + 1);
                        issued.push(await isolateOne(machineId));
                    }
                }
            }
            return issued;
        },
        list: () => list("type eq 'Isolate'"),
    };
}
