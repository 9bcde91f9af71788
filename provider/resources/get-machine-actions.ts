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

/** Which machine actions to look up. All that is given must match. */
export interface MachineActionQuery {
    /** Such as `"Pending"` or `"InProgress"`. */
    readonly status?: string;
    /** Such as `"Isolate"`, or `"LiveResponse"`, however the API spells it. */
    readonly type?: string;
    /** 40 hexadecimal digits. */
    readonly machineId?: string;
    /** Who submitted it: a user's name or an application's id. */
    readonly requestor?: string;
    /** RFC 3339 time with its zone. */
    readonly createdAfter?: string;
    /** RFC 3339 time with its zone. */
    readonly createdBefore?: string;
    /** At most so many, the newest. */
    readonly top?: number;
}

const names = ["status", "type", "machineId", "requestor", "createdAfter", "createdBefore", "top"];

/**
 * Looks up machine actions, newest first. It reads, in preview as in `up`, whenever the program runs, and in a script
 * without Pulumi as well. `provider`: looks up with its settings.
 *
 * For finding out, and for writing declarations: not for feeding a set. After the first `up` the query would find
 * nothing that is Pending any more, and un-declare everything.
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
    // The query may be known later than what is declared by its results.
    expectResults();
    return pulumi.output(query).apply((known) => getMachineActions(known as MachineActionQuery, opts));
}

/** The filter of a query; empty for all. Throws `ERR_DEFENDER_CONFIGURATION` for what cannot be asked. */
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
        // An unknown type is not asked for, since the API may spell it otherwise: it is looked for in the answer.
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
