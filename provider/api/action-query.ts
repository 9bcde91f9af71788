import { isSameType, typeFilter } from "../model/action-type.ts";
import { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { isRfc3339, utc } from "../system/clock.ts";
import { describeValue } from "../text/sanitize.ts";
import { type DefenderClient, listedActions } from "./defender-client.ts";
import { quote } from "./pages.ts";

/** Which machine actions to look up. An action must match all given properties. */
export interface MachineActionQuery {
    /** Such as `"Pending"` or `"InProgress"`. */
    readonly status?: string;
    /** Such as `"Isolate"` or `"LiveResponse"`, however the API spells the type. */
    readonly type?: string;
    /** 40 hexadecimal digits. */
    readonly machineId?: string;
    /** The user's name or the application's id that submitted the action. */
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
    return found.filter((action) => type === undefined || isSameType(action.type, type)).slice(0, top);
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
            if (typeof value !== "string" || value === "") {
                throw wrong(name, "expected text", `is ${describeValue(value)}`);
            }
            return name === "type" ? typeFilter([value]) : `${name} eq ${quote(value)}`;
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

function wrong(name: string, expected: string, seen: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_CONFIGURATION", `${name} ${seen}: ${expected}`);
}
