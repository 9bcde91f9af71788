import { queryError } from "../http/errors.ts";
import { type EntityType, propertyNamed } from "./entity-type.ts";

/** The parts of a row that an answer shows: `$select` and `$expand`. */
export interface Shape<Row> {
    /** The part of `@odata.context` that names the selected properties, in parentheses; empty for all. */
    readonly suffix: string;
    /** Undefined: the answer shows the rows as they are. */
    readonly project: ((row: Row) => unknown) | undefined;
}

/** Reads `$select` and `$expand`; throws the API's own error for a property that the type does not have. */
export function parseShape<Row>(select: string | null, expand: string | null, type: EntityType<Row>): Shape<Row> {
    const expanded = expand === null ? [] : namesIn("$expand", expand).map((name) => expandedName(name, type));
    const omitted = type.expandable.filter((name) => !expanded.includes(name));
    const selected = select === null ? [] : namesIn("$select", select).map((name) => selectedName(name, type));
    const names = selected.includes("*") ? [] : [...new Set(selected)];
    if (names.length === 0) {
        return { suffix: "", project: omitted.length === 0 ? undefined : (row) => without(row, omitted) };
    }
    return {
        suffix: `(${names.join(",")})`,
        project: (row) => {
            const shown = without(row, omitted);
            return Object.fromEntries(names.map((name) => [name, shown[name]]));
        },
    };
}

/** The row with empty lists for the properties that are shown only when they are expanded. */
function without<Row>(row: Row, omitted: readonly string[]): Readonly<Record<string, unknown>> {
    return { ...row, ...Object.fromEntries(omitted.map((name) => [name, []])) };
}

function namesIn(option: string, text: string): string[] {
    const names = text.split(",").map((name) => name.trim());
    const bad = names.find((name) => !/^(?:\*|[a-z_]\w*)$/i.test(name));
    if (bad !== undefined) {
        throw queryError(`Syntax error in ${option} '${text}'.`);
    }
    return names;
}

function selectedName<Row>(name: string, type: EntityType<Row>): string {
    return name === "*" ? name : propertyNamed(name, type).name;
}

function expandedName<Row>(name: string, type: EntityType<Row>): string {
    const found = propertyNamed(name, type).name;
    if (!type.expandable.some((expandable) => expandable === found)) {
        throw queryError(
            `Property '${found}' on type '${type.name}' is not a navigation property or complex property. Only navigation properties can be expanded.`,
        );
    }
    return found;
}
