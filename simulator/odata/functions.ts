import { queryError } from "../http/errors.ts";
import { condition, folded, type Operand } from "./operand.ts";

const tests: ReadonlyMap<string, (text: string, part: string) => boolean> = new Map([
    ["startswith", (text: string, start: string) => text.startsWith(start)],
    ["endswith", (text: string, end: string) => text.endsWith(end)],
    ["contains", (text: string, part: string) => text.includes(part)],
]);

const conversions: ReadonlyMap<string, (text: string) => string> = new Map([
    ["tolower", (text: string) => text.toLowerCase()],
    ["toupper", (text: string) => text.toUpperCase()],
]);

/** The value of a function of texts, by its name in any case; throws the API's own error for any other function. */
export function functionCall<Row>(name: string, given: readonly Operand<Row>[]): Operand<Row> {
    const test = tests.get(name.toLowerCase());
    const convert = conversions.get(name.toLowerCase());
    if (test === undefined && convert === undefined) {
        throw queryError(
            `An unknown function with name '${name}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.`,
        );
    }
    const isText = given.every(({ kind }) => kind === "text" || kind === "folded");
    const [text, part] = given;
    if (isText && test !== undefined && given.length === 2 && text !== undefined && part !== undefined) {
        return tested(test, text, part);
    }
    if (isText && convert !== undefined && given.length === 1 && text !== undefined) {
        return converted(convert, text);
    }
    const signature = Array.from({ length: test === undefined ? 1 : 2 }, () => "Edm.String Nullable=true").join(", ");
    throw queryError(
        `No function signature for the function with name '${name}' matches the specified arguments. The function signatures considered are: ${name}(${signature}).`,
    );
}

function tested<Row>(test: (text: string, part: string) => boolean, text: Operand<Row>, part: Operand<Row>) {
    const isFolded = text.kind === "folded" || part.kind === "folded";
    const [one, other] = isFolded ? [folded(text), folded(part)] : [text, part];
    return condition<Row>((row) => {
        const [a, b] = [one.read(row), other.read(row)];
        return typeof a === "string" && typeof b === "string" && test(a, b);
    });
}

function converted<Row>(convert: (text: string) => string, { read }: Operand<Row>): Operand<Row> {
    return {
        kind: "text",
        read: (row) => {
            const value = read(row);
            return typeof value === "string" ? convert(value) : null;
        },
    };
}
