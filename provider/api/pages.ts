import { z } from "zod";
import { DefenderError } from "../model/errors.ts";
import type { HttpAnswer } from "./exchange.ts";
import type { Http } from "./http.ts";

/** One page of a list. */
export interface Page {
    /** The rows as the API sent them. */
    readonly rows: readonly unknown[];
    /** The total number of rows; undefined if the API was not asked to count, or does not count. */
    readonly count: number | undefined;
    readonly answer: HttpAnswer;
}

/** The options of a list request, in addition to its filter. */
export interface ListOptions {
    readonly top?: number | undefined;
    readonly isCounted?: boolean;
}

/**
 * Limits far above the needs of a filtered list. Without them, a server that links pages in a circle or endlessly could
 * block the process or fill its memory. A list of 100,000 actions has about 100 million characters.
 */
const maxPages = 100;
const maxCharacters = 200_000_000;

/** The API's own pages have at most 10,000 rows. */
const maxRowsPerPage = 50_000;

const schema = z.object({
    value: z.array(z.unknown()).max(maxRowsPerPage),
    // A link that is not text becomes a link that cannot be followed. If it were dropped, the list would look complete.
    "@odata.nextLink": z.string().nullish().catch("?"),
    "@odata.count": z.int().optional().catch(undefined),
});

/** A string literal in an OData filter: quotes are doubled. */
export function quote(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

/** The query of a list request as it goes over the wire, without the question mark. */
export function listQuery(filter: string, { top, isCounted = false }: ListOptions = {}): string {
    const encoded = encodeURIComponent(filter.toWellFormed()).replaceAll("%2C", ",").replaceAll("'", "%27");
    const parts = [
        ...(filter === "" ? [] : [`$filter=${encoded}`]),
        ...(top === undefined ? [] : [`$top=${top}`]),
        ...(isCounted ? ["$count=true"] : []),
    ];
    return parts.join("&");
}

/** The maximum length of a query. Common gateways accept 8 kB, and refuse or cut longer queries. */
export const maxQuery = 7_500;

/**
 * Splits items into parts, and keeps their order. Each part has as many items as fit. A part with a single item always
 * fits.
 */
export function partsThatFit<Item>(
    items: readonly Item[],
    most: number,
    fits: (part: readonly Item[]) => boolean,
): Item[][] {
    const parts: Item[][] = [];
    for (let at = 0; at < items.length; at += parts.at(-1)?.length ?? 1) {
        const isShortEnough = (length: number) => fits(items.slice(at, at + length));
        // Usually the longest part fits. Otherwise a binary search finds the length, because building a query for each
        // length would be slow.
        let [least, longest] = [1, Math.min(most, items.length - at)];
        if (longest > 1 && isShortEnough(longest)) {
            least = longest;
        }
        while (longest - least > 1) {
            const middle = Math.floor((least + longest) / 2);
            [least, longest] = isShortEnough(middle) ? [middle, longest] : [least, middle];
        }
        parts.push(items.slice(at, at + least));
    }
    return parts;
}

/**
 * Whether the API refused the form of a list request: 400, 404, 414 … For a list, 404 never means that a row does not
 * exist.
 */
export function isRefusedForm(error: unknown): boolean {
    return error instanceof DefenderError && (error.code === "ERR_DEFENDER_REFUSED" || error.status === 404);
}

/** Reads a list page by page. Follows links only on the configured host. */
export async function* readPages(http: Http, path: string, firstQuery: string): AsyncGenerator<Page> {
    const seen = new Set<string>();
    let characters = 0;
    for (let query: string | undefined = firstQuery; query !== undefined; ) {
        const answer = await http({ method: "GET", path, query });
        const parsed = schema.safeParse(answer.body);
        if (!parsed.success) {
            throw unreadable(`no list of at most ${maxRowsPerPage} rows`, path, answer);
        }
        yield { rows: parsed.data.value, count: parsed.data["@odata.count"], answer };
        seen.add(query);
        characters += answer.characters;
        query = nextQuery(parsed.data["@odata.nextLink"]);
        const endless = query === undefined ? undefined : endlessness(query, seen, characters);
        if (endless) {
            throw unreadable(`a list of pages without end: ${endless}`, path, answer);
        }
    }
}

/** Why a list with this next page cannot be read to its end; undefined if it can. */
function endlessness(query: string, seen: ReadonlySet<string>, characters: number): string | undefined {
    switch (true) {
        case query === "":
            return "the link to the next page has no query";
        case seen.has(query):
            return `page ${seen.size} links to an earlier one`;
        case seen.size >= maxPages:
            return `more than ${maxPages} pages`;
        case characters > maxCharacters:
            return `more than ${maxCharacters / 1_000_000} million characters`;
        default:
            return undefined;
    }
}

/**
 * The query of a next link; empty for an invalid link. The link may name another host, so only its query is used. That
 * way the token is sent only to the configured host.
 */
function nextQuery(nextLink: string | null | undefined): string | undefined {
    if (!nextLink) {
        return undefined;
    }
    const base = "https://configured.invalid";
    return URL.canParse(nextLink, base) ? new URL(nextLink, base).search.slice(1) : "";
}

function unreadable(what: string, path: string, { status, correlationId }: HttpAnswer): DefenderError {
    return new DefenderError("ERR_DEFENDER_RESPONSE", `the API's answer to GET ${path} holds ${what}`, {
        status,
        trackingId: correlationId,
    });
}
