import * as pulumi from "@pulumi/pulumi";
import { filterOf, type MachineActionQuery, queryActions } from "../api/action-query.ts";
import { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { readSettings } from "../session/config.ts";
import { openSession } from "../session/session.ts";
import { type DefenderProvider, providerConfig } from "./defender-provider.ts";
import { known } from "./preflight/known.ts";
import { expectResults } from "./query-results.ts";

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
    const results = await queryActions(openSession(settings).client, query, filter);
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
