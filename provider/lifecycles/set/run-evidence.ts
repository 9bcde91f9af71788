import { createHash } from "node:crypto";
import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { type CommonEvidence, commonEvidenceNames, type Evidence, type RunEvidence } from "../../model/evidence.ts";
import type { Properties } from "../../schema/input-rules.ts";
import { compareTimes } from "../../system/clock.ts";

/** The stored evidence of the runs that sent a cancel request. */
export function runsOf(properties: Properties): readonly RunEvidence[] {
    return Array.isArray(properties.evidence) ? (properties.evidence as RunEvidence[]) : [];
}

/**
 * Whether this is the evidence of a request of this run. For a request of an earlier run, these parts are stored with
 * that run.
 */
function isOfRun(evidence: Partial<Evidence> | undefined): evidence is Evidence {
    return evidence?.commentSent !== undefined && evidence.digest !== undefined && evidence.apiHost !== undefined;
}

/** The evidence of a run, from its results with a cancel request; undefined if there are none. */
export function evidenceOfRun(results: readonly CancellationResult[]): RunEvidence | undefined {
    const times = results.flatMap(({ record }) => record.requestedAtUtc ?? []).sort(compareTimes);
    const evidence = results.map(({ record }) => record.evidence).filter(isOfRun);
    const [first, last] = [times[0], times.at(-1)];
    if (evidence.length === 0 || first === undefined || last === undefined) {
        return undefined;
    }
    const lines = results
        .flatMap(({ machineActionId, record }) =>
            record.evidence?.proofSha256 ? [`${machineActionId} ${record.evidence.proofSha256}`] : [],
        )
        .sort();
    // Takes the first result with a value, because not every request needed an approval.
    const common = commonEvidenceNames.flatMap((name) => {
        const value = evidence.find((one) => one[name] !== undefined)?.[name];
        return value === undefined ? [] : [[name, value] as const];
    });
    return {
        ...(Object.fromEntries(common) as unknown as CommonEvidence),
        firstRequestUtc: first,
        lastRequestUtc: last,
        requested: times.length,
        proofsSha256: createHash("sha256").update(lines.join("\n")).digest("hex"),
    };
}
