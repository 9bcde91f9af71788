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
 * Whether this is the evidence of a request of this run. A result of an earlier run lacks these fields, because they
 * are stored with that run.
 */
function isOfRun(evidence: Partial<Evidence> | undefined): evidence is Evidence {
    return evidence?.commentSent !== undefined && evidence.digest !== undefined && evidence.apiHost !== undefined;
}

/**
 * The evidence of a run before its first proof. `results`: the results for which the run sent a cancel request.
 * Undefined if the run sent none.
 */
export function evidenceOfRun(results: readonly CancellationResult[]): RunEvidence | undefined {
    const times = results.flatMap(({ record }) => record.requestedAtUtc ?? []).sort(compareTimes);
    const evidence = results.map(({ record }) => record.evidence).filter(isOfRun);
    const [first, last] = [times[0], times.at(-1)];
    if (evidence.length === 0 || first === undefined || last === undefined) {
        return undefined;
    }
    // Takes each value from the first result that has it. A value can be missing, because not every request needed an
    // approval.
    const common = commonEvidenceNames.flatMap((name) => {
        const value = evidence.find((one) => one[name] !== undefined)?.[name];
        return value === undefined ? [] : [[name, value] as const];
    });
    return {
        ...(Object.fromEntries(common) as unknown as CommonEvidence),
        firstRequestUtc: first,
        lastRequestUtc: last,
        requested: times.length,
        ...coverage([]),
    };
}

/**
 * The evidence of all runs, brought up to date with the results. A proof counts for the run that sent the last request
 * for the action, even if another run or a refresh found the proof. `before`: the stored results. They show which
 * actions have left a run since.
 *
 * rc.1 stored results without the hash of their proof. The proofs of a run of rc.1 are therefore counted only when all
 * its proven results have that hash.
 */
export function updateRuns(
    runs: readonly RunEvidence[],
    results: ReadonlyMap<string, Properties>,
    before: ReadonlyMap<string, Properties> = results,
): readonly RunEvidence[] {
    return runs.map((run, index) => {
        const members = [...results].filter(([, result]) => result.run === index);
        const left = [...before].filter(([id, { run: old }]) => old === index && results.get(id)?.run !== index).length;
        const leftRun = left > 0 ? { leftRun: (run.leftRun ?? 0) + left } : {};
        const proofs = proofsOf(members);
        const isKnown = proofs !== undefined && (run.proofs !== undefined || proofs.length > 0);
        return { ...run, ...leftRun, ...(isKnown ? coverage(proofs) : {}) };
    });
}

/** The lines that a run's hash covers. Undefined if rc.1 proved a result, because rc.1 stored no hash of proofs. */
export function proofsOf(members: readonly (readonly [id: string, result: Properties])[]): string[] | undefined {
    const isWithoutHash = ([, { confirmedAtUtc, proofSha256 }]: (typeof members)[number]) =>
        confirmedAtUtc !== undefined && proofSha256 === undefined;
    return members.some(isWithoutHash)
        ? undefined
        : members.flatMap(([id, { proofSha256 }]) => (proofSha256 === undefined ? [] : [`${id} ${proofSha256}`]));
}

/** The fields of a run's evidence that follow from its proofs. */
export function coverage(proofs: readonly string[]): Required<Pick<RunEvidence, "proofs" | "proofsSha256">> {
    return { proofs: proofs.length, proofsSha256: proofsHash(proofs) };
}

/** The hash over the lines of {@link proofsOf}. */
export function proofsHash(lines: readonly string[]): string {
    return createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
}
