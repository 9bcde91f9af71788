import type { DefenderClient, Observation } from "../api/defender-client.ts";
import { isRefusedForm } from "../api/pages.ts";
import type { Log } from "../text/print.ts";

/** Reads a list page by page. Throws at its end if rows are missing or repeated, compared with the API's count. */
export type VerifiedList = (filter: string, top?: number) => AsyncIterable<Observation[]>;

/**
 * Creates lists whose omissions count as evidence. Only a count can show that a row is missing. `$count` is not
 * documented for machine actions, although it was seen to work. If the API refuses it, later lists do without, and the
 * log warns once that `atRisk`, such as a re-issue, can be missed.
 */
export function createVerifiedList(client: DefenderClient, log: Log, atRisk: string): VerifiedList {
    let isRefused = false;
    return async function* read(filter, top) {
        if (!isRefused) {
            let hasBegun = false;
            try {
                for await (const page of client.list(filter, { top, isCounted: true })) {
                    hasBegun = true;
                    yield page;
                }
                return;
            } catch (error) {
                if (hasBegun || !isRefusedForm(error)) {
                    throw error;
                }
            }
        }
        for await (const page of client.list(filter, { top })) {
            if (!isRefused) {
                isRefused = true;
                log(
                    "the API does not count its lists of machine actions ($count was refused): a list that leaves out " +
                        `an action goes unnoticed, so ${atRisk} can be missed`,
                );
            }
            yield page;
        }
    };
}
