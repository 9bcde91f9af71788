import { z } from "zod";
import { suggestion } from "./nearest.ts";

const maxIssues = 3;
const maxSeen = 60;

/**
 * The value, if it has the form of the schema. Otherwise throws a TypeError, in one line: of the first faults, the
 * place, what is there and what is expected. The message begins with `prefix`. With `showOnly`, it shows the values of
 * these properties alone, because others may be secret.
 */
export function checkForm<T>(
    schema: z.ZodType<T>,
    value: unknown,
    prefix = "",
    showOnly: readonly string[] | undefined = undefined,
): T {
    const checked = schema.safeParse(value);
    if (checked.success) {
        return checked.data;
    }
    const { issues } = checked.error;
    const described = issues.slice(0, maxIssues).map((issue) => describe(issue, schema, value, showOnly));
    const more = issues.length > maxIssues ? [`and ${issues.length - maxIssues} more`] : [];
    throw new TypeError(`${prefix}${[...described, ...more].join("; ")}`);
}

function describe(
    issue: z.core.$ZodIssue,
    schema: z.ZodType,
    value: unknown,
    showOnly: readonly string[] | undefined,
): string {
    const place = placeOf(issue.path);
    if (issue.code === "unrecognized_keys") {
        const [key = ""] = issue.keys;
        const known = knownKeys(schema, issue.path);
        return `${place}unknown property ${JSON.stringify(key)}${suggestion(key, known) || expectedOf(known)}`;
    }
    const seen = at(value, issue.path);
    const key = issue.path.findLast((part) => typeof part === "string") ?? "";
    const isShown = showOnly === undefined || seen === undefined || showOnly.includes(key);
    return `${place}${isShown ? `seen ${shown(seen)}, ` : ""}${expectation(issue, seen)}`;
}

function placeOf(path: readonly PropertyKey[]): string {
    const parts = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
    return parts.length === 0 ? "" : `${parts.join("").replace(/^\./, "")}: `;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function shown(value: unknown): string {
    const text = value === undefined ? "nothing" : JSON.stringify(value);
    return text.length <= maxSeen ? text : `${text.slice(0, maxSeen - 1)}…`;
}

const typeNames: Readonly<Record<string, string>> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "an object",
    record: "an object",
    guid: "a GUID",
    url: "a URL",
};

/** What is expected in place of a value, such as `expected a number`. */
function expectation(issue: z.core.$ZodIssue, seen: unknown): string {
    switch (issue.code) {
        case "invalid_type":
            return `expected ${typeNames[issue.expected] ?? issue.expected}`;
        case "invalid_format":
            return `expected ${typeNames[issue.format] ?? `a text that fits ${issue.pattern ?? issue.format}`}`;
        case "too_small":
            return `expected ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
        case "too_big":
            return `expected ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
        case "invalid_value":
            return oneOf(issue.values.map(String), seen);
        case "invalid_union":
            return "options" in issue && issue.options !== undefined
                ? oneOf(issue.options.map(String), seen)
                : branches(issue.errors, seen);
        default:
            return issue.message;
    }
}

function oneOf(names: readonly string[], seen: unknown): string {
    const near = typeof seen === "string" ? suggestion(seen, names) : "";
    return near === "" ? `expected one of ${names.join(", ")}` : `expected one of ${names.length} names${near}`;
}

/** What the branches of a union expect. The branch whose type fits the value alone counts, if there is one. */
function branches(errors: readonly (readonly z.core.$ZodIssue[])[], seen: unknown): string {
    const firsts = errors.flatMap(([first]) => (first === undefined ? [] : [first]));
    const meant = firsts.find((issue) => issue.path.length > 0 || !isOtherType(issue, seen));
    if (meant !== undefined) {
        const inner = at(seen, meant.path);
        const last = meant.path.at(-1);
        if (inner === undefined && typeof last === "string") {
            return `it has no \`${meant.path.join(".")}\`, ${expectation(meant, inner)}`;
        }
        return meant.path.length === 0
            ? expectation(meant, inner)
            : `expected at ${placeOf(meant.path)}${expectation(meant, inner).replace(/^expected /, "")}`;
    }
    const expected = firsts.map((issue) => expectation(issue, seen).replace(/^expected /, ""));
    return `expected ${[...new Set(expected)].join(" or ")}`;
}

function isOtherType(issue: z.core.$ZodIssue, seen: unknown): boolean {
    return issue.code === "invalid_type" || (issue.code === "invalid_value" && typeof issue.values[0] !== typeof seen);
}

function expectedOf(names: readonly string[]): string {
    return names.length === 0 ? "" : `, expected one of ${names.join(", ")}`;
}

/** The properties that the schema knows at a place; none if the place is in a union. */
function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
    const [key, ...rest] = path;
    if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
        return knownKeys(schema.unwrap(), path);
    }
    if (schema instanceof z.ZodArray) {
        return knownKeys(schema.element, rest);
    }
    if (schema instanceof z.ZodObject) {
        const inner: unknown = key === undefined ? undefined : schema.shape[String(key)];
        return key === undefined ? Object.keys(schema.shape) : inner instanceof z.ZodType ? knownKeys(inner, rest) : [];
    }
    return [];
}
