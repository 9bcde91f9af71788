import { z } from "zod";
import { DefenderError } from "../model/errors.ts";
import type { HttpAnswer } from "./exchange.ts";
import type { Http } from "./http.ts";

/** One page of a list. */
export interface Page {
    /** As the API sent them. */
    readonly rows: readonly unknown[];
    /** How many rows the API counts in all, where it was asked and counts. */
    readonly count: number | undefined;
    readonly answer: HttpAnswer;
}

/** What a list request asks for besides its filter. */
export interface ListOptions {
    readonly top?: number | undefined;
    readonly isCounted?: boolean;
}

/**
 * Far above what a filtered list needs: a server that links pages in a circle or without end must not hold us without end,
 * nor fill the memory. A list of 100,000 actions has some 100 million characters.
 */
const maxPages = 100;
const maxCharacters = 200_000_000;

/** The API's own pages have at most 10,000 rows. */
const maxRowsPerPage = 50_000;

const schema = z.object({
    value: z.array(z.unknown()).max(maxRowsPerPage),
    // One that is no text is a link that cannot be followed: without it the list would look whole.
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

/** Gateways refuse or cut longer queries; 8 kB is what common ones take. */
export const maxQuery = 7_500;

/** The items in parts, in their order, each as long as it fits; one of a single item always does. */
export function partsThatFit<Item>(
    items: readonly Item[],
    most: number,
    fits: (part: readonly Item[]) => boolean,
): Item[][] {
    const parts: Item[][] = [];
    for (let at = 0; at < items.length; at += parts.at(-1)?.length ?? 1) {
        const isShortEnough = (length: number) => fits(items.slice(at, at + length));
        // Mostly the longest fits; else it is searched for: to build a query for each length would be dear.
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

/** A 400, 404, 414 …: "not in this form". A list never means that a row does not exist. */
export function isRefusedForm(error: unknown): boolean {
    return error instanceof DefenderError && (error.code === "ERR_DEFENDER_REFUSED" || error.status === 404);
}

/** Reads a list page by page. Follows links on the configured host alone. */
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

/** Why a list with this next page cannot be read to its end. */
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
 * A next link may name another host: only its query is used, so the token never leaves the configured one. A link that
 * is none has no query.
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
