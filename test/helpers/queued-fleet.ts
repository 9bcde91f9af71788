import { randomUUID } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { ActionSeed, RecordedRequest } from "../../simulator/index.ts";
import { setFace } from "./dynamic-face.ts";
import { randomNumbers } from "./random-numbers.ts";
import { realQuotas, simulatedApi } from "./simulated-api.ts";

/** What happens to actions whose cancel requests are still queued. */
export interface Happenings {
    /** How many of a thousand cancel requests are followed by an event of each kind. */
    readonly starts: number;
    readonly ends: number;
    readonly cancelsByOthers: number;
}

/** The results of a set whose requests were queued, compared with every answer of the API. */
export interface QueuedFleet {
    readonly size: number;
    readonly calls: number;
    readonly seconds: number;
    readonly counts: Readonly<Record<string, number>>;
    /** Recorded as prevented although a reading showed the action after its start and before the request was sent. */
    readonly wronglyPrevented: readonly string[];
    /** Requested although a reading showed the action after its end and before the request was sent. */
    readonly askedInVain: readonly string[];
    /** Started, but neither on the worklist nor failed. */
    readonly offTheWorklist: readonly string[];
    /** Recorded as prevented, but started between the last reading and the request, which no reading could show. */
    readonly startedUnseen: number;
    /** Ended between the last reading and the request. */
    readonly endedUnseen: number;
}

interface Moments {
    startedAt?: number;
    endedAt?: number;
}

/** Cancels a set under the API's real quota, while actions start, end and are cancelled by others. */
export async function cancelQueuedFleet(size: number, happenings: Happenings, seed: number): Promise<QueuedFleet> {
    const actions: (ActionSeed & { readonly id: string })[] = Array.from({ length: size }, () => ({
        id: randomUUID(),
    }));
    const ids = actions.map(({ id }) => id);
    const random = randomNumbers(seed);
    const moments = new Map<string, Moments>(ids.map((id) => [id, {}]));
    const requests: RecordedRequest[] = [];
    const departedAt = new Map<string, number>();
    const shownAt = new Map<string, number[]>();
    const received = new Set<RecordedRequest>();
    let readsUnderWay = 0;
    // Counts the events in order: a request that was sent, a reading that arrived, a start, an end.
    let step = 0;

    /** Events are counted at the client, because a later request may reach the API before an earlier one. */
    const onCreated = (message: unknown) => {
        const { request } = message as { request: ClientRequest };
        if (`http://${request.getHeader("host")}` !== api.url) {
            return;
        }
        const [, cancelled] = /\/machineactions\/([^/]+)\/cancel$/i.exec(request.path) ?? [];
        if (cancelled !== undefined) {
            departedAt.set(cancelled, step++);
        } else if (request.method === "GET") {
            readsUnderWay++;
            request.once("close", () => readsUnderWay--);
            request.once("response", (response: IncomingMessage) => response.once("end", () => arrive(request.path)));
        }
    };
    subscribe("http.client.request.created", onCreated);

    function arrive(target: string): void {
        const reading = requests.findLast(
            (one) => !received.has(one) && [one.path, one.query].filter(Boolean).join("?") === target,
        );
        if (reading) {
            received.add(reading);
            const { operation, ids = [], actionId } = reading;
            for (const id of operation === "list" ? ids : operation === "get" ? [actionId ?? ""] : []) {
                shownAt.set(id, [...(shownAt.get(id) ?? []), step]);
            }
            step++;
        }
    }

    await using api = await simulatedApi({
        actions,
        quotas: realQuotas,
        onRequest(request) {
            requests.push(request);
            if (request.operation === "cancel") {
                happen();
            }
        },
    });

    /** Changes an action whose request is still queued. */
    function happen(): void {
        const id = ids[Math.floor(random() * size)] ?? "";
        const row = api.simulator.action(id);
        const known = moments.get(id);
        // While a reading is in flight, it is not known whether it will show the change.
        if (
            !row ||
            !known ||
            readsUnderWay > 0 ||
            departedAt.has(id) ||
            !["Pending", "InProgress"].includes(row.status)
        ) {
            return;
        }
        const dice = random() * 1_000;
        const { starts, ends, cancelsByOthers } = happenings;
        if (dice < starts && row.status === "Pending") {
            api.simulator.start(id);
            known.startedAt = step++;
        } else if (dice >= starts && dice < starts + ends) {
            api.simulator.finish(id, row.status === "Pending" ? "TimeOut" : "Succeeded");
            known.endedAt = step++;
        } else if (dice >= starts + ends && dice < starts + ends + cancelsByOthers) {
            api.simulator.cancel(id, "soc@contoso.example", "by hand");
            // An action that runs ends some time after the request.
            if (api.simulator.action(id)?.status === "Cancelled") {
                known.endedAt = step++;
            }
        }
    }

    const began = api.time.now();
    const lifecycle = setFace(
        () => api.session,
        () => {},
    );
    const { inputs } = await lifecycle.check(
        {},
        {
            __provider: "exports.handler = …",
            cancellations: ids.map((machineActionId) => ({ machineActionId, ifAlreadyFinal: "accept" })),
            comment: "INC-4711",
            maxCancellations: 5_000,
            declaredBy: "p/s/n",
        },
    );
    const { outs } = await api.time.run(lifecycle.create(inputs)).finally(() => {
        unsubscribe("http.client.request.created", onCreated);
    });
    const results = outs.results as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    const isShownBetween = (id: string, from: number | undefined, to: number | undefined) =>
        from !== undefined && (shownAt.get(id) ?? []).some((at) => at >= from && at < (to ?? Number.POSITIVE_INFINITY));
    const of = (id: string) => ({ ...moments.get(id), departedAt: departedAt.get(id), effect: results[id]?.effect });
    return {
        size,
        calls: requests.length,
        seconds: (api.time.now() - began) / 1_000,
        counts: outs.counts as Readonly<Record<string, number>>,
        wronglyPrevented: ids.filter((id) => {
            const { startedAt, departedAt: to, effect } = of(id);
            return effect === "prevented" && isShownBetween(id, startedAt, to);
        }),
        askedInVain: ids.filter((id) => {
            const { endedAt, departedAt: to } = of(id);
            return to !== undefined && isShownBetween(id, endedAt, to);
        }),
        offTheWorklist: ids.filter((id) => {
            const { startedAt, effect, departedAt: to } = of(id);
            return isShownBetween(id, startedAt, to) && effect !== "ran" && effect !== "unknown";
        }),
        startedUnseen: ids.filter((id) => of(id).effect === "prevented" && of(id).startedAt !== undefined).length,
        endedUnseen: ids.filter((id) => of(id).endedAt !== undefined && of(id).departedAt !== undefined).length,
    };
}
