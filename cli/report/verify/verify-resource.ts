import { isDeepStrictEqual } from "node:util";
import { isOnlyWatched } from "../../../provider/lifecycles/cancellation-reading.ts";
import { isNotReadable } from "../../../provider/lifecycles/unreadable.ts";
import { declarationDigest, tagIn, tagOwner } from "../../../provider/model/declaration.ts";
import { allOutputNames, isProven } from "../../../provider/model/outputs.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../../provider/model/provider-reference.ts";
import { checkInputs, pickInputs } from "../../../provider/schema/cancellation-inputs.ts";
import { declaredCancellation } from "../../../provider/schema/declared-cancellation.ts";
import { desiredStatus, isObject, type Properties, textIn } from "../../../provider/schema/input-rules.ts";
import { checkSetInputs, pickSetInputs } from "../../../provider/schema/set-inputs.ts";
import { isOfPlugin, isSet, nameIn } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import { type Findings, strangers } from "./finding.ts";
import type { Place } from "./record-context.ts";
import { verifyRecordEvidence } from "./verify-evidence.ts";

/** Why the inputs of a resource whose last run failed are no evidence. */
export const inputsOfEarlierRun =
    "the last run failed, and then the engine keeps the inputs of the last run that succeeded";

/**
 * Checks the text that the engine runs for a dynamic resource. The evidence of an apply has no such text, and neither has
 * a resource of the provider plugin, except in the outputs between its move and its first update.
 */
export function verifyProviderText(resource: StateResource, findings: Findings): void {
    const { text } = isSet(resource) ? machineActionCancellationSet : machineActionCancellation;
    if (isOfPlugin(resource)) {
        verifyMovedText(resource, text, findings);
        return;
    }
    for (const place of ["inputs", "outputs"] as const) {
        const stored = resource[place].__provider ?? text;
        findings.same(`${place}.__provider`, stored, text, "this text is run as code");
    }
}

function verifyMovedText({ inputs, outputs }: StateResource, text: string, findings: Findings): void {
    if (inputs.__provider !== undefined) {
        const why = "a resource of the provider plugin has no provider text";
        findings.same("inputs.__provider", inputs.__provider, "nothing", why);
    }
    if (outputs.__provider !== undefined) {
        findings.plausible("outputs.__provider", outputs.__provider, outputs.__provider === text, moved);
    }
}

const moved =
    "left by the dynamic resource that was moved to the plugin: `pulumi up --refresh --run-program` removes it";

/**
 * The resource with all inputs that a `get` declares. For a resource of the plugin, the engine stores only the arguments of
 * the program: the id.
 */
export function withWatchedInputs(resource: StateResource): StateResource {
    const { external, inputs, outputs } = resource;
    return isOfPlugin(resource) && !isSet(resource) && external === true
        ? { ...resource, inputs: { comment: "", declaredBy: outputs.declaredBy, ...inputs } }
        : resource;
}

/** Checks that the inputs and outputs of a resource agree with each other, without a request. */
export function verifyDeclaration(resource: StateResource, findings: Findings): void {
    const { inputs, outputs, initErrors } = resource;
    verifyDesired(resource, findings);
    const [before, after] = isSet(resource)
        ? [pickSetInputs(outputs), pickSetInputs(inputs)]
        : [pickInputs(outputs), pickInputs(inputs)];
    verifyName(resource, findings);
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    names.delete("declaredBy");
    for (const name of names) {
        if (isDeepStrictEqual(before[name], after[name])) {
            findings.add(`inputs.${name}`, "match");
        } else if (initErrors.length > 0) {
            findings.add(`inputs.${name}`, "unverifiable", { why: inputsOfEarlierRun });
        } else {
            findings.same(`inputs.${name}`, after[name], before[name], "inputs and outputs differ");
        }
    }
    // An edited name hides its value, and fails here as an unknown property.
    const { failures } = isSet(resource) ? checkSetInputs(inputs) : checkInputs(inputs);
    for (const { property, reason } of failures) {
        // A resource that is only watched has an empty comment.
        if (!(property === "comment" && !isSet(resource) && isOnlyWatched(inputs))) {
            findings.add(`inputs.${property}`, "mismatch", { why: reason });
        }
    }
}

/**
 * Checks the hidden input `declaredBy` against the resource's name. A resource that was renamed with an alias keeps its
 * earlier name in the outputs, and after a refresh also in the inputs. The tag of its cancel requests then has the
 * earlier name.
 */
function verifyName({ urn, inputs, outputs }: StateResource, findings: Findings): void {
    const runs = Array.isArray(outputs.evidence) ? outputs.evidence : [outputs.evidence];
    const owners = runs.filter(isObject).map(({ commentSent }) => tagIn(textIn(commentSent)).owner);
    const compare = (field: string, stored: unknown, expected: unknown, why: string) => {
        if (stored !== expected && owners.includes(tagOwner(textIn(stored)))) {
            findings.plausible(field, stored, true, "the name before the resource was renamed");
        } else {
            findings.same(field, stored, expected, why);
        }
    };
    if (urn !== "") {
        compare("inputs.declaredBy", inputs.declaredBy ?? nameIn(urn), nameIn(urn), "the resource has another name");
    }
    compare("outputs.declaredBy", outputs.declaredBy, inputs.declaredBy, "inputs and outputs differ");
}

/**
 * Checks `desiredStatus`: the declared status, or the deviation that a refresh has stored in its place. A failed run since
 * then leaves that deviation in the inputs.
 */
function verifyDesired(resource: StateResource, findings: Findings): void {
    const { inputs, outputs, initErrors } = resource;
    const wanted = inputs.desiredStatus ?? desiredStatus;
    const isOfEarlierRun = initErrors.length > 0 && wanted !== desiredStatus && typeof wanted === "string";
    const ofOutputs = deviationIn(outputs, wanted) ?? (isOfEarlierRun ? inputsOfEarlierRun : undefined);
    const deviation = isSet(resource) ? undefined : ofOutputs;
    if (deviation === undefined && !isNotReadable(wanted)) {
        findings.same("inputs.desiredStatus", wanted, desiredStatus);
    } else {
        findings.plausible("inputs.desiredStatus", wanted, true, deviation ?? "the last refresh could not read it");
    }
    const kept = outputs.desiredStatus ?? desiredStatus;
    const isWatched = !isSet(resource) && isOnlyWatched(inputs);
    findings.same("outputs.desiredStatus", isWatched && isNotReadable(kept) ? desiredStatus : kept, desiredStatus);
}

/** Why a text describes the drift of a stored cancellation; undefined if it does not. */
export function deviationIn(stored: Properties, text: unknown): string | undefined {
    if (!isProven(stored) && (text === stored.status || (text === "not found" && stored.status === undefined))) {
        return "the drift that the last refresh has seen";
    }
    const reissues = Array.isArray(stored.reissues) ? stored.reissues.filter(isObject) : [];
    const isNamed = reissues.some(({ id }) => typeof id === "string" && id !== "" && String(text).includes(id));
    return isProven(stored) && isNamed ? "the re-issue that the last refresh has seen" : undefined;
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
        if (outputs.evidence !== undefined) {
            findings.add("evidence", "mismatch", { why: "not an object" });
        }
        return;
    }
    // Derived from the outputs, because after a failed run the inputs are those of an earlier run.
    const digest = digestIfSound(() => declarationDigest([declaredCancellation(String(id), outputs)]));
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
