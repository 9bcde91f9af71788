import type { ResourceValidationPolicy } from "@pulumi/policy";
import { machineActionCancellation, machineActionCancellationSet } from "../provider/model/provider-reference.ts";
import { typeOf } from "../provider/model/resource-types.ts";
import { describeValue } from "../provider/text/sanitize.ts";

const texts: ReadonlyMap<string, string> = new Map(
    [machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]),
);

/** Each provider text that loads this package contains one of these, if only its letters are compared. */
const traces = ["pulumidefendercancellation", "machineactioncancellation"];

/**
 * Refuses a resource that has only our type or only our provider text. The other policies use the type token, but the
 * plugin runs the provider text. A resource with our type and another text runs other code. A resource with our text
 * under another type cancels actions that no other policy checks. A resource of the provider plugin has no such text, and
 * the plugin runs none.
 *
 * The engine shows the text, like all properties that begin with `__`, only to remediations, which it runs first
 * (`SkipInternalKeys` in pulumi's pkg/resource/plugin/analyzer_plugin.go). So this is a remediation that changes
 * nothing. The validation then reports its findings, which count as mandatory.
 */
export function ownProviderText(): ResourceValidationPolicy {
    // A pack's process serves one preview or one update.
    const faults = new Map<string, string | undefined>();
    return {
        name: "cancellation-provider-text",
        description: "A cancellation has this package's type and this package's provider text, or neither.",
        enforcementLevel: "remediate",
        remediateResource({ urn, type, props }) {
            faults.set(urn, faultOf(type, props));
        },
        validateResource({ urn, type, notApplicable }, reportViolation) {
            if (!faults.has(urn) && texts.has(type)) {
                reportViolation(
                    "this policy did not receive the provider text: expected that the policy keeps its own level, " +
                        '"remediate", because Pulumi hides the text from other levels',
                );
            }
            const fault = faults.get(urn);
            if (fault !== undefined) {
                reportViolation(fault);
            } else if (!texts.has(type)) {
                notApplicable("it only applies to the provider texts of dynamic resources");
            }
        },
    };
}

function faultOf(type: string, props: Readonly<Record<string, unknown>>): string | undefined {
    if (typeOf(type)?.face === "plugin") {
        return undefined;
    }
    const own = texts.get(type);
    const text = textOf(props);
    if (own !== undefined) {
        return text === own
            ? undefined
            : `__provider of this ${type} is ${describeValue(text)}: expected the text that this package writes, which is the ` +
                  "code that Pulumi runs for it; create it with the package's own class";
    }
    const letters = typeof text === "string" ? text.toLowerCase().replace(/[^a-z]/g, "") : "";
    return traces.some((trace) => letters.includes(trace))
        ? `the type is ${describeValue(type)}, but its __provider loads this package, so no other policy would see what it ` +
              `cancels; expected one of ${[...texts.keys()].join(", ")}`
        : undefined;
}

/** The provider text. A text that a preview does not know cannot be checked, so it is refused like a wrong text. */
function textOf(props: Readonly<Record<string, unknown>>): unknown {
    try {
        return props.__provider;
    } catch {
        return "not known in this preview";
    }
}
