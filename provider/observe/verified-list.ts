import type { DefenderClient, Observation } from "../api/defender-client.ts";
import { isRefusedForm } from "../api/pages.ts";

/** Reads a list page by page, and throws at its end where the API counts more, or others, than it has shown. */
export type VerifiedList = (filter: string, top?: number) => AsyncIterable<Observation[]>;

/**
 * Lists that are believed in what they do not show: nothing but a count would tell that a row is missing. `$count` is
 * not documented for machine actions, though it was seen to work: an API that refuses it is asked without from then on.
 */
export function createVerifiedList(client: DefenderClient): VerifiedList {
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
            isRefused = true;
            yield page;
        }
    };
}
