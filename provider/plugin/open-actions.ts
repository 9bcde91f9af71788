import type { DefenderClient, Observation } from "../api/defender-client.ts";
import type { MachineReader } from "../machines/machine-reader.ts";
import type { Observer } from "../observe/observer.ts";
import type { Clock } from "../system/clock.ts";

/**
 * The readings of a preview. The engine plans a few resources at a time, so readings that are asked for together are
 * few. The first question reads all open actions and their machines in a few requests. The readings of the following
 * resources come from there, as long as that list is young.
 */
export interface OpenActions {
    read: Observer["read"];
}

/** How long the list is used, in milliseconds. A preview sends nothing, and each run reads again. */
const maxAgeMs = 60_000;

/** If more machines than this have an open action, each plan reads its own: most are not those of this run. */
const maxMachines = 900;

const openOnly = "status eq 'Pending' or status eq 'InProgress'";

/** Reads through `observer` what the list does not have: an action that has ended, or a list that failed. */
export function createOpenActions(
    client: DefenderClient,
    machines: MachineReader,
    observer: Observer,
    clock: Pick<Clock, "now">,
): OpenActions {
    let list: Promise<ReadonlyMap<string, Observation>> | undefined;
    let listedAt = Number.NEGATIVE_INFINITY;

    async function readList(): Promise<ReadonlyMap<string, Observation>> {
        const rows: Observation[] = [];
        for await (const page of client.list(openOnly)) {
            rows.push(...page);
        }
        const machineIds = new Set(rows.flatMap(({ action }) => action.machineId ?? []));
        if (machineIds.size <= maxMachines) {
            await Promise.all([...machineIds].map((id) => machines.factsOf(id)));
        }
        // A repeated row does not count: its action is read by itself.
        return new Map(
            [...Map.groupBy(rows, ({ action }) => action.id)].flatMap(([id, [row, second]]) =>
                row && !second ? [[id, row] as const] : [],
            ),
        );
    }

    function current(): Promise<ReadonlyMap<string, Observation>> {
        const age = clock.now() - listedAt;
        if (!list || age < 0 || age > maxAgeMs) {
            listedAt = clock.now();
            list = readList().catch(() => new Map());
        }
        return list;
    }

    return {
        async read(machineActionId, earlier) {
            return (await current()).get(machineActionId) ?? observer.readRecent(machineActionId, earlier);
        },
    };
}
