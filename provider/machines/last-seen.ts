import { setTimeout as delay } from "node:timers/promises";
import { maxIdsPerList } from "../api/id-lists.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { momentOf } from "../system/clock.ts";
import type { MachineReader } from "./machine-reader.ts";

/** When machines last reported. These times rank the cancel requests of actions that have not started. */
export interface LastSeen {
    /** Milliseconds since the epoch; undefined where it is not known. */
    of(machineId: string | undefined): number | undefined;
    /**
     * Reads the machines of these actions, in lists of 150. Resolves when they are known, or after 20 s. Reports that
     * come later rank the requests that are still waiting. Never rejects: a machine that cannot be read has no report.
     */
    load(actions: readonly MachineAction[]): Promise<void>;
}

/** The longest time that the first request waits for the ranking, in milliseconds. */
const maxWaitMs = 20_000;

/** `limitWait` resolves when the ranking stops waiting for machines that are not read yet. */
export function createLastSeen(
    machines: MachineReader,
    limitWait: (isOver: AbortSignal) => Promise<unknown> = (signal) =>
        delay(maxWaitMs, undefined, { signal, ref: false }),
): LastSeen {
    const known = new Map<string, number>();
    const asked = new Set<string>();

    async function read(machineId: string): Promise<void> {
        const { machine } = await machines.factsOf(machineId);
        const reportedAt = momentOf(machine?.lastSeen);
        if (!Number.isNaN(reportedAt)) {
            known.set(machineId, reportedAt);
        }
    }

    /**
     * Reads one list first, because a call for each machine would cost more than the order saves if the API takes no
     * lists.
     */
    async function readAll(machineIds: readonly string[]): Promise<void> {
        await Promise.all(machineIds.slice(0, maxIdsPerList).map(read));
        if (machines.takesLists()) {
            await Promise.all(machineIds.slice(maxIdsPerList).map(read));
        }
    }

    return {
        of: (machineId) => (machineId === undefined ? undefined : known.get(machineId.toLowerCase())),
        async load(actions) {
            const ids = new Set(actions.flatMap(({ machineId }) => machineId?.toLowerCase() ?? []));
            const unread = [...ids].filter((machineId) => asked.size < asked.add(machineId).size);
            if (unread.length > 0) {
                const isOver = new AbortController();
                const limit = limitWait(isOver.signal).catch(() => {});
                await Promise.race([readAll(unread), limit]);
                isOver.abort();
            }
        },
    };
}
