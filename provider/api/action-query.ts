import { isSameType, typeFilter } from "../model/action-type.ts";
import { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { isObject } from "../schema/input-rules.ts";
import { isRfc3339, utc } from "../system/clock.ts";
import { describeValue } from "../text/sanitize.ts";
import { type DefenderClient, listedActions } from "./defender-client.ts";
import { quote } from "./pages.ts";

/** Which machine actions to look up. An action must match all given properties. */
export interface MachineActionQuery {
    /** One or several, such as `"Pending"` or `["Pending", "InProgress"]`. */
    readonly status?: string | readonly string[];
    /** One or several, such as `"Isolate"` or `"LiveResponse"`, however the API spells the type. */
    readonly type?: string | readonly string[];
    /** 40 hexadecimal digits. */
    readonly machineId?: string;
    /** The user's name or the application's display name, as the API shows it. */
    readonly requestor?: string;
    /** RFC 3339 time with its zone. */
    readonly createdAfter?: string;
    /** RFC 3339 time with its zone. */
    readonly createdBefore?: string;
    /** The maximum number of actions to return, the newest first. */
    readonly top?: number;
}

const names = ["status", "type", "machineId", "requestor", "createdAfter", "createdBefore", "top"];

/** Lists the actions that match, newest first. `filter`: that of the query. */
export async function queryActions(
    client: DefenderClient,
    { type, top }: MachineActionQuery,
    filter: string,
): Promise<MachineAction[]> {
    const found = await listedActions(client, filter);
    const types = type === undefined ? undefined : listOf(type);
    return found
        .filter((action) => types === undefined || types.some((one) => isSameType(action.type, one)))
        .slice(0, top);
}

/** The properties that take one value or several. */
const listable = ["status", "type"];

function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
    return Array.isArray(value) ? value : [value as Value];
}

/** The filter of a query; empty for all actions. Throws `ERR_DEFENDER_CONFIGURATION` for an invalid query. */
export function filterOf(query: MachineActionQuery): string {
    const stranger = Object.keys(query).find((name) => !names.includes(name));
    if (stranger !== undefined) {
        throw wrong(stranger, `expected one of ${names.join(", ")}`, "is not a property of a query");
    }
    const { createdAfter, createdBefore, top, ...equal } = query;
    if (top !== undefined && !(Number.isInteger(top) && top >= 1)) {
        throw wrong("top", "expected a whole number, at least 1", `is ${describeValue(top)}`);
    }
    const parts = Object.entries(equal)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => {
            const isListable = listable.includes(name);
            const values = isListable ? listOf(value) : [value];
            if (!values.every(isText) || values.length === 0) {
                throw wrong(
                    name,
                    isListable ? "expected text, or a list of texts" : "expected text",
                    `is ${describeValue(value)}`,
                );
            }
            const parts = values.map((one) => `${name} eq ${quote(one)}`);
            return name === "type" ? typeFilter(values) : parts.length > 1 ? `(${parts.join(" or ")})` : parts[0];
        })
        // The filter leaves an unknown type out, since the API may spell it otherwise; the caller compares the answer.
        .filter((part) => part !== undefined);
    const times = [
        ["createdAfter", "gt", createdAfter],
        ["createdBefore", "lt", createdBefore],
    ] as const;
    for (const [name, operator, time] of times) {
        if (time !== undefined) {
            if (typeof time !== "string" || !isRfc3339(time)) {
                throw wrong(name, "expected a time with its time zone as in RFC 3339", `is ${describeValue(time)}`);
            }
            parts.push(`creationDateTimeUtc ${operator} ${utc(Date.parse(time))}`);
        }
    }
    return parts.join(" and ");
}

function isText(value: unknown): value is string {
    return typeof value === "string" && value !== "";
}

function wrong(name: string, expected: string, seen: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_CONFIGURATION", `${name} ${seen}: ${expected}`);
}

/** How many of the declared actions are among the results of look-ups, by id in lower case; undefined for none. */
export function countAmong(results: ReadonlySet<string>, declared: readonly unknown[]): number | undefined {
    const ids = declared.map((entry) => isObject(entry) && entry.machineActionId);
    return ids.filter((id) => typeof id === "string" && results.has(id.toLowerCase())).length || undefined;
}
