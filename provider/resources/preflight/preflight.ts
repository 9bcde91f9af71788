import type * as pulumi from "@pulumi/pulumi";
import type { ProviderReference } from "../../model/provider-reference.ts";
import type { Registered, ResourcePlan } from "../../plan/plan-resource.ts";
import { planRegistration } from "./plan-registration.ts";
import { joinPreviewBatch } from "./preview-batch.ts";
import { isPreview, registrationOf } from "./registered.ts";

/**
 * In a preview, logs on the resource what `up` would do, judging by the registered inputs after all transforms. It
 * reads all resources of the program in one batch, in the program's own process, and sends nothing. It logs nothing
 * where the engine leaves the resource as it is, and where the lifecycle's check reports wrong inputs.
 *
 * `proof`: an output of the resource that is not also an input.
 */
export function preflight(
    resource: pulumi.CustomResource,
    proof: pulumi.Output<unknown>,
    reference: ProviderReference,
    plan: (registered: Registered) => ResourcePlan,
): void {
    if (isPreview()) {
        const registration = registrationOf(resource, proof);
        joinPreviewBatch(
            resource,
            registration.then((one) => planRegistration(one, reference, plan)),
        );
    }
}
