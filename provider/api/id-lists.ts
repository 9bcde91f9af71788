import type { DefenderError } from "../model/errors.ts";
import { isRefusedForm, listQuery, maxQuery, partsThatFit, quote } from "./pages.ts";

/** Reads many rows by their ids in few lists, in a form that the API accepts. */
export interface IdLists<Row> {
    /** Splits ids into parts, each for one list. If the API accepts no list, each part has one id. */
    split(ids: readonly string[]): string[][];
    /**
     * The rows of one list, by id. Tries the next form if the API refuses a form, and returns no rows if the API has
     * refused all forms. Rethrows any other error.
     */
    read(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Row[]>>;
}

/** The source of the rows. */
export interface ListSource<Row> {
    list(filter: string): AsyncIterable<readonly Row[]>;
    idOf(row: Row): string;
}

/** The maximum number of ids in one list. */
export const maxIdsPerList = 150;

const isIn = (ids: readonly string[]) => `id in (${ids.map(quote).join(",")})`;
const isEither = (ids: readonly string[]) => ids.map((id) => `id eq ${quote(id)}`).join(" or ");

/**
 * The forms of a list, in order of preference. `in` was seen to work, and `or` is documented. OData services limit the
 * nodes of a filter (https://learn.microsoft.com/en-us/odata/webapi-8/fundamentals/query-options), so a shorter `in`
 * list is tried between the two.
 */
const forms = [
    { filter: isIn, most: maxIdsPerList },
    { filter: isIn, most: 40 },
    { filter: isEither, most: 15 },
] as const;

/** Adds a row to the rows of its id. Two rows are enough to detect a duplicate, so further rows are dropped. */
export function noteRow<Row>(rows: Map<string, readonly Row[]>, id: string, row: Row): void {
    const same = rows.get(id) ?? [];
    if (same.length < 2) {
        rows.set(id, [...same, row]);
    }
}

export function createIdLists<Row>({ list, idOf }: ListSource<Row>): IdLists<Row> {
    // The index of the first form that the API has not refused yet.
    let best = 0;

    function split(ids: readonly string[]): string[][] {
        const form = forms[best];
        if (!form) {
            return ids.map((id) => [id]);
        }
        return partsThatFit(ids, form.most, (part) => listQuery(form.filter(part)).length <= maxQuery);
    }

    async function readPart(ids: readonly string[], filter: string): Promise<Map<string, Row[]>> {
        const wanted = new Set(ids);
        const rows = new Map<string, Row[]>();
        for await (const page of list(filter)) {
            for (const row of page) {
                noteRow(rows, idOf(row), row);
            }
            // A row with another id shows that the API ignored the filter. The next pages would list the rest of the
            // tenant.
            if (page.some((row) => !wanted.has(idOf(row))) || ids.every((id) => rows.has(id))) {
                break;
            }
        }
        return rows;
    }

    async function read(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Row[]>> {
        const tried = best;
        const form = forms[tried];
        if (!form) {
            return new Map();
        }
        try {
            return await readPart(ids, form.filter(ids));
        } catch (error) {
            if (!isRefusedForm(error)) {
                throw error;
            }
            best = Math.max(best, tried + 1);
            const parts = split(ids).filter((part) => part.length > 1);
            const rows = await Promise.all(parts.map((part) => read(part)));
            return new Map(rows.flatMap((some) => [...some]));
        }
    }

    return { split, read };
}

/** Whether a list failed, but reading its rows one by one may succeed. */
export function isNoAnswer(error: DefenderError): boolean {
    return isRefusedForm(error) || error.code === "ERR_DEFENDER_RESPONSE" || error.code === "ERR_DEFENDER_SERVER";
}
