import { queryError } from "../http/errors.ts";
import { compareValues, type EntityType, parseFilter, propertyReader, type RowPredicate } from "./filter.ts";

/** A list request's `$` options, checked. */
export interface ListQuery<Row> {
    matches: RowPredicate<Row>;
    /** Undefined: the rows keep their default order. */
    compare: ((a: Row, b: Row) => number) | undefined;
    /** The maximum number of rows over all pages. */
    top: number | undefined;
    skip: number;
    count: boolean;
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

const options = ["$filter", "$orderby", "$top", "$skip", "$count"];

/**
 * Reads the query of a list request; throws on an invalid option. Options without a `$` do not belong to OData and are
 * ignored.
 */
export function parseListQuery<Row>(query: string, type: EntityType<Row>): ListQuery<Row> {
    const parameters = new URLSearchParams(query);
    for (const name of parameters.keys()) {
        if (name.startsWith("$") && !options.includes(name)) {
            throw queryError(`The query parameter '${name}' is not supported.`);
        }
        if (name.startsWith("$") && parameters.getAll(name).length > 1) {
            throw queryError(`Query option '${name}' was specified more than once, but it must be specified once.`);
        }
    }
    const filter = parameters.get("$filter");
    const order = parameters.get("$orderby");
    return {
        matches: filter === null ? () => true : parseFilter(filter, type),
        compare: order === null ? undefined : parseOrder(order, type),
        top: naturalNumber("$top", parameters),
        skip: naturalNumber("$skip", parameters) ?? 0,
        count: flag("$count", parameters),
        kept: encode([...parameters].filter(([name]) => name !== "$top" && name !== "$skip")),
    };
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

function parseOrder<Row>(text: string, type: EntityType<Row>): ListQuery<Row>["compare"] {
    const [name = "", direction = "asc", ...rest] = text.trim().split(/\s+/);
    if (rest.length > 0 || (direction !== "asc" && direction !== "desc")) {
        throw queryError(`Syntax error in $orderby '${text}'.`);
    }
    const { read } = propertyReader(name, type);
    const sign = direction === "asc" ? 1 : -1;
    return (a, b) => sign * compareValues(read(a), read(b));
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
    const text = parameters.get(name) ?? "false";
    if (text !== "true" && text !== "false") {
        throw queryError(`Invalid value '${text}' for ${name} query option found.`);
    }
    return text === "true";
}
