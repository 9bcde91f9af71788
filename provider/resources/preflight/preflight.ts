import type * as pulumi from "@pulumi/pulumi";
import { declaredTarget } from "../../cancel/cancellation-target.ts";
import { noteOf } from "../../machines/machine-notes.ts";
import { shortDigest } from "../../model/declaration.ts";
import { machineActionCancellation as reference } from "../../model/provider-reference.ts";
import { describeApproval } from "../../plan/describe-plan.ts";
import { type PlanInput, planCancellation } from "../../plan/plan-cancellation.ts";
import { machineOf } from "../../plan/planned-cancellation.ts";
import { partlyKnown } from "../../plan/unknown-inputs.ts";
import { declaredCancellation } from "../../schema/declared-cancellation.ts";
import { storedCancellation } from "../../schema/stored-cancellation.ts";
import { planRegistration } from "./plan-registration.ts";
import { joinPreviewBatch, type LinePlan, type PreviewBatch } from "./preview-batch.ts";
import { type PreviewLine, previewLine } from "./preview-line.ts";
import { isPreview, type Registered, registrationOf } from "./registered.ts";

/** The resource that a line is about, with the properties that preflight uses. */
export type PreflightResource = pulumi.CustomResource & { readonly status: pulumi.Output<string> };

/** The inputs that the plan of an action depends on. */
const planned = ["machineActionId", "expect", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/**
 * In a preview, logs on the resource what `up` would do to the action, judging by the registered inputs after all
 * transforms. It reads all resources of the program in one batch, in the program's own process, and sends nothing. It
 * logs nothing where the engine leaves the resource as it is, and where the lifecycle's check reports wrong inputs.
 */
export function preflight(resource: PreflightResource): void {
    if (isPreview()) {
        const registration = registrationOf(resource, resource.status);
        joinPreviewBatch(
            resource,
            registration.then((one) => planRegistration(one, reference, planRegistered)),
        );
    }
}

function planRegistered(registration: Registered): LinePlan {
    const { known: inputs, unknown } = partlyKnown(registration.inputs, planned);
    const { machineActionId } = inputs;
    const isKnown = unknown.length === 0;
    const stored = storedCancellation(registration.stored);
    return typeof machineActionId === "string"
        ? (batch) =>
              planLine({ declared: declaredCancellation(machineActionId, inputs), unknown, isKnown, stored }, batch)
        : previewLine({ kind: "notKnown", inputs: unknown });
}

async function planLine(input: PlanInput, { session, explain }: PreviewBatch): Promise<PreviewLine> {
    const plan = await planCancellation(input, session, explain);
    const { line, verdict } = previewLine(plan);
    if (plan.kind === "notFound") {
        return { line: `${line}: the API has no machine action ${input.declared.machineActionId}`, verdict };
    }
    if (plan.kind === "couldNotLook") {
        return { line, verdict };
    }
    const { digest } = declaredTarget(input.declared);
    const machine = machineOf(plan);
    const note = machine ? noteOf(machine.facts) : "";
    const approval = describeApproval([plan], digest);
    const advice = approval === undefined ? "" : `; ${approval}`;
    const shown = input.isKnown ? shortDigest(digest) : "not known until all inputs are known";
    return { line: `${line}${note}${advice} [digest ${shown}]`, verdict };
}
