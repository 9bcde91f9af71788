import { formatTicks, parseTicks } from "../actions/machine-action.ts";
import { queryError } from "../http/errors.ts";
import { timeKey } from "../time/api-time.ts";
import { compareValues, type Kind, type Value } from "./entity-type.ts";
import type { Token } from "./tokens.ts";

/** A part of a filter that has a value for each row. */
export interface Operand<Row> {
    /** `null` is the kind of the literal null alone. */
    readonly kind: Kind | "null";
    readonly read: (row: Row) => Value;
    /** Of a literal: how it is written, and its value, which is the same for all rows. */
    readonly literal?: { readonly form: Token["kind"]; readonly value: Value };
}

const edmTypes: Readonly<Record<Kind | "null", string>> = {
    text: "Edm.String",
    folded: "Edm.String",
    guid: "Edm.Guid",
    time: "Edm.DateTimeOffset",
    number: "Edm.Int64",
    boolean: "Edm.Boolean",
    null: "<null>",
};

interface Operator {
    /** The API's name of the operator, for messages. */
    readonly name: string;
    readonly holds: (order: number) => boolean;
    /** Whether null is outside the order. */
    readonly isOrder?: true;
}

/** The operators that compare two operands. */
export const comparisons: ReadonlyMap<string, Operator> = new Map<string, Operator>([
    ["eq", { name: "Equal", holds: (order) => order === 0 }],
    ["ne", { name: "NotEqual", holds: (order) => order !== 0 }],
    ["gt", { name: "GreaterThan", holds: (order) => order > 0, isOrder: true }],
    ["ge", { name: "GreaterThanOrEqual", holds: (order) => order >= 0, isOrder: true }],
    ["lt", { name: "LessThan", holds: (order) => order < 0, isOrder: true }],
    ["le", { name: "LessThanOrEqual", holds: (order) => order <= 0, isOrder: true }],
]);

/** The operand of a literal; undefined for a token that is none. */
export function literalOperand({ kind: form, text }: Token): Operand<unknown> | undefined {
    const literal = (kind: Operand<unknown>["kind"], value: Value): Operand<unknown> => ({
        kind,
        read: () => value,
        literal: { form, value },
    });
    switch (form) {
        case "string":
            return literal("text", text);
        case "enum":
            return literal("folded", text.toLowerCase());
        case "guid":
            return literal(form, text.toLowerCase());
        case "number":
            return literal(form, Number(text));
        case "time": {
            const ticks = parseTicks(text);
            return ticks === undefined ? undefined : literal(form, timeKey(formatTicks(ticks)));
        }
        case "word": {
            const words: Readonly<Record<string, Operand<unknown>>> = {
                null: literal("null", null),
                true: literal("boolean", true),
                false: literal("boolean", false),
            };
            const name = text.toLowerCase();
            return Object.hasOwn(words, name) ? words[name] : undefined;
        }
        default:
            return undefined;
    }
}

/** A condition. */
export function condition<Row>(holds: (row: Row) => boolean): Operand<Row> {
    return { kind: "boolean", read: holds };
}

/** Compares two operands; throws the API's own error when their types do not fit together. */
export function comparison<Row>(left: Operand<Row>, operator: Operator, right: Operand<Row>): Operand<Row> {
    requireFit(left, right, operator.name);
    const [one, other] = isFolded(left) || isFolded(right) ? [folded(left), folded(right)] : [left, right];
    const { holds, isOrder = false } = operator;
    if (other.literal !== undefined) {
        const { value } = other.literal;
        return condition((row) => {
            const found = one.read(row);
            return !(isOrder && (found === null || value === null)) && holds(compareValues(found, value));
        });
    }
    return condition((row) => {
        const [a, b] = [one.read(row), other.read(row)];
        return !(isOrder && (a === null || b === null)) && holds(compareValues(a, b));
    });
}

/** Whether the value of an operand is in a list of literals. */
export function membership<Row>(left: Operand<Row>, list: readonly Operand<Row>[]): Operand<Row> {
    const values = new Set<Value | undefined>();
    for (const item of list) {
        requireFit(left, item, "In");
        values.add((isFolded(left) ? folded(item) : item).literal?.value);
    }
    return condition((row) => values.has(left.read(row)));
}

function requireFit(left: Operand<never>, right: Operand<never>, operatorName: string): void {
    if (!fits(left, right) || !fits(right, left)) {
        const types = `'${edmTypes[left.kind]}' and '${edmTypes[right.kind]}'`;
        const what = "A binary operator with incompatible types was detected.";
        throw queryError(`${what} Found operand types ${types} for operator kind '${operatorName}'.`);
    }
}

const texts: readonly Operand<never>["kind"][] = ["text", "folded", "guid"];

/** Whether an operand can be compared with another one as far as its own form says. */
function fits({ kind, literal }: Operand<never>, other: Operand<never>): boolean {
    if (kind === other.kind || kind === "null" || other.kind === "null") {
        return true;
    }
    // A quoted GUID and a quoted member of an enumeration fit too, but not the other way round.
    return texts.includes(kind) && texts.includes(other.kind) && (literal === undefined || literal.form === "string");
}

function isFolded({ kind }: Operand<never>): boolean {
    return kind === "folded" || kind === "guid";
}

/** The operand in lower case if it is a text. */
export function folded<Row>(operand: Operand<Row>): Operand<Row> {
    const { kind, read, literal } = operand;
    if (kind !== "text") {
        return operand;
    }
    const fold = (value: Value): Value => (typeof value === "string" ? value.toLowerCase() : value);
    return {
        kind: "folded",
        read: (row) => fold(read(row)),
        ...(literal === undefined ? {} : { literal: { ...literal, value: fold(literal.value) } }),
    };
}
