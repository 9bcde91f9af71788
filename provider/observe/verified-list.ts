import type { DefenderClient, Observation } from "../api/defender-client.ts";
import { isRefusedForm } from "../api/pages.ts";
import type { Log } from "../text/print.ts";

/** Reads a list page by page, and throws at its end where the API counts more, or others, than it has shown. */
export type VerifiedList = (filter: string, top?: number) => AsyncIterable<Observation[]>;

/**
 * Lists that are believed in what they do not show: nothing but a count would tell that a row is missing. `$count` is
 * not documented for machine actions, though it was seen to work: an API that refuses it is asked without from then on,
 * and the log says once what that puts at risk: a re-issue, say.
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
