import { isDeepStrictEqual } from "node:util";
import { declarationDigest } from "../../../provider/model/declaration.ts";
import { allOutputNames, evidenceNames } from "../../../provider/model/outputs.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../../provider/model/provider-reference.ts";
import { declaredCancellation } from "../../../provider/schema/declared-cancellation.ts";
import { desiredStatus, isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { checkInputs, pickInputs } from "../../../provider/schema/inputs.ts";
import { checkSetInputs, pickSetInputs } from "../../../provider/schema/set-inputs.ts";
import { isSet } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import type { Findings } from "./finding.ts";
import { strangers } from "./verify-action.ts";

/** Where the evidence was taken: compared with where `--verify` reads. */
export interface Place {
    readonly apiHost: string;
    readonly tenantId: string | undefined;
}

/** Holds what a resource says in two places, or of itself, together: no one else is asked. */
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
    // A name that was edited hides a value, and counts as one that nobody knows.
    const { failures } = isSet(resource) ? checkSetInputs(inputs) : checkInputs(inputs);
    for (const { property, reason } of failures) {
        findings.add(`inputs.${property}`, "mismatch", { why: reason });
    }
}

/** What a single resource says beside its action. */
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
    for (const name of strangers(evidence, evidenceNames)) {
        findings.add(`evidence.${name}`, "mismatch", { why: "not a part of the evidence" });
    }
    for (const name of ["commentSent", "digest", "posts", "apiHost", "packageVersion"]) {
        if (evidence[name] === undefined) {
            findings.add(`evidence.${name}`, "mismatch", { why: "missing" });
        }
    }
    const digest = digestIfSound(() =>
        declarationDigest([declaredCancellation(String(inputs.machineActionId), inputs)]),
    );
    compareDigest(evidence.digest, digest, findings);
    comparePlace("evidence", evidence, place, findings);
}

/** Inputs that were edited may declare nothing at all; that they are wrong is a finding of its own. */
export function digestIfSound(digest: () => string): string {
    try {
        return digest();
    } catch {
        return "nothing";
    }
}

/** The digest of what is declared now; what was edited since the request has another. */
export function compareDigest(stored: unknown, now: string, findings: Findings, field = "evidence.digest"): void {
    const isOfNow = typeof stored === "string" && stored.slice(0, 12) === now.slice(0, 12);
    if (isOfNow) {
        findings.same(field, stored, now);
    } else {
        const why = "of what was declared when the request was sent, which was edited since";
        findings.plausible(field, stored, /^[0-9a-f]{64}$/.test(String(stored)), why);
    }
}

export function comparePlace(field: string, evidence: Properties, place: Place, findings: Findings): void {
    if (evidence.tenantId !== undefined && place.tenantId !== undefined) {
        findings.same(`${field}.tenantId`, evidence.tenantId, place.tenantId, "read from another tenant");
    }
    if (evidence.apiHost !== place.apiHost) {
        // A regional name of the same API, say.
        const isDefender = /(?:^|\.)security(?:center)?\.microsoft\.(?:com|us)$/.test(String(evidence.apiHost));
        findings.plausible(
            `${field}.apiHost`,
            evidence.apiHost,
            isDefender,
            `this verification reads ${place.apiHost}`,
        );
    } else {
        findings.same(`${field}.apiHost`, evidence.apiHost, place.apiHost);
    }
}
