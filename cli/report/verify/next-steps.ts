import { openStatuses } from "../../filter-parts.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { type Finding, subjectOf } from "./finding.ts";
import { inNeither } from "./verify-action.ts";

/** What to do about the findings on these entries. One step for each cause. */
export function nextSteps(findings: readonly Finding[], entries: readonly CancellationEntry[]): string[] {
    const ids = new Set(entries.map(({ machineActionId }) => machineActionId));
    const gone = new Set(
        findings.filter(({ verdict, why }) => verdict === "gone" || why === inNeither).map(({ where }) => where),
    );
    const drifted = new Set(findings.filter(isDrift).map(({ where }) => where));
    const ofStack = new Set(
        entries.flatMap(({ machineActionId, resource }) => (resource.applied === undefined ? machineActionId : [])),
    );
    const others = findings.filter((one) => one.verdict === "mismatch" && !drifted.has(subjectOf(one)));
    return [
        ...([...drifted].some((id) => ofStack.has(id)) ? [cancelAgain.ofStack] : []),
        ...([...drifted].some((id) => !ofStack.has(id)) ? [cancelAgain.ofApply] : []),
        ...(gone.size > 0 && gone.size === ids.size
            ? ["next: Defender has none of these actions: check that this is the tenant of the record"]
            : []),
        ...(others.length > 0
            ? [
                  "next: find out who changed the record or the action: compare the record with an earlier export or report",
              ]
            : []),
    ];
}

const cancelAgain = {
    ofStack: "next: `pulumi up --refresh --run-program` cancels again the actions that are no longer Cancelled",
    ofApply:
        "next: `defender-cancellation apply` with the same file cancels again the actions that are no longer Cancelled",
} as const;

/** Whether the action goes on again. Its other values then differ too, and say nothing about the record. */
function isDrift({ verdict, field, stored, found }: Finding): boolean {
    const isOpen = found !== undefined && openStatuses.includes(found);
    return verdict === "mismatch" && field === "status" && stored === "Cancelled" && isOpen;
}
