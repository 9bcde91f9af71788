import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import { shortText } from "../text/sanitize.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** Failures whose text has nothing about the action, except its id. */
const shared: ReadonlySet<DefenderErrorCode> = new Set<DefenderErrorCode>([
    "ERR_DEFENDER_CONFIGURATION",
    "ERR_DEFENDER_NO_CREDENTIAL",
    "ERR_DEFENDER_SIGN_IN",
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_NETWORK",
    "ERR_DEFENDER_SERVER",
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_GUARD",
    "ERR_DEFENDER_NOT_FOUND",
]);

/**
 * Explains a cause that several resources share once, in the error of the first resource that failed for it; the others
 * name that resource. Pulumi prints a block for each failed resource, and sixty blocks with the same text would hide the
 * one sentence that says what to do. A failure that keeps a state is left as it is, because it tells what was requested.
 */
export function withCausesOnce(lifecycle: Lifecycle): Lifecycle {
    /** The resource that failed first, by the cause. */
    const first = new Map<string, string>();

    async function during<T>(declaredBy: unknown, step: Promise<T>): Promise<T> {
        try {
            return await step;
        } catch (error) {
            throw error instanceof DefenderError && shared.has(error.code) ? shortened(error, declaredBy) : error;
        }
    }

    function shortened(failure: DefenderError, declaredBy: unknown): DefenderError {
        const { code, reason, machineActionId, status, trackingId } = failure;
        const cause = `${code}: ${reason}`;
        const explained = first.get(cause);
        const name = resourceName(declaredBy);
        if (explained === undefined || explained === name) {
            first.set(cause, name);
            return failure;
        }
        // The id is what the reader checks where the API does not have the action.
        const subject =
            code === "ERR_DEFENDER_NOT_FOUND" && machineActionId ? `machine action ${machineActionId}: ` : "";
        return new DefenderError(code, `${subject}same cause as ${explained}, whose error says what to do`, {
            machineActionId,
            status,
            trackingId,
            reason,
            cause: failure,
        });
    }

    return {
        ...lifecycle,
        create: (inputs) => during(inputs.declaredBy, lifecycle.create(inputs)),
        update: (id, olds, news) => during(news.declaredBy, lifecycle.update(id, olds, news)),
    };
}

/** The name of a resource in "project/stack/name". */
function resourceName(declaredBy: unknown): string {
    const [, , ...name] = typeof declaredBy === "string" ? declaredBy.split("/") : [];
    return name.length === 0 ? "another resource" : shortText(name.join("/"), 40);
}
