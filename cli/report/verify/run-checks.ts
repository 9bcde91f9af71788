import { proofsHash, proofsOf } from "../../../provider/lifecycles/set/run-evidence.ts";
import { actionSha256 } from "../../../provider/model/action-hash.ts";
import { evidenceFields } from "../../../provider/model/evidence.ts";
import { isProven } from "../../../provider/model/outputs.ts";
import { numberIn, type Properties } from "../../../provider/schema/input-rules.ts";
import type { InRecord, RunContext } from "./record-context.ts";

/** Checks what the evidence of a run says about all its actions together: their number and their proofs. */

type RunValue = InRecord<RunContext>;

const sha256 = /^[0-9a-f]{64}$/;

/** Compares the number of results with the number of requests. */
export function compareRequested({ field, value, ofRun, run, requestedAgain, findings }: RunValue): void {
    const left = numberIn(run.leftRun) ?? 0;
    const accounted = ofRun.size + left;
    const why = `${ofRun.size} results belong to this run, and ${left} actions have left it`;
    if (!Number.isInteger(value) || Number(value) < accounted) {
        findings.add(field, "mismatch", { stored: String(value), why });
        return;
    }
    // rc.1 does not record which actions have left a run.
    const explained = accounted + (run.proofs === undefined ? requestedAgain : 0);
    if (Number(value) > explained) {
        const lacking = Number(value) - accounted;
        findings.add(field, "missing", {
            stored: String(value),
            why: `${why}: ${lacking} requests of the run have no result in this record`,
        });
    } else {
        findings.add(field, "unverifiable", { stored: String(value), why });
    }
}

/**
 * Compares the stored number of proofs behind a run's hash with the number of proofs in its results. rc.1 does not
 * store this number.
 */
export function compareCoverage({ field, value, ofRun, findings }: RunValue): void {
    const lines = proofsOf([...ofRun]);
    if (value !== undefined) {
        findings.same(field, value, lines?.length, "the proofs of the run's results");
    } else if (lines !== undefined && lines.length > 0) {
        findings.add(field, "mismatch", { why: "missing, although the results have the hashes of their proofs" });
    }
}

/** Compares the hash over the proofs of a run. */
export function compareProofs(one: RunValue): void {
    const { field, value, ofRun, run, findings } = one;
    const lines = proofsOf([...ofRun]);
    if (run.proofs === undefined) {
        compareWithDefender(one);
    } else {
        const found = lines && proofsHash(lines);
        findings.same(field, value, found, "the hash over the proofs of the run's results");
    }
}

/**
 * Compares the hash that rc.1 wrote when a run ended with the actions as Defender shows them now. The hash covers only
 * the proofs that were known when the run ended.
 */
function compareWithDefender({ field, value, ofRun, run, observations, findings }: RunValue): void {
    const found = String(value);
    if (value === proofsHash([])) {
        findings.add(field, "unverifiable", {
            stored: found,
            why: "it covers no proof: the run ended before the first",
        });
        return;
    }
    const proven = [...ofRun].filter(([, { confirmedAtUtc, proofSha256 }]) => confirmedAtUtc && !proofSha256);
    const lines = proven.flatMap(([id, { confirmedAtUtc }]) => {
        const observation = observations.get(id);
        return observation ? [{ at: String(confirmedAtUtc), line: `${id} ${actionSha256(observation.raw)}` }] : [];
    });
    const covered = coveredBy(found, lines);
    if (covered !== undefined && covered === ofRun.size) {
        findings.add(field, "match", { stored: found });
        return;
    }
    if (covered !== undefined) {
        findings.add(field, "match", {
            stored: found,
            why: `${covered} proofs, those that the run knew when it ended`,
        });
        findings.add(field, "unverifiable", {
            why: `${ofRun.size - covered} results of the run were not proven by then`,
        });
        return;
    }
    const isChanged = proven.some(([, result]) => !isProven(result) || result.outcome === "adopted");
    if (ofRun.size !== run.requested || lines.length !== proven.length || isChanged) {
        findings.plausible(field, value, sha256.test(found), evidenceFields.proofsSha256.mustBe ?? "");
    } else {
        const why = "the actions now differ from the bytes that proved the cancellations";
        findings.add(field, "mismatch", { stored: found, found: proofsHash(lines.map(({ line }) => line)), why });
    }
}

/** How many proofs, counted from the earliest, give this hash; undefined if no number of proofs does. */
function coveredBy(
    hash: string,
    proofs: readonly { readonly at: string; readonly line: string }[],
): number | undefined {
    const times = [...new Set(proofs.map(({ at }) => at))].sort().reverse();
    for (const until of times) {
        const known = proofs.filter(({ at }) => at <= until).map(({ line }) => line);
        if (proofsHash(known) === hash) {
            return known.length;
        }
    }
    return undefined;
}

/** How many results of runs after this one had more than one request. */
export function countRequestedAgain(results: ReadonlyMap<string, Properties>, index: number): number {
    return [...results.values()].filter(({ run, posts }) => Number(run) > index && Number(posts) > 1).length;
}
