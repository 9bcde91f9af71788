import type { ResourceValidation } from "@pulumi/policy";
import { describeValue } from "../provider/foreign-text.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../provider/provider-reference.ts";

const texts: ReadonlyMap<string, string> = new Map(
    [machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]),
);

/** What every text that loads this package has in it, however it is put together or written. */
const traces = ["pulumidefendercancellation", "machineactioncancellation"];

/**
 * Refuses what is a cancellation by one of its two marks alone. The type token is what the other policies go by; the
 * provider text is what the plugin runs. A resource with our type and another text runs other code, and one with our
 * text under another type cancels past every policy.
 */
export const ownProviderText: ResourceValidation = ({ type, props, notApplicable }, reportViolation) => {
    const own = texts.get(type);
    const text = textOf(props);
    if (own !== undefined) {
        if (text !== own) {
            reportViolation(
                `__provider of this ${type} is ${describeValue(text)}: expected the text that this package writes, which is ` +
                    "the code that Pulumi runs for it; create it by the package's own class",
            );
        }
        return;
    }
    if (typeof text !== "string") {
        notApplicable("it only applies to dynamic resources");
        return;
    }
    const letters = text.toLowerCase().replace(/[^a-z]/g, "");
    if (traces.some((trace) => letters.includes(trace))) {
        reportViolation(
            `the type is ${describeValue(type)}, but its __provider loads this package: no other policy would see what it ` +
                `cancels; expected one of ${[...texts.keys()].join(", ")}`,
        );
    }
};

/** One that a preview does not know is none that could be judged: it is refused like another. */
function textOf(props: Readonly<Record<string, unknown>>): unknown {
    try {
        return props.__provider;
    } catch {
        return "not known in this preview";
    }
}
