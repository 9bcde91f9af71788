import { type MachineActionRow, parseTicks } from "../actions/machine-action.ts";
import { queryError } from "../http/errors.ts";
import type { MachineRow } from "../machines/machine.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Whether a row matches a `$filter`. */
export type RowPredicate<Row> = (row: Row) => boolean;

type Value = string | bigint | null;
type Kind = "text" | "folded" | "time";

/** The properties by which rows can be filtered and sorted; `folded` ones are compared without regard to case. */
export interface EntityType<Row> {
    readonly name: string;
    readonly properties: ReadonlyMap<string, { readonly kind: Kind; readonly read: (row: Row) => string | null }>;
}

function entityType<Row>(name: string, kinds: { readonly [Name in keyof Row]?: Kind }): EntityType<Row> {
    const properties = Object.entries<Kind | undefined>(kinds).map(([property, kind = "text"]) => {
        const read = (row: Row) => row[property as keyof Row] as string | null;
        return [property, { kind, read }] as const;
    });
    return { name, properties: new Map(properties) };
}

export const machineActionType: EntityType<MachineActionRow> = entityType("MachineAction", {
    id: "folded",
    status: "folded",
    type: "folded",
    machineId: "text",
    requestor: "text",
    computerDnsName: "text",
    requestSource: "text",
    creationDateTimeUtc: "time",
    lastUpdateDateTimeUtc: "time",
});

export const machineType: EntityType<MachineRow> = entityType("Machine", {
    id: "folded",
    computerDnsName: "text",
    riskScore: "folded",
    exposureLevel: "folded",
    deviceValue: "folded",
    rbacGroupName: "text",
    lastSeen: "time",
    healthStatus: "folded",
    osPlatform: "text",
});

/** Reads the named property from a row, as a value that can be compared; throws when there is no such property. */
export function propertyReader<Row>(name: string, type: EntityType<Row>): { kind: Kind; read: (row: Row) => Value } {
    const property = type.properties.get(name);
    if (property === undefined) {
        throw queryError(`Could not find a property named '${name}' on type '${type.name}'.`);
    }
    const { kind, read } = property;
    return { kind, read: (row) => comparable(kind, read(row)) };
}

function comparable(kind: Kind, text: string | null): Value {
    if (text === null || kind === "text") {
        return text;
    }
    return kind === "time" ? (parseTicks(text) ?? null) : text.toLowerCase();
}

/** How two values compare, nulls first. */
export function compareValues(a: Value, b: Value): number {
    if (a === b) {
        return 0;
    }
    if (a === null || b === null) {
        return a === null ? -1 : 1;
    }
    return a < b ? -1 : 1;
}

const comparisons: ReadonlyMap<string, (order: number) => boolean> = new Map([
    ["eq", (order: number) => order === 0],
    ["ne", (order: number) => order !== 0],
    ["gt", (order: number) => order > 0],
    ["ge", (order: number) => order >= 0],
    ["lt", (order: number) => order < 0],
    ["le", (order: number) => order <= 0],
]);

const deepest = 100;

/**
 * Reads a `$filter`: `eq ne gt ge lt le in`, `and`, `or` and parentheses over the properties of a type.
 * Throws the API's own error for any other filter.
 */
export function parseFilter<Row>(filter: string, type: EntityType<Row>): RowPredicate<Row> {
    const tokens = tokenize(filter);
    let position = 0;

    const peek = (): Token => tokens[position] ?? { kind: "end", text: "", at: filter.length };
    const isWord = (text: string): boolean => peek().kind === "word" && peek().text === text;

    function fail(token: Token): never {
        throw queryError(`Syntax error at position ${token.at} in '${filter}'.`);
    }

    function take(kind?: Token["kind"]): Token {
        const token = peek();
        if (token.kind === "end" || (kind !== undefined && token.kind !== kind)) {
            fail(token);
        }
        position += 1;
        return token;
    }

    function list<T>(item: () => T, another: () => boolean): T[] {
        const items = [item()];
        while (another()) {
            take();
            items.push(item());
        }
        return items;
    }

    function either(depth: number): RowPredicate<Row> {
        const terms = list(
            () => both(depth),
            () => isWord("or"),
        );
        return (row) => terms.some((term) => term(row));
    }

    function both(depth: number): RowPredicate<Row> {
        const terms = list(
            () => term(depth),
            () => isWord("and"),
        );
        return (row) => terms.every((term) => term(row));
    }

    function term(depth: number): RowPredicate<Row> {
        if (peek().kind !== "(") {
            return comparison();
        }
        if (depth === deepest) {
            throw queryError(`The node count limit of '${deepest}' has been exceeded.`);
        }
        take("(");
        const inner = either(depth + 1);
        take(")");
        return inner;
    }

    function comparison(): RowPredicate<Row> {
        const { kind, read } = propertyReader(take("word").text, type);
        const operator = take("word");
        if (operator.text === "in") {
            take("(");
            const values = new Set(
                list(
                    () => literal(kind),
                    () => peek().kind === ",",
                ),
            );
            take(")");
            return (row) => values.has(read(row));
        }
        const holds = comparisons.get(operator.text) ?? fail(operator);
        const value = literal(kind);
        const isOrder = operator.text !== "eq" && operator.text !== "ne";
        return (row) => {
            const found = read(row);
            return !(isOrder && (found === null || value === null)) && holds(compareValues(found, value));
        };
    }

    function literal(kind: Kind): Value {
        const token = take();
        if (token.kind === "word" && token.text === "null") {
            return null;
        }
        if (token.kind !== "string" && token.kind !== "time" && token.kind !== "number") {
            fail(token);
        }
        if (token.kind !== (kind === "time" ? "time" : "string")) {
            throw queryError(`A binary operator with incompatible types was detected at position ${token.at}.`);
        }
        const value = comparable(kind, token.text);
        return value ?? fail(token);
    }

    const predicate = either(0);
    return peek().kind === "end" ? predicate : fail(peek());
}
