import type { Observation } from "../../../provider/api/defender-client.ts";
import { maxReadingAgeMs } from "../../../provider/cancel/freshness.ts";
import { actionSha256 } from "../../../provider/model/action-hash.ts";
import { tagIn, tagOwner } from "../../../provider/model/declaration.ts";
import {
    isKnownStatus,
    type KnownAction,
    type MachineAction,
    summarizeCommands,
} from "../../../provider/model/machine-action.ts";
import { actionProperties, effectOf } from "../../../provider/model/outputs.ts";
import { isReissueCounts } from "../../../provider/schema/stored-state.ts";
import { isNear, shiftMs } from "../../state/moments.ts";
import { type CancellationEntry, isSet } from "../../state/records.ts";
import { isSecret } from "../../state/secret-values.ts";
import { showsOurs } from "./evidence-checks.ts";
import { collectFindings, type Finding, type Findings, needsCheck } from "./finding.ts";
import { nearRule, timeRule } from "./plausible.ts";
import type { Place } from "./record-context.ts";
import { verifyActionEvidence } from "./verify-evidence.ts";

/**
 * The action properties that a set always stores. It omits a property that another property implies, or that would make
 * the state too large.
 */
const alwaysInSet: readonly string[] = ["status", "type", "machineId", "creationDateTimeUtc"];

/** Why an action that the record declares, and that no run has read, cannot be verified where the API lacks it too. */
export const inNeither = "neither the record nor the API has it";

/**
 * Compares one stored cancellation with Defender now. `observation`: undefined where the API does not have the action.
 */
export function verifyAction(entry: CancellationEntry, observation: Observation | undefined, place: Place): Finding[] {
    const findings = collectFindings(entry.machineActionId);
    if (isNeverRead(entry)) {
        // The run ended before it read the action, or the API did not find the action. In both cases, the record says
        // nothing about the action, so that nothing can be compared.
        findings.add("status", "unverifiable", { why: observation ? "the record has no reading of it" : inNeither });
    } else if (observation) {
        compareKnown(entry, observation, findings);
        compareRequest(entry, observation.action, findings);
        compareEffect(entry, observation.action, findings);
    } else {
        findings.add("machineActionId", "gone", {
            why: "the API does not have this action: the id is wrong, or its retention has ended",
        });
    }
    checkForms(entry, findings);
    verifyActionEvidence(entry, observation, place, findings);
    return findings.all;
}

/**
 * For a record with secrets: compares only the action's readable properties with Defender, because every other check
 * may need a secret value.
 */
export function verifyClearValues(entry: CancellationEntry, observation: Observation | undefined): Finding[] {
    const findings = collectFindings(entry.machineActionId);
    if (observation && !isSecret(entry.result)) {
        compareKnown(entry, observation, findings);
    }
    return findings.all;
}

/** Whether the record says that the action was declared, and never read. */
export function isNeverRead({ result }: CancellationEntry): boolean {
    return result.status === undefined && result.type === undefined && typeof result.failure === "string";
}

/** How far Defender confirms these records. `differs`: a value is to check. `part`: no run has read some of the actions. */
export type Confirmation = "differs" | "whole" | "part" | "nothing";

export function confirmationOf(findings: readonly Finding[], entries: readonly CancellationEntry[]): Confirmation {
    if (findings.some(({ verdict }) => needsCheck(verdict))) {
        return "differs";
    }
    const unread = entries.filter(isNeverRead).length;
    if (!findings.some(({ verdict }) => verdict === "match") || unread === entries.length) {
        return "nothing";
    }
    return unread === 0 ? "whole" : "part";
}

/** The properties that change when an action ends. */
const changing: readonly string[] = ["status", "lastUpdateDateTimeUtc", "errorHResult"];

/** Whether the record has no proof of the action's end, so that the action's status may have changed since. */
function mayHaveMoved({ result, outcome }: CancellationEntry): boolean {
    return outcome === "unproven" && (result.status === "Pending" || result.status === "InProgress");
}

function compareKnown(entry: CancellationEntry, observation: Observation, findings: Findings): void {
    const { result, evidence, resource } = entry;
    const isInSet = isSet(resource);
    // If the hashes are equal, this answer has the same bytes as the one that proved the cancellation, so even
    // fractions of a second must match.
    const isSameAnswer = evidence.proofSha256 === actionSha256(observation.raw);
    for (const name of actionProperties) {
        const seen: KnownAction = { ...observation.action, commandSummary: summarizeCommands(observation.action) };
        const [stored, found] = [result[name], seen[name]];
        const isLeftOut =
            stored === undefined && (isInSet ? !alwaysInSet.includes(name) : isAddedLater(name, evidence));
        // rc.1 stored empty texts of the API.
        if (isLeftOut || ((stored === undefined || stored === "") && found === undefined)) {
            continue;
        }
        if (mayHaveMoved(entry) && stored !== found && (changing.includes(name) || name.startsWith("cancellation"))) {
            const reread = resource.applied
                ? "`defender-cancellation apply` with the same file reads it again"
                : "`pulumi refresh`";
            const why = `the record proves no end, and Defender now shows ${found ?? "nothing"}: ${reread}`;
            findings.plausible(name, stored, true, why);
        } else if (name.endsWith("Utc") && typeof stored === "string" && typeof found === "string") {
            compareTime(name, stored, found, { isInSet, isSameAnswer }, findings);
        } else {
            findings.same(name, stored, found);
        }
    }
}

/**
 * Whether a complete record may lack the property: records of rc.1 do not have all properties, and commands can appear
 * after the proof.
 */
function isAddedLater(name: string, { packageVersion = "1.0.0-rc.1" }: CancellationEntry["evidence"]): boolean {
    const isOld = packageVersion === "1.0.0-rc.1" && ["title", "externalId", "relatedFileInfo"].includes(name);
    return isOld || name === "commandSummary";
}

function compareTime(
    name: string,
    stored: string,
    found: string,
    { isInSet, isSameAnswer }: { isInSet: boolean; isSameAnswer: boolean },
    findings: Findings,
): void {
    const cut = isInSet ? found.replace(/(\.\d{3})\d*Z$/, "$1Z") : found;
    const isShifted = !isSameAnswer && !isInSet && isNear(stored, found, shiftMs);
    findings.same(name, stored, isShifted ? stored : cut);
}

/**
 * Compares the parts of the request that are in Defender but not in the evidence: the declaration's name and the time.
 */
function compareRequest(entry: CancellationEntry, action: MachineAction, findings: Findings): void {
    if (!showsOurs(entry)) {
        return;
    }
    const { requestedAtUtc, declaredBy, evidence } = entry;
    const { owner } = tagIn(action.cancellationComment);
    if (owner !== tagOwner(declaredBy) && owner !== undefined && owner === tagIn(evidence.commentSent).owner) {
        findings.plausible("declaredBy", declaredBy, true, `the request was sent under the earlier name ${owner}`);
    } else {
        findings.same("declaredBy", tagOwner(declaredBy), owner, "the tag in Defender names another declaration");
    }
    const near = nearRule("Defender's time of the cancellation", action.cancellationDateTimeUtc);
    findings.plausible("requestedAtUtc", requestedAtUtc, near.holds(requestedAtUtc), near.why);
}

/**
 * Checks the effect and the outcome against Defender's data. Several effects can be possible, because only the state
 * has the earlier observations.
 */
function compareEffect(entry: CancellationEntry, action: MachineAction, findings: Findings): void {
    const { effect, outcome, statusBeforeCancel, evidence } = entry;
    if (effect === "unproven") {
        return;
    }
    const possible = new Set([effectOf(action, false), effectOf(action, false, true)]);
    if (outcome === "cancelled" && statusBeforeCancel === "Pending" && wasReadBefore(entry)) {
        possible.add(effectOf(action, true));
    }
    findings.plausible(
        "effect",
        effect,
        possible.has(effect as "ran"),
        `possible with the known data: ${[...possible].join(" or ")}`,
    );
    const outcomes = {
        Cancelled: evidence.commentSent === undefined ? ["adopted"] : ["cancelled", "adopted"],
        TimeOut: ["expired"],
        Succeeded: ["tooLate"],
        Failed: ["tooLate"],
    }[action.status as "Failed"];
    findings.plausible(
        "outcome",
        outcome,
        outcomes?.includes(outcome) ?? false,
        `the status in Defender is ${action.status}`,
    );
}

/**
 * Whether the reading before the request was recent enough, with a tolerance of one second. Records of rc.1 do not have
 * the time of this reading, and count as recent enough.
 */
function wasReadBefore({ evidence: { observedAtUtc }, requestedAtUtc }: CancellationEntry): boolean {
    const ageMs = Date.parse(requestedAtUtc ?? "") - Date.parse(observedAtUtc ?? "");
    return observedAtUtc === undefined || (ageMs > -1_000 && ageMs < maxReadingAgeMs + 1_000);
}

/** Checks values that only the state has. They cannot be compared, but they can be impossible. */
function checkForms(entry: CancellationEntry, findings: Findings): void {
    const { result, requestedAtUtc, confirmedAtUtc, adoptedFrom, statusBeforeCancel, reissues } = entry;
    const check = (field: string, value: unknown, holds: boolean, why: string) => {
        if (value !== undefined) {
            findings.plausible(field, value, holds, why);
        }
    };
    check("requestedAtUtc", requestedAtUtc, timeRule(requestedAtUtc), "a time in UTC");
    const isAfter =
        requestedAtUtc === undefined || !(Date.parse(`${confirmedAtUtc}`) < Date.parse(requestedAtUtc) - 999);
    check("confirmedAtUtc", confirmedAtUtc, timeRule(confirmedAtUtc) && isAfter, "a time after the request");
    check("statusBeforeCancel", statusBeforeCancel, isKnownStatus(statusBeforeCancel ?? ""), "a status of an action");
    check("adoptedFrom", adoptedFrom, adoptedFrom === "ourselves" || adoptedFrom === "others", "ourselves or others");
    check("failure", result.failure, /^ERR_DEFENDER_[A-Z_]+$/.test(String(result.failure)), "the code of an error");
    const { reissueCounts } = result;
    const isCount = isReissueCounts(reissueCounts) && reissueCounts.total >= reissues.length;
    check("reissueCounts", reissueCounts, isCount, "at least the listed re-issues");
    for (const { id, status } of reissues) {
        check(`reissues.${id}`, status, isKnownStatus(status), "a re-issue as it was last seen");
    }
}
