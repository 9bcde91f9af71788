import { cancellationLifecycle } from "../../provider/lifecycles/cancellation-lifecycle.ts";
import { setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import { limits } from "../../provider/schema/limits.ts";
import type { SimulatedApi } from "../../test/helpers/simulated-api.ts";
import { plainClient } from "./plain-call.ts";

/** One way to cancel many machine actions. Resolves when each is known to be cancelled. */
export interface Way {
    readonly name: string;
    cancel(ids: readonly string[], api: SimulatedApi): Promise<unknown>;
}

const comment = "INC-4711: playbook 12 isolated the wrong machines";
const common = { comment, declaredBy: "incident/prod/wrong", __provider: "exports.handler = …" };

/** The pause of the clients that poll one action at a time, in milliseconds. */
const pollMs = 5_000;

const finalStatuses = ["Succeeded", "Failed", "TimeOut", "Cancelled"];

/** One MachineActionCancellationSet: its lifecycle, called as the SDK's plugin calls it. */
export const set: Way = {
    name: "one set",
    cancel(ids, { session }) {
        const cancellations = ids.map((machineActionId) => ({ machineActionId }));
        const inputs = { ...common, cancellations, maxCancellations: limits.maxCancellations };
        return setLifecycle(() => session, { log: () => {} }).create(inputs);
    },
};

/** Single resources, as the engine runs them: at most `parallel` calls of `create` at once, each until its proof. */
function singles(parallel: number): Way {
    return {
        name: `single resources, --parallel ${parallel}`,
        cancel(ids, { session }) {
            const { create } = cancellationLifecycle(
                () => session,
                () => {},
            );
            return atMost(parallel, ids, (machineActionId) => create({ ...common, machineActionId }));
        },
    };
}

/**
 * A dynamic provider in the style of Pulumi's documentation: `create` sends the cancel request, then reads until the
 * status is final. 8 at once, Pulumi's default on 2 cores; refused requests are sent again after Retry-After.
 */
const plainProvider: Way = {
    name: "plain dynamic provider, --parallel 8",
    cancel(ids, api) {
        const client = plainClient(api, true);
        return atMost(8, ids, async (id) => {
            await client.post(`${id}/cancel`, { Comment: comment });
            while (!isFinal(await client.get(id))) {
                await api.time.sleep(pollMs);
            }
        });
    },
};

/**
 * A shell loop over a file of ids, each with `curl --retry 10 -X POST …/cancel`, then `until curl --retry 10 … | grep
 * -q Cancelled; do sleep 5; done`. It is modelled: the requests go out one after another, each on its own connection,
 * as curl would send them, but the start of curl takes no time.
 */
const shellLoop: Way = {
    name: "shell loop with curl",
    async cancel(ids, api) {
        const client = plainClient(api, false);
        for (const id of ids) {
            await client.post(`${id}/cancel`, { Comment: comment });
            while (!isFinal(await client.get(id))) {
                await api.time.sleep(pollMs);
            }
        }
    },
};

export const ways: readonly Way[] = [set, singles(8), singles(64), plainProvider, shellLoop];

function isFinal(action: unknown): boolean {
    return finalStatuses.includes((action as { status: string }).status);
}

/** Does the work for each item, at most this many at a time. */
export async function atMost<T>(
    limit: number,
    items: readonly T[],
    work: (item: T) => Promise<unknown>,
): Promise<void> {
    const rest = items.values();
    await Promise.all(
        Array.from({ length: limit }, async () => {
            for (const item of rest) {
                await work(item);
            }
        }),
    );
}
