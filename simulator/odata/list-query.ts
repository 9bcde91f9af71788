import { queryError } from "../http/errors.ts";
import type { EntityType } from "./entity-type.ts";
import { parseFilter, type RowPredicate } from "./filter.ts";
import { parseOrder } from "./order.ts";
import { parseShape, type Shape } from "./shape.ts";

/** A list request's `$` options, checked. */
export interface ListQuery<Row> {
    matches: RowPredicate<Row>;
    /** Undefined: the rows keep their default order. */
    compare: ((a: Row, b: Row) => number) | undefined;
    /** The maximum number of rows over all pages. */
    top: number | undefined;
    skip: number;
    count: boolean;
    shape: Shape<Row>;
    /** The options that the next page's query repeats, still encoded. */
    kept: string;
}

/** One page of a list. */
export interface Page<Row> {
    rows: Row[];
    /** The number of all matching rows, on every page; only if the query asks for it. */
    count: number | undefined;
    /** The query of the next page; undefined on the last one. */
    nextQuery: string | undefined;
}

const options = ["$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand"];

/** The API refuses a larger `$top`. */
const maxTop = 10_000;

/**
 * Reads the query of a list request; throws on an invalid option. Options without a `$` do not belong to OData and are
 * ignored.
 */
export function parseListQuery<Row>(query: string, type: EntityType<Row>): ListQuery<Row> {
    const parameters = optionsIn(query);
    const filter = parameters.get("$filter");
    if (filter?.trim() === "") {
        throw queryError("The value for OData query '$filter' cannot be empty.");
    }
    const order = parameters.get("$orderby");
    const top = naturalNumber("$top", parameters);
    if (top !== undefined && top > maxTop) {
        throw queryError(
            `The limit of '${maxTop}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
        );
    }
    return {
        matches: filter === null ? () => true : parseFilter(filter, type),
        compare: order === null ? undefined : parseOrder(order, type),
        top,
        skip: naturalNumber("$skip", parameters) ?? 0,
        count: flag("$count", parameters),
        shape: parseShape(parameters.get("$select"), parameters.get("$expand"), type),
        kept: encode([...parameters].filter(([name]) => name !== "$top" && name !== "$skip")),
    };
}

/** The parameters of a query, with the options of OData in lower case. Throws on an option that is unknown or repeated. */
export function optionsIn(query: string): URLSearchParams {
    const given = [...new URLSearchParams(query)].map(([name, value]): [string, string] =>
        name.startsWith("$") ? [name.toLowerCase(), value] : [name, value],
    );
    const parameters = new URLSearchParams(given);
    for (const [name] of given) {
        if (name.startsWith("$") && !options.includes(name)) {
            throw queryError(`The query parameter '${name}' is not supported.`);
        }
        if (name.startsWith("$") && parameters.getAll(name).length > 1) {
            throw queryError(`Query option '${name}' was specified more than once, but it must be specified once.`);
        }
    }
    return parameters;
}

/** The page that the query asks for, with at most `pageSize` rows. `rows` must be in their default order. */
export function pageOf<Row>(rows: readonly Row[], query: ListQuery<Row>, pageSize: number): Page<Row> {
    const matching = rows.filter(query.matches);
    const sorted = query.compare === undefined ? matching : matching.toSorted(query.compare);
    const wanted = sorted.slice(query.skip, query.top === undefined ? undefined : query.skip + query.top);
    const page = wanted.slice(0, pageSize);
    return {
        rows: page,
        count: query.count ? matching.length : undefined,
        nextQuery: page.length < wanted.length ? nextQuery(query, page.length) : undefined,
    };
}

function nextQuery<Row>({ kept, top, skip }: ListQuery<Row>, read: number): string {
    const rest: [string, string][] = top === undefined ? [] : [["$top", String(top - read)]];
    return [kept, encode([...rest, ["$skip", String(skip + read)]])].filter((part) => part !== "").join("&");
}

function encode(parameters: readonly [string, string][]): string {
    const plain = (text: string): string => encodeURIComponent(text).replaceAll("%24", "$");
    return parameters.map(([name, value]) => `${plain(name)}=${encodeURIComponent(value)}`).join("&");
}

function naturalNumber(name: string, parameters: URLSearchParams): number | undefined {
    const text = parameters.get(name);
    if (text === null) {
        return undefined;
    }
    if (!/^\d{1,9}$/.test(text)) {
        throw queryError(`Invalid value '${text}' for ${name} query option found.`);
    }
    return Number(text);
}

function flag(name: string, parameters: URLSearchParams): boolean {
    const text = (parameters.get(name) ?? "false").toLowerCase();
    if (text !== "true" && text !== "false") {
        throw queryError(`Invalid value '${text}' for ${name} query option found.`);
    }
    return text === "true";
}
