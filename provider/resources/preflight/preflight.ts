import type * as pulumi from "@pulumi/pulumi";
import { declaredTarget } from "../../cancel/declared-target.ts";
import { howToApprove } from "../../guard/refusals.ts";
import { noteOf } from "../../machines/machine-notes.ts";
import { shortDigest } from "../../model/declaration.ts";
import { machineActionCancellation as reference } from "../../model/provider-reference.ts";
import type { Forecast } from "../../plan/forecast.ts";
import { type Judged, judge } from "../../plan/judgement.ts";
import { describeUnknown, partlyKnown } from "../../plan/unknowns.ts";
import { declaredCancellation } from "../../schema/declared-cancellation.ts";
import { storedCancellation } from "../../schema/stored-cancellation.ts";
import { foregone } from "./foregone.ts";
import { isJudged, type Registration, registrationOf } from "./registered.ts";
import { gather, type Judge, type Round } from "./rounds.ts";

/** The resource that a line is about, as far as preflight knows it. */
export type PreflightResource = pulumi.CustomResource & { readonly status: pulumi.Output<string> };

/** The inputs that an action is judged by. */
const judged = ["machineActionId", "expect", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/**
 * In a preview, says on the resource's own line what `up` would do to the action: by the inputs that are registered,
 * after all transforms. It reads in the program's own process, all resources of the program in one batch, and sends
 * nothing. It stays silent where the engine leaves the resource as it is, and where the inputs are wrong, which the
 * lifecycle's check reports.
 */
export function preflight(resource: PreflightResource): void {
    if (isJudged()) {
        gather(resource, registrationOf(resource, resource.status).then(judgeOf));
    }
}

/** What there is to say about the resource; undefined where it stays as it is. */
export function judgeOf(registration: Registration): Judge | undefined {
    const known = foregone(registration, reference);
    if (known || registration === "untouched" || registration === "stripped") {
        return known;
    }
    const { known: inputs, unknown } = partlyKnown(registration.inputs, judged);
    const { machineActionId } = inputs;
    const isKnown = unknown.length === 0;
    const stored = storedCancellation(registration.stored);
    return typeof machineActionId === "string"
        ? (round) =>
              lookAt({ declared: declaredCancellation(machineActionId, inputs), unknown, isKnown, stored }, round)
        : { line: describeUnknown(unknown), verdict: "would fail" };
}

async function lookAt(one: Judged, { session, explain }: Round): Promise<Forecast> {
    const { line, verdict, kind, machine, isApprovable, pairs } = await judge(one, session, explain);
    if (kind === "not found") {
        return { line: `not found: the API knows no machine action ${one.declared.machineActionId}`, verdict };
    }
    if (kind === "could not look") {
        return { line, verdict };
    }
    const { digest } = declaredTarget(one.declared);
    const note = machine ? noteOf(machine.facts) : "";
    const advice = isApprovable ? `; ${howToApprove(digest, pairs)}` : "";
    const shown = one.isKnown ? shortDigest(digest) : "known when all inputs are";
    return { line: `${line}${note}${advice} [digest ${shown}]`, verdict };
}
