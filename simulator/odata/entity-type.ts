import { queryError } from "../http/errors.ts";
import { timeKey } from "../time/api-time.ts";

/** A value that filters and orders compare. */
export type Value = string | number | boolean | null;

/** How values compare: `folded` texts and GUIDs without regard to case, times by their instant. */
export type Kind = "text" | "folded" | "guid" | "time" | "number" | "boolean";

/** A property with one value. */
export interface Scalar<Row> {
    readonly kind: Kind;
    /** The value in a form that compares as its kind does. */
    readonly read: (row: Row) => Value;
}

/** A property that is an object. */
export interface Complex<Row> {
    readonly kind: "complex";
    readonly members: Properties<Row>;
}

/** A property that is a list. */
export interface Collection<Row> {
    readonly kind: "collection";
    /** Binds a variable of `any` or `all` to the items. */
    readonly range: () => Range<Row>;
}

/** A variable, and the tests that set it to each item in turn. */
export interface Range<Row> {
    readonly variable: Scalar<Row> | Complex<Row>;
    readonly some: (row: Row, holds: (row: Row) => Value) => boolean;
    readonly every: (row: Row, holds: (row: Row) => Value) => boolean;
}

/** `opaque`: it is shown and can be selected, but not filtered or sorted by. */
export type Property<Row> = Scalar<Row> | Complex<Row> | Collection<Row> | { readonly kind: "opaque" };

/** Properties by their names in lower case. */
export type Properties<Row> = ReadonlyMap<string, Property<Row> & { readonly name: string }>;

/** The type of the rows of a set. */
export interface EntityType<Row> {
    /** The `@odata.context` of the set. */
    readonly context: string;
    readonly name: string;
    readonly properties: Properties<Row>;
    /** The properties that `$expand` accepts. */
    readonly expandable: readonly (string & keyof Row)[];
    /** Undefined for rows without an id. */
    readonly idOf: ((row: Row) => string) | undefined;
}

/** The address to which every `@odata.context` refers. */
export const metadata: string = "https://api.securitycenter.microsoft.com/api/$metadata";

type Members = { readonly [member: string]: Kind };
/** A list's item stands in brackets. */
type Shape = Kind | "opaque" | Members | readonly [Kind | Members];

/** The type of the rows of a set, with the shape of every property. */
export function entityType<Row>(
    set: string,
    name: string,
    shapes: { readonly [Name in keyof Required<Row>]: Shape },
    expandable: EntityType<Row>["expandable"] = [],
): EntityType<Row> {
    const readAny = (property: string) => (row: Row) => (row as Readonly<Record<string, unknown>>)[property];
    const entries = Object.entries<Shape>(shapes).map(([property, shape]) => {
        const found: Property<Row> = propertyOf(shape, readAny(property));
        return [property.toLowerCase(), { name: property, ...found }] as const;
    });
    const idOf = Object.hasOwn(shapes, "id") ? (row: Row): string => String(readAny("id")(row)) : undefined;
    return { context: `${metadata}#${set}`, name, properties: new Map(entries), expandable, idOf };
}

function propertyOf<Row>(shape: Shape, read: (row: Row) => unknown): Property<Row> {
    if (shape === "opaque") {
        return { kind: "opaque" };
    }
    if (typeof shape === "string" || !isList(shape)) {
        return single(shape, read);
    }
    const itemsOf = (row: Row): readonly unknown[] => {
        const items = read(row);
        return Array.isArray(items) ? items : [];
    };
    return { kind: "collection", range: () => rangeOf(shape[0], itemsOf) };
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Kind | Members] {
    return Array.isArray(shape);
}

function single<Row>(shape: Kind | Members, read: (row: Row) => unknown): Scalar<Row> | Complex<Row> {
    if (typeof shape === "string") {
        return { kind: shape, read: comparing(shape, read) };
    }
    const members = Object.entries(shape).map(([name, kind]) => {
        const readMember = (row: Row): unknown => (read(row) as Readonly<Record<string, unknown>> | null)?.[name];
        return [name.toLowerCase(), { name, kind, read: comparing(kind, readMember) }] as const;
    });
    return { kind: "complex", members: new Map(members) };
}

function comparing<Row>(kind: Kind, read: (row: Row) => unknown): (row: Row) => Value {
    const convert: (text: string) => string =
        kind === "time"
            ? timeKey
            : kind === "folded" || kind === "guid"
              ? (text) => text.toLowerCase()
              : (text) => text;
    return (row) => {
        const value = read(row);
        if (typeof value === "string") {
            return convert(value);
        }
        return typeof value === "number" || typeof value === "boolean" ? value : null;
    };
}

function rangeOf<Row>(shape: Kind | Members, itemsOf: (row: Row) => readonly unknown[]): Range<Row> {
    let current: unknown;
    const onEach = (row: Row, holds: (row: Row) => Value) => (item: unknown) => {
        current = item;
        return holds(row) === true;
    };
    return {
        variable: single(shape, () => current),
        some: (row, holds) => itemsOf(row).some(onEach(row, holds)),
        every: (row, holds) => itemsOf(row).every(onEach(row, holds)),
    };
}

/** The property of that name, in any case; throws the API's own error when there is none. */
export function propertyNamed<Row>(
    name: string,
    { properties, name: typeName }: Pick<EntityType<Row>, "properties" | "name">,
): Property<Row> & { readonly name: string } {
    const property = properties.get(name.toLowerCase());
    if (property === undefined) {
        throw queryError(`Could not find a property named '${name}' on type '${typeName}'.`);
    }
    return property;
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
