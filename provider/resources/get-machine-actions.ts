import * as pulumi from "@pulumi/pulumi";
import { listedActions } from "../api/defender-client.ts";
import { quote } from "../api/pages.ts";
import { isSameType, typeFilter } from "../model/action-type.ts";
import { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { readSettings } from "../session/config.ts";
import { openSession } from "../session/session.ts";
import { isRfc3339, utc } from "../system/clock.ts";
import { describeValue } from "../text/sanitize.ts";
import { type DefenderProvider, providerConfig } from "./defender-provider.ts";
import { known } from "./preflight/known.ts";
import { expectResults } from "./query-results.ts";

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

/**
 * Looks up machine actions, newest first. It sends its requests whenever the program runs, in preview and in `up`, and
 * also works in a script without Pulumi. `provider`: the provider whose settings it uses.
 *
 * Use it to investigate, and to write declarations. Do not feed its results to a set: after the first `up` a query for
 * Pending actions would find none of them any more, and so would remove every entry from the set.
 *
 * Errors: `ERR_DEFENDER_CONFIGURATION` for a wrong query, and those of every request.
 *
 * @example
 * ```ts
 * const queued = await getMachineActions({ status: "Pending", createdAfter: "2026-05-05T07:00:00Z" });
 * ```
 */
export async function getMachineActions(
    query: MachineActionQuery = {},
    opts: { readonly provider?: DefenderProvider } = {},
): Promise<MachineAction[]> {
    const remember = expectResults();
    const filter = filterOf(query);
    const ofProvider = opts.provider && providerConfig(opts.provider);
    const values = ofProvider && (await known(ofProvider));
    if (ofProvider && !values) {
        throw new DefenderError("ERR_DEFENDER_CONFIGURATION", "the provider's settings are not known yet");
    }
    const settings = readSettings(values ? (key) => values[key] : (key) => pulumi.runtime.getConfig(key), process.env);
    const { client } = openSession(settings);
    const found = await listedActions(client, filter);
    const { type, top } = query;
    const results = found.filter((action) => type === undefined || isSameType(action.type, type)).slice(0, top);
    remember(results.map(({ id }) => id));
    return results;
}

/** {@link getMachineActions} for a query of Outputs. */
export function getMachineActionsOutput(
    query: pulumi.Input<{ readonly [Name in keyof MachineActionQuery]: pulumi.Input<MachineActionQuery[Name]> }> = {},
    opts: { readonly provider?: DefenderProvider } = {},
): pulumi.Output<MachineAction[]> {
    // Before the query is known, because the resources that its results declare may be registered first.
    expectResults();
    return pulumi.output(query).apply((known) => getMachineActions(known as MachineActionQuery, opts));
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
