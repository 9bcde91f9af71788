import { createHash } from "node:crypto";
import { utc } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** What one entry of a declaration asks for, as far as a reviewer approves it. */
export interface ApprovedContent {
    readonly machineActionId: string;
    readonly expect: Readonly<Record<string, string | undefined>> | undefined;
    readonly notAfter: string | undefined;
    readonly ifAlreadyFinal: string;
    readonly onReissue: string;
    readonly reissueWindowHours: number;
}

/**
 * The declaration digest: SHA-256, in hexadecimal, over the sorted ids with what is expected of each, until when it
 * may be cancelled, and the policies, each with its default filled in. The same declaration has the same digest in
 * preview, in the comment that Defender shows and in the evidence; anything changed afterwards has another.
 */
export function declarationDigest(declared: readonly ApprovedContent[]): string {
    const canonical = declared
        .map(({ machineActionId, expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours }) => ({
            ...(expect ? { expect: Object.fromEntries(Object.entries(expect).sort()) } : {}),
            ifAlreadyFinal,
            machineActionId: machineActionId.toLowerCase(),
            // However it is written, it is the same moment.
            ...(notAfter ? { notAfter: utc(Date.parse(notAfter)) } : {}),
            onReissue,
            reissueWindowHours,
        }))
        .sort((one, other) => (one.machineActionId < other.machineActionId ? -1 : 1));
    return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}

/** The digest as people read it: its first 12 digits. */
export function shortDigest(digest: string): string {
    return digest.slice(0, 12);
}

const tagStart = "[pulumi ";

/** Whether a comment holds text that could be taken for the tag. */
export function imitatesTag(comment: string): boolean {
    return comment.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").includes(tagStart.trimEnd());
}

/**
 * The comment as it is sent: the declared one, then a tag that says in Defender which declaration asked for it:
 * `[pulumi PROJECT/STACK/NAME DIGEST]`.
 */
export function taggedComment(comment: string, declaredBy: string | undefined, digest: string): string {
    return `${comment} ${tagStart}${tagOwner(declaredBy)} ${shortDigest(digest)}]`;
}

/** Whose tag a comment in Defender ends with, as {@link tagOwner} has it, and the short digest in it. */
export function tagIn(comment: string | undefined): { readonly owner?: string; readonly digest?: string } {
    const [, owner, digest] = /\[pulumi (.*) ([0-9a-f]{12})\]$/.exec(comment ?? "") ?? [];
    return owner !== undefined && digest !== undefined ? { owner, digest } : {};
}

/** Whether a comment in Defender ends with the tag of this declaration, with any digest. */
export function hasTagOf(comment: string | undefined, declaredBy: string | undefined): boolean {
    return tagIn(comment).owner === tagOwner(declaredBy);
}

/** A declaration's name as its tag shows it. */
export function tagOwner(declaredBy: string | undefined): string {
    return sanitize(declaredBy ?? "unknown").replace(/[[\]]/g, "_");
}
