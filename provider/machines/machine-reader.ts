import { createIdLists } from "../api/id-lists.ts";
import { quote } from "../api/pages.ts";
import { errorLine } from "../model/errors.ts";
import { createAttemptLimit } from "../system/attempt-limit.ts";
import { createBatcher } from "../system/batcher.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import type { Machine, MachinesClient } from "./machines-client.ts";

/** What is known of a machine; else why nothing is, in words. */
export type MachineFacts =
    | { readonly machine: Machine; readonly unknown?: never }
    | { readonly machine?: never; readonly unknown: string };

/**
 * Reads the machines of actions: those that are asked for at about the same time in few lists. What it says of a machine
 * is at most two minutes old.
 */
export interface MachineReader {
    /** Never rejects. */
    factsOf(machineId: string | undefined): Promise<MachineFacts>;
    /** Whether the API takes lists of machines; else each machine costs a call of its own. */
    takesLists(): boolean;
}

export interface MachineReaderOptions {
    readonly clock?: Pick<Clock, "now">;
    /** How long questions are gathered before a request is sent, in milliseconds. Default 20. */
    readonly gatherMs?: number;
    /** How many lists are read at most; a preview has no time for more. Default: any number. */
    readonly maxLists?: number | undefined;
}

/** Facts serve for so long after the answer has come, in milliseconds. */
const maxAgeMs = 2 * 60_000;

/** A list that lacks a few is asked again for each of them; one that lacks many has its reasons. */
const maxAskedAgain = 3;

/** In a minute so many requests for one machine may bring nothing, and so many for any may fail. */
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
                    ? "the API tells nothing of this machine"
                    : `not looked at: at most ${maxLists} lists of machines are read here`,
        };
    }

    const lists = createIdLists<Machine>({ list, idOf: ({ id }) => id });

    // Not a cache: a question that comes later is answered by what is known, or asked again.
    const readWithOthers = createBatcher<string, MachineFacts>((ids) => {
        const read = readAll(ids);
        return ids.map(async (id) => (await read).get(id) ?? (lastFailure ? { unknown: lastFailure } : onlyOne()));
    }, gatherMs);

    async function readAll(ids: readonly string[]): Promise<ReadonlyMap<string, MachineFacts>> {
        const parts = lists.split(ids);
        // Where the last list failed, the first one shows whether the others would.
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
                // A page of others: the filter was ignored, and the rest of the tenant would follow.
                return new Map([[id, onlyOne(page.filter((machine) => machine.id === id))]]);
            }
            return new Map([[id, onlyOne()]]);
        });
        return facts.get(id) ?? onlyOne();
    }

    /** Asks, unless too much has failed of late. A failure is the answer to this question alone. */
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

    /** Asks the API for one machine; others that want the same one wait for its answer. */
    async function ask(id: string): Promise<MachineFacts> {
        const refusal = inVain.get(id)?.refusal();
        if (refusal !== undefined) {
            return { unknown: refusal };
        }
        const facts = await readWithOthers(id);
        if (facts.machine) {
            inVain.delete(id);
        } else if (lastFailure === undefined) {
            // The API answers, but not this: what fails as a whole is counted as that.
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
                return { unknown: "the API does not tell its machine" };
            }
            const id = machineId.toLowerCase();
            const found = known.get(id);
            const age = found ? clock.now() - found.receivedAt : Number.POSITIVE_INFINITY;
            // A clock that was set back tells no age.
            if (found && age >= 0 && age <= maxAgeMs) {
                return { machine: found.machine };
            }
            const asked = underWay.get(id) ?? ask(id).finally(() => underWay.delete(id));
            underWay.set(id, asked);
            return asked;
        },
    };
}
