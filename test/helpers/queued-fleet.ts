import { randomUUID } from "node:crypto";
import type { ActionSeed, RecordedRequest } from "../../simulator/index.ts";
import { setFace } from "./dynamic-face.ts";
import { randomNumbers } from "./random-numbers.ts";
import { realQuotas, simulatedApi } from "./simulated-api.ts";

/** What happens to actions whose cancel requests are still queued. */
export interface Happenings {
    /** How many of a thousand cancel requests are followed by one of each kind. */
    readonly starts: number;
    readonly ends: number;
    readonly cancelsByOthers: number;
}

/** What became of a set while its requests were queued, held against every answer that the API gave. */
export interface QueuedFleet {
    readonly size: number;
    readonly calls: number;
    readonly seconds: number;
    readonly counts: Readonly<Record<string, number>>;
    /** Called prevented though an answer after the start showed the action. */
    readonly wronglyPrevented: readonly string[];
    /** Asked for though an answer after the end showed the action. */
    readonly askedInVain: readonly string[];
    /** Started, and neither on the worklist nor failed. */
    readonly offTheWorklist: readonly string[];
    /** Called prevented, and started between its last reading and its request: no reading could show that. */
    readonly startedUnseen: number;
    /** Ended between its last reading and its request. */
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
    const asked = new Set<string>();
    const postedAt = new Map<string, number>();
    let readsUnderWay = 0;

    await using api = await simulatedApi({
        actions,
        quotas: realQuotas,
        faults({ operation, actionId }) {
            if (operation === "cancel") {
                // As it comes in: its answer may be recorded after that of a later reading.
                postedAt.set(actionId ?? "", requests.length);
            }
            readsUnderWay += isReading(operation) ? 1 : 0;
            return undefined;
        },
        onRequest(request) {
            requests.push(request);
            readsUnderWay -= isReading(request.operation) ? 1 : 0;
            if (request.operation === "cancel") {
                asked.add(request.actionId ?? "");
                happen();
            }
        },
    });

    /** Something happens to an action that is still queued. */
    function happen(): void {
        const id = ids[Math.floor(random() * size)] ?? "";
        const row = api.simulator.action(id);
        const known = moments.get(id);
        // While a reading is under way, what it shows could not be told from what it does not.
        if (
            !row ||
            !known ||
            readsUnderWay > 0 ||
            postedAt.has(id) ||
            asked.has(id) ||
            !["Pending", "InProgress"].includes(row.status)
        ) {
            return;
        }
        const dice = random() * 1_000;
        const { starts, ends, cancelsByOthers } = happenings;
        if (dice < starts && row.status === "Pending") {
            api.simulator.start(id);
            known.startedAt = requests.length;
        } else if (dice >= starts && dice < starts + ends) {
            api.simulator.finish(id, row.status === "Pending" ? "TimeOut" : "Succeeded");
            known.endedAt = requests.length;
        } else if (dice >= starts + ends && dice < starts + ends + cancelsByOthers) {
            api.simulator.cancel(id, "soc@contoso.example", "by hand");
            known.endedAt = requests.length;
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
    const { outs } = await api.time.run(lifecycle.create(inputs));
    const results = outs.results as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    const shownAt = readingsOf(requests);
    const isShownBetween = (id: string, from: number | undefined, to: number | undefined) =>
        from !== undefined && (shownAt.get(id) ?? []).some((at) => at >= from && at < (to ?? Number.POSITIVE_INFINITY));
    const of = (id: string) => ({ ...moments.get(id), postedAt: postedAt.get(id), effect: results[id]?.effect });
    return {
        size,
        calls: requests.length,
        seconds: (api.time.now() - began) / 1_000,
        counts: outs.counts as Readonly<Record<string, number>>,
        wronglyPrevented: ids.filter((id) => {
            const { startedAt, postedAt: to, effect } = of(id);
            return effect === "prevented" && isShownBetween(id, startedAt, to);
        }),
        askedInVain: ids.filter((id) => {
            const { endedAt, postedAt: to } = of(id);
            return to !== undefined && isShownBetween(id, endedAt, to);
        }),
        offTheWorklist: ids.filter((id) => {
            const { startedAt, effect, postedAt: to } = of(id);
            return isShownBetween(id, startedAt, to) && effect !== "ran" && effect !== "unknown";
        }),
        startedUnseen: ids.filter((id) => of(id).effect === "prevented" && of(id).startedAt !== undefined).length,
        endedUnseen: ids.filter((id) => of(id).endedAt !== undefined && of(id).postedAt !== undefined).length,
    };
}

/** Whether a request shows actions. */
function isReading(operation: RecordedRequest["operation"]): boolean {
    return operation === "list" || operation === "get";
}

/** At which requests each action was shown. */
function readingsOf(requests: readonly RecordedRequest[]): Map<string, number[]> {
    const shown = new Map<string, number[]>();
    for (const [at, { operation, ids = [], actionId }] of requests.entries()) {
        const read = operation === "list" ? ids : operation === "get" ? [actionId ?? ""] : [];
        for (const id of read) {
            shown.set(id, [...(shown.get(id) ?? []), at]);
        }
    }
    return shown;
}
