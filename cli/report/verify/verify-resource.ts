import { isDeepStrictEqual } from "node:util";
import { declarationDigest } from "../../../provider/model/declaration.ts";
import { allOutputNames } from "../../../provider/model/outputs.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../../provider/model/provider-reference.ts";
import { checkInputs, pickInputs } from "../../../provider/schema/cancellation-inputs.ts";
import { declaredCancellation } from "../../../provider/schema/declared-cancellation.ts";
import { desiredStatus, isObject } from "../../../provider/schema/input-rules.ts";
import { checkSetInputs, pickSetInputs } from "../../../provider/schema/set-inputs.ts";
import { isSet } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import type { Place } from "./evidence-checks.ts";
import { type Findings, strangers } from "./finding.ts";
import { verifyRecordEvidence } from "./verify-evidence.ts";

/** Checks that the inputs and outputs of a resource agree with each other, without a request. */
export function verifyDeclaration(resource: StateResource, findings: Findings): void {
    const { inputs, outputs } = resource;
    const reference = isSet(resource) ? machineActionCancellationSet : machineActionCancellation;
    findings.same("inputs.__provider", inputs.__provider ?? reference.text, reference.text, "this text is run as code");
    findings.same(
        "outputs.__provider",
        outputs.__provider ?? reference.text,
        reference.text,
        "this text is run as code",
    );
    findings.same("inputs.desiredStatus", inputs.desiredStatus ?? desiredStatus, desiredStatus);
    findings.same("outputs.desiredStatus", outputs.desiredStatus ?? desiredStatus, desiredStatus);
    const [before, after] = isSet(resource)
        ? [pickSetInputs(outputs), pickSetInputs(inputs)]
        : [pickInputs(outputs), pickInputs(inputs)];
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
        if (isDeepStrictEqual(before[name], after[name])) {
            findings.add(`inputs.${name}`, "match");
        } else {
            findings.same(`inputs.${name}`, after[name], before[name], "inputs and outputs differ");
        }
    }
    // An edited name hides its value, and fails here as an unknown property.
    const { failures } = isSet(resource) ? checkSetInputs(inputs) : checkInputs(inputs);
    for (const { property, reason } of failures) {
        findings.add(`inputs.${property}`, "mismatch", { why: reason });
    }
}

/** Checks the values of a single resource that do not concern its action. */
export function verifySingle({ id, inputs, outputs }: StateResource, place: Place, findings: Findings): void {
    findings.same("id", id, inputs.machineActionId, "the id is not that of the declared action");
    const names = [...allOutputNames, "desiredStatus", "__provider", ...Object.keys(pickInputs(outputs))];
    for (const name of strangers(outputs, names)) {
        findings.add(`outputs.${name}`, "mismatch", { why: "not an output of this resource" });
    }
    const evidence = isObject(outputs.evidence) ? outputs.evidence : undefined;
    if (!evidence) {
        return;
    }
    const digest = digestIfSound(() =>
        declarationDigest([declaredCancellation(String(inputs.machineActionId), inputs)]),
    );
    verifyRecordEvidence("evidence", evidence, { digest, place, findings });
}

/** The digest, or "nothing" where edited inputs are too broken to have one. Another finding reports such inputs. */
export function digestIfSound(digest: () => string): string {
    try {
        return digest();
    } catch {
        return "nothing";
    }
}
