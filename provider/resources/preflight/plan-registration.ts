import type { ProviderReference } from "../../model/provider-reference.ts";
import type { Registered, ResourcePlan } from "../../plan/plan-resource.ts";
import { previewLine } from "../../plan/preview-line.ts";
import type { Registration } from "./registered.ts";

/**
 * The line plan of a resource; undefined where the engine leaves the resource as it is. `planRegistered`: plans a
 * resource from its registered inputs.
 */
export function planRegistration(
    registration: Registration,
    { text }: ProviderReference,
    planRegistered: (registered: Registered) => ResourcePlan,
): ResourcePlan | undefined {
    if (registration === "untouched") {
        return undefined;
    }
    if (registration === "stripped") {
        return previewLine({ kind: "hookRemoved" });
    }
    return registration.inputs.__provider === text
        ? planRegistered(registration)
        : previewLine({ kind: "providerReplaced" });
}
