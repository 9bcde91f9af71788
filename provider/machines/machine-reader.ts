import { createIdLists } from "../api/id-lists.ts";
import { quote } from "../api/pages.ts";
import { errorLine } from "../model/errors.ts";
import { createAttemptLimit } from "../system/attempt-limit.ts";
import { createBatcher } from "../system/batcher.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import type { Machine, MachinesClient } from "./machines-client.ts";

/** A machine; or why it is not known, in words. */
export type MachineFacts =
    | { readonly machine: Machine; readonly unknown?: never }
    | { readonly machine?: never; readonly unknown: string };

/**
 * Reads the machines of actions. Machines that are requested at about the same time share few lists. The facts that it
 * returns are at most two minutes old.
 */
export interface MachineReader {
    /** Never rejects. */
    factsOf(machineId: string | undefined): Promise<MachineFacts>;
    /** Whether the API accepts requests for lists of machines; if not, each machine costs a call of its own. */
    takesLists(): boolean;
}

export interface MachineReaderOptions {
    readonly clock?: Pick<Clock, "now">;
    /** How long machine ids are gathered before a request is sent, in milliseconds. Default 20. */
    readonly gatherMs?: number;
    /** The maximum number of lists to read, because a preview has little time. Default: no limit. */
    readonly maxLists?: number | undefined;
}

/** How long facts are used after their answer arrived, in milliseconds. */
const maxAgeMs = 2 * 60_000;

/** If a list lacks at most this many machines, each of them is read again by itself. */
const maxAskedAgain = 3;

/** The limits for one minute: requests for one machine that return nothing, and failed requests for any machine. */
const maxInVain = 4;
const maxFailures = 10;

export function createMachineReader(
    client: MachinesClient,
    { clock = systemClock, gatherMs = 20, maxLists = Number.POSITIVE_INFINITY }: MachineReaderOptions = {},
): MachineReader {
    const known = new Map<string, { readonly machine: Machine; readonly receivedAt: number }>();
    const underWay = new Map<string, Promise<MachineFacts>>();
    const inVain = new Map<string, ReturnType<typeof createAttemptLimit>>();
    const failures = createAttemptLimit(maxFailures, clock);
    let listsRead = 0;
    let lastFailure: string | undefined;

    async function* list(filter: string): AsyncIterable<Machine[]> {
        if (listsRead < maxLists) {
            listsRead++;
            yield* client.list(filter);
        }
    }

    function onlyOne([machine, second]: readonly Machine[] = []): MachineFacts {
        if (machine && !second) {
            known.set(machine.id, { machine, receivedAt: clock.now() });
            return { machine };
        }
        return {
            unknown:
                listsRead < maxLists || second
                    ? "the API returns nothing for this machine"
                    : `not read, because at most ${maxLists} lists of machines are read here`,
        };
    }

    const lists = createIdLists<Machine>({ list, idOf: ({ id }) => id });

    // This does not cache: a later call uses `known`, or sends a new request.
    const readWithOthers = createBatcher<string, MachineFacts>((ids) => {
        const read = readAll(ids);
        return ids.map(async (id) => (await read).get(id) ?? (lastFailure ? { unknown: lastFailure } : onlyOne()));
    }, gatherMs);

    async function readAll(ids: readonly string[]): Promise<ReadonlyMap<string, MachineFacts>> {
        const parts = lists.split(ids);
        // After a failure the first list is read alone, because it shows whether the others would fail too.
        const first = lastFailure === undefined ? [] : [await readPart(parts[0] ?? [])];
        const rest = first.length > 0 && lastFailure !== undefined ? [] : parts.slice(first.length);
        const read = [...first, ...(await Promise.all(rest.map(readPart)))];
        return new Map(read.flatMap((part) => [...part]));
    }

    async function readPart(ids: readonly string[]): Promise<ReadonlyMap<string, MachineFacts>> {
        const [only, ...more] = ids;
        if (only !== undefined && more.length === 0) {
            return new Map([[only, await readOne(only)]]);
        }
        return attempt(ids, async () => {
            const rows = await lists.read(ids);
            const facts = new Map(ids.map((id) => [id, onlyOne(rows.get(id))]));
            lastFailure = undefined;
            const lacking = ids.filter((id) => !rows.has(id));
            for (const id of lacking.length <= maxAskedAgain ? lacking : []) {
                facts.set(id, await readOne(id));
            }
            return facts;
        });
    }

    async function readOne(id: string): Promise<MachineFacts> {
        const facts = await attempt([id], async () => {
            for await (const page of list(`id eq ${quote(id)}`)) {
                lastFailure = undefined;
                // Read only one page: if the API ignored the filter, the rest of the tenant would follow.
                return new Map([[id, onlyOne(page.filter((machine) => machine.id === id))]]);
            }
            return new Map([[id, onlyOne()]]);
        });
        return facts.get(id) ?? onlyOne();
    }

    /** Sends the request, unless too many requests failed recently. A failure is the result only for these ids. */
    async function attempt(
        ids: readonly string[],
        ask: () => Promise<ReadonlyMap<string, MachineFacts>>,
    ): Promise<ReadonlyMap<string, MachineFacts>> {
        const refusal = failures.refusal();
        if (refusal !== undefined) {
            return new Map(ids.map((id) => [id, { unknown: refusal }]));
        }
        try {
            return await ask();
        } catch (error) {
            lastFailure = errorLine(error);
            failures.failed(lastFailure);
            const facts = { unknown: lastFailure };
            return new Map(ids.map((id) => [id, facts]));
        }
    }

    /** Reads one machine from the API. */
    async function ask(id: string): Promise<MachineFacts> {
        const refusal = inVain.get(id)?.refusal();
        if (refusal !== undefined) {
            return { unknown: refusal };
        }
        const facts = await readWithOthers(id);
        if (facts.machine) {
            inVain.delete(id);
        } else if (lastFailure === undefined) {
            // Counted only if the API answered without this machine: `failures` counts requests that failed.
            const limit = inVain.get(id) ?? createAttemptLimit(maxInVain, clock);
            inVain.set(id, limit);
            limit.failed(facts.unknown);
        }
        return facts;
    }

    return {
        takesLists: () => lists.split(["one", "other"]).length === 1,
        async factsOf(machineId) {
            if (machineId === undefined) {
                return { unknown: "the API does not return its machine" };
            }
            const id = machineId.toLowerCase();
            const found = known.get(id);
            const age = found ? clock.now() - found.receivedAt : Number.POSITIVE_INFINITY;
            // A negative age means that the clock was set back.
            if (found && age >= 0 && age <= maxAgeMs) {
                return { machine: found.machine };
            }
            const asked = underWay.get(id) ?? ask(id).finally(() => underWay.delete(id));
            underWay.set(id, asked);
            return asked;
        },
    };
}
