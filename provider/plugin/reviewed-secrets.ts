import type { CheckFailure } from "../schema/input-rules.ts";
import { plainComment, plainExpect, secretIdIsAllowed } from "../schema/secret-text.ts";
import type { WireProperties } from "./wire-properties.ts";

/** The maximum number of failures to report. One mistake can be in thousands of entries. */
const maxFailures = 20;

/**
 * Text that a reviewer approves must not be secret: Defender shows the comment, and previews, errors and records show
 * each `expect`. The failures name no property, because the engine prints the value of a named one.
 */
export function secretTextFailures({ secrets }: WireProperties): CheckFailure[] {
    const reasons = secrets.flatMap((path) => {
        const [name, index, field] = path;
        if (name === "comment") {
            return [`comment is secret: ${plainComment}`];
        }
        if (name === "expect") {
            return [`expect is secret, or a part of it is: ${plainExpect}`];
        }
        if (name === "cancellations" && (field === undefined || field === "expect")) {
            const what = index === undefined ? "cancellations" : `cancellations[${index}]${field ? ".expect" : ""}`;
            return [`${what} is secret, or a part of it is: ${plainExpect}. ${secretIdIsAllowed}`];
        }
        return [];
    });
    const all = [...new Set(reasons)];
    const more = all.length - maxFailures;
    const shown = more > 0 ? [...all.slice(0, maxFailures), `and ${more} more texts that are secret`] : all;
    return shown.map((reason) => ({ property: "", reason }));
}

/** The failure of a secret property, without its name and its value. */
export function withoutSecretValue(failure: CheckFailure, secret: ReadonlySet<string>): CheckFailure {
    const [name = ""] = failure.property.split(/[.[]/);
    if (!secret.has(name)) {
        return failure;
    }
    const at = failure.reason.lastIndexOf(": expected");
    const expected = at < 0 ? "" : failure.reason.slice(at);
    return { property: "", reason: `${failure.property} is secret, and its value is not usable${expected}` };
}
