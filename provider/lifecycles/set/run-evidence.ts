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

/** The evidence of a run before its first proof, from its results with a cancel request; undefined if there are none. */
export function evidenceOfRun(results: readonly CancellationResult[]): RunEvidence | undefined {
    const times = results.flatMap(({ record }) => record.requestedAtUtc ?? []).sort(compareTimes);
    const evidence = results.map(({ record }) => record.evidence).filter(isOfRun);
    const [first, last] = [times[0], times.at(-1)];
    if (evidence.length === 0 || first === undefined || last === undefined) {
        return undefined;
    }
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
        ...coverage([]),
    };
}

/**
 * The evidence of all runs, brought up to date with the results: whichever run or refresh proves an action, the proof
 * counts for the run that sent its last request. `before`: the stored results, from which an action may have left its
 * run.
 *
 * The evidence of a run of rc.1 changes only once all its proven results have the hash of their proof, because rc.1
 * did not store that hash with a result.
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

/** The lines that the hash of a run covers; undefined where rc.1 proved a result without storing the hash of its proof. */
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
