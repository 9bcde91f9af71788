import { queryError } from "../http/errors.ts";
import { type Collection, type EntityType, type Property, propertyNamed, type Range } from "./entity-type.ts";
import { functionCall } from "./functions.ts";
import { comparison, comparisons, condition, literalOperand, membership, type Operand } from "./operand.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Whether a row matches a `$filter`. */
export type RowPredicate<Row> = (row: Row) => boolean;

const deepest = 100;
/** As in OData. Each level multiplies the time that a filter takes by the number of items. */
const nestedAnyAll = 1;

/**
 * Reads a `$filter` over the properties of a type: comparisons, `in`, functions of texts, `any` and `all`, `not`, `and`,
 * `or` and parentheses. Names of properties, functions and operators are read in any case. Throws the API's own error
 * for any other filter.
 */
export function parseFilter<Row>(filter: string, type: EntityType<Row>): RowPredicate<Row> {
    const tokens = tokenize(filter);
    const variables = new Map<string, Range<Row>["variable"]>();
    let position = 0;

    const peek = (ahead = 0): Token => tokens[position + ahead] ?? { kind: "end", text: "", at: filter.length };
    const wordAhead = (): string => (peek().kind === "word" ? peek().text.toLowerCase() : "");

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

    /** Reads an item, and further ones as long as `another` is ahead. */
    function list<T>(item: () => T, another: () => boolean): [T, ...T[]] {
        const items: [T, ...T[]] = [item()];
        while (another()) {
            take();
            items.push(item());
        }
        return items;
    }

    function either(depth: number): Operand<Row> {
        if (depth > deepest) {
            throw queryError(`The node count limit of '${deepest}' has been exceeded.`);
        }
        const terms = list(
            () => both(depth),
            () => wordAhead() === "or",
        );
        const reads = conditionsOf(terms, "Or");
        return reads === undefined ? terms[0] : condition((row) => reads.some((read) => read(row) === true));
    }

    function both(depth: number): Operand<Row> {
        const terms = list(
            () => compared(depth),
            () => wordAhead() === "and",
        );
        const reads = conditionsOf(terms, "And");
        return reads === undefined ? terms[0] : condition((row) => reads.every((read) => read(row) === true));
    }

    function compared(depth: number): Operand<Row> {
        const left = unary(depth);
        if (wordAhead() === "in") {
            take();
            take("(");
            const values = list(literal, () => peek().kind === ",");
            take(")");
            return membership(left, values);
        }
        const operator = comparisons.get(wordAhead());
        if (operator === undefined) {
            return left;
        }
        take();
        return comparison(left, operator, unary(depth));
    }

    function unary(depth: number): Operand<Row> {
        if (wordAhead() !== "not") {
            return primary(depth);
        }
        take();
        if (depth === deepest) {
            throw queryError(`The node count limit of '${deepest}' has been exceeded.`);
        }
        const { kind, read } = unary(depth + 1);
        if (kind !== "boolean") {
            throw queryError("A unary operator with an incompatible type was detected for operator kind 'Not'.");
        }
        return condition((row) => read(row) !== true);
    }

    function primary(depth: number): Operand<Row> {
        if (peek().kind === "(") {
            take();
            const inner = either(depth + 1);
            take(")");
            return inner;
        }
        if (peek().kind === "word" && peek(1).kind === "(") {
            const name = take().text;
            take();
            const given = list(
                () => either(depth + 1),
                () => peek().kind === ",",
            );
            take(")");
            return functionCall(name, given);
        }
        return literalOperand(peek()) === undefined ? path(depth) : literal();
    }

    function literal(): Operand<Row> {
        const token = take();
        return literalOperand(token) ?? fail(token);
    }

    function path(depth: number): Operand<Row> {
        const { text: name } = take("word");
        const variable = variables.get(name);
        let property: Property<Row> = variable ?? propertyNamed(name, type);
        if (property.kind === "complex") {
            take("/");
            property = propertyNamed(take("word").text, { properties: property.members, name });
        }
        switch (property.kind) {
            case "collection":
                take("/");
                return quantified(property, depth);
            case "complex":
            case "opaque":
                throw queryError(`The property '${name}' cannot be used in the $filter query option.`);
            default:
                return property;
        }
    }

    /** Reads `any()`, `any(tag: …)` or `all(tag: …)`. */
    function quantified(collection: Collection<Row>, depth: number): Operand<Row> {
        const isAny = wordAhead() === "any";
        if (!isAny && wordAhead() !== "all") {
            fail(peek());
        }
        take();
        take("(");
        if (variables.size >= nestedAnyAll) {
            throw queryError(`The Any/All nesting limit of '${nestedAnyAll}' has been exceeded.`);
        }
        const { variable, ...tests } = collection.range();
        if (isAny && peek().kind === ")") {
            take();
            return condition((row) => tests.some(row, () => true));
        }
        const name = take("word");
        take(":");
        variables.set(name.text, variable);
        const { kind, read } = either(depth + 1);
        variables.delete(name.text);
        take(")");
        if (kind !== "boolean") {
            fail(name);
        }
        return condition((row) => (isAny ? tests.some(row, read) : tests.every(row, read)));
    }

    const { kind, read } = either(0);
    if (peek().kind !== "end") {
        fail(peek());
    }
    if (kind !== "boolean") {
        throw queryError("The $filter expression must evaluate to a single boolean value.");
    }
    return (row) => read(row) === true;
}

/** What the terms of `and` or `or` read; undefined if there is only one. Throws when a term is no condition. */
function conditionsOf<Row>(terms: readonly Operand<Row>[], operatorName: string): Operand<Row>["read"][] | undefined {
    if (terms.length === 1) {
        return undefined;
    }
    if (terms.some(({ kind }) => kind !== "boolean")) {
        const what = "A binary operator with incompatible types was detected.";
        throw queryError(`${what} Both operands of '${operatorName}' must be Edm.Boolean.`);
    }
    return terms.map(({ read }) => read);
}
