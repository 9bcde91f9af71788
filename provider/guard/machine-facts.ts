import DataLoader from "dataloader";
import { createIdLists } from "../api/id-lists.ts";
import type { Machine, MachinesClient } from "../api/machines-client.ts";
import { quote } from "../api/pages.ts";
import { errorLine } from "../errors.ts";

/** What is known of a machine; else why nothing is, in words. */
export type MachineFacts =
    | { readonly machine: Machine; readonly unknown?: never }
    | { readonly machine?: never; readonly unknown: string };

/** Looks at the machines of actions: those that are asked for at about the same time in few lists, and each once. */
export interface MachineReader {
    /** Never rejects. */
    factsOf(machineId: string | undefined): Promise<MachineFacts>;
}

export interface MachineReaderOptions {
    /** How long questions are gathered before a request is sent, in milliseconds. Default 20. */
    readonly gatherMs?: number;
    /** How many lists are read at most; a preview has no time for more. Default: any number. */
    readonly mostLists?: number | undefined;
}

/** A list that lacks a few is asked again for each of them; one that lacks many has its reasons. */
const mostAskedAgain = 3;

export function createMachineReader(
    client: MachinesClient,
    { gatherMs = 20, mostLists = Number.POSITIVE_INFINITY }: MachineReaderOptions = {},
): MachineReader {
    let listsRead = 0;

    async function* list(filter: string): AsyncIterable<Machine[]> {
        if (listsRead < mostLists) {
            listsRead++;
            yield* client.list(filter);
        }
    }

    function onlyOne([machine, second]: readonly Machine[] = []): MachineFacts {
        if (machine && !second) {
            return { machine };
        }
        return {
            unknown:
                listsRead < mostLists || second
                    ? "the API tells nothing of this machine"
                    : `not looked at: at most ${mostLists} lists of machines are read here`,
        };
    }

    const lists = createIdLists<Machine>({ list, idOf: ({ id }) => id });

    const loader = new DataLoader<string, MachineFacts>(
        async (ids) => {
            const parts = await Promise.all(lists.split(ids).map(readPart));
            const facts = new Map(parts.flatMap((part) => [...part]));
            return ids.map((id) => facts.get(id) ?? onlyOne());
        },
        { batchScheduleFn: (dispatch) => setTimeout(dispatch, gatherMs) },
    );

    async function readPart(ids: readonly string[]): Promise<Map<string, MachineFacts>> {
        const [only, ...more] = ids;
        if (only !== undefined && more.length === 0) {
            return new Map([[only, await readOne(only)]]);
        }
        try {
            const rows = await lists.read(ids);
            const lacking = ids.filter((id) => !rows.has(id));
            const askAgain = lacking.length <= mostAskedAgain ? lacking : [];
            const again = await Promise.all(askAgain.map(async (id) => [id, await readOne(id)] as const));
            return new Map([...ids.map((id) => [id, onlyOne(rows.get(id))] as const), ...again]);
        } catch (error) {
            const unknown = errorLine(error);
            return new Map(ids.map((id) => [id, { unknown }]));
        }
    }

    async function readOne(id: string): Promise<MachineFacts> {
        try {
            for await (const page of list(`id eq ${quote(id)}`)) {
                // A page of others: the filter was ignored, and the rest of the tenant would follow.
                return onlyOne(page.filter((machine) => machine.id === id));
            }
            return onlyOne();
        } catch (error) {
            return { unknown: errorLine(error) };
        }
    }

    return {
        factsOf: async (machineId) =>
            machineId === undefined
                ? { unknown: "the API does not tell its machine" }
                : loader.load(machineId.toLowerCase()),
    };
}
