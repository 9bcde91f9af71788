import type { Observation } from "../api/defender-client.ts";
import { byUrgency } from "../cancel/urgency.ts";
import { isFinal } from "../model/machine-action.ts";
import { momentOf } from "../system/clock.ts";
import type { PlanContext } from "./plan-cancellation.ts";

/**
 * Does the work for each action, one after another, in the order in which `up` sends the cancel requests. So the limits
 * of the guard allow the same actions in a preview as in the run. Every action is read once; `work` gets a context that
 * answers from that reading. Returns the results in that order. Actions that have ended, or cannot be read, come last,
 * in the order of `items`.
 */
export async function inSendingOrder<Item, Result, Context extends PlanContext>(
    items: readonly Item[],
    idOf: (item: Item) => string,
    work: (item: Item, context: Context) => Promise<Result>,
    context: Context,
): Promise<Result[]> {
    const { observer, machines } = context;
    const readings = new Map(items.map((item) => [idOf(item), observer.read(idOf(item))]));
    const actions = await Promise.all([...readings.values()].map((reading) => reading.then(actionOf, () => undefined)));
    const byId = new Map([...readings.keys()].map((id, index) => [id, actions[index]]));
    // All at once, so that their machines share full lists.
    const urgencies = await Promise.all(
        items.map(async (item) => {
            const id = idOf(item);
            const action = byId.get(id);
            const isOpen = action !== undefined && !isFinal(action.status);
            const facts = isOpen ? await machines.factsOf(action.machineId) : undefined;
            const lastSeen = momentOf(facts?.machine?.lastSeen);
            return {
                item,
                isOpen,
                urgency: {
                    action: action ?? { id, status: "Unknown" },
                    lastSeen: Number.isNaN(lastSeen) ? undefined : lastSeen,
                },
            };
        }),
    );
    const read: Context = {
        ...context,
        observer: { ...observer, read: (id, earlier) => readings.get(id) ?? observer.read(id, earlier) },
    };
    const results: Result[] = [];
    const open = byUrgency(
        urgencies.filter(({ isOpen }) => isOpen),
        ({ urgency }) => urgency,
    );
    for (const { item } of [...open, ...urgencies.filter(({ isOpen }) => !isOpen)]) {
        results.push(await work(item, read));
    }
    return results;
}

function actionOf({ action }: Observation): Observation["action"] {
    return action;
}
