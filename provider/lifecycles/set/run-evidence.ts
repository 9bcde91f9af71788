import { createHash } from "node:crypto";
import type { CancellationResult } from "../../cancel/cancel-context.ts";
import type { Evidence } from "../../model/outputs.ts";
import type { Properties } from "../../schema/input-rules.ts";

/** What the cancel requests of one run have in common. */
export interface RunEvidence
    extends Pick<
        Evidence,
        | "commentSent"
        | "digest"
        | "tenantId"
        | "apiHost"
        | "appId"
        | "packageVersion"
        | "guardSha256"
        | "approvedDigest"
    > {
    /** When the first and the last of them were sent, RFC 3339. */
    readonly firstRequestUtc: string;
    readonly lastRequestUtc: string;
    /** How many actions they were for. */
    readonly requested: number;
    /** SHA-256, in hexadecimal, over a line `ID SHA256-OF-THE-PROOF` for each that was proven, sorted. */
    readonly proofsSha256: string;
}

/** The names that a {@link RunEvidence} may have: all of them, or this does not compile. */
export const runEvidenceNames: readonly string[] = Object.keys({
    commentSent: true,
    digest: true,
    tenantId: true,
    apiHost: true,
    appId: true,
    packageVersion: true,
    guardSha256: true,
    approvedDigest: true,
    firstRequestUtc: true,
    lastRequestUtc: true,
    requested: true,
    proofsSha256: true,
} satisfies Record<keyof RunEvidence, true>);

/** The runs that sent something, as they are stored. */
export function runsOf(properties: Properties): readonly RunEvidence[] {
    return Array.isArray(properties.evidence) ? (properties.evidence as RunEvidence[]) : [];
}

/** Whether it is the evidence of a request of this run: what an earlier run sent has these parts with that run. */
function isOfRun(evidence: Partial<Evidence> | undefined): evidence is Evidence {
    return evidence?.commentSent !== undefined && evidence.digest !== undefined && evidence.apiHost !== undefined;
}

/** The evidence of a run, by those of its results that a cancel request was sent for; undefined when none was. */
export function evidenceOfRun(results: readonly CancellationResult[]): RunEvidence | undefined {
    const times = results.flatMap(({ record }) => record.requestedAtUtc ?? []).sort();
    const evidence = results.map(({ record }) => record.evidence).find(isOfRun);
    const [first, last] = [times[0], times.at(-1)];
    if (!evidence || first === undefined || last === undefined) {
        return undefined;
    }
    const lines = results
        .flatMap(({ machineActionId, record }) =>
            record.evidence?.proofSha256 ? [`${machineActionId} ${record.evidence.proofSha256}`] : [],
        )
        .sort();
    const { commentSent, digest, tenantId, apiHost, appId, packageVersion, guardSha256 } = evidence;
    // Not each of them needed an approval.
    const approvedDigest = results.flatMap(({ record }) => record.evidence?.approvedDigest ?? [])[0];
    return {
        commentSent,
        digest,
        tenantId,
        apiHost,
        appId,
        packageVersion,
        ...(guardSha256 === undefined ? {} : { guardSha256 }),
        ...(approvedDigest === undefined ? {} : { approvedDigest }),
        firstRequestUtc: first,
        lastRequestUtc: last,
        requested: times.length,
        proofsSha256: createHash("sha256").update(lines.join("\n")).digest("hex"),
    };
}
