import { createHash } from "node:crypto";
import { utc } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** The parts of one entry of a declaration that a reviewer approves. */
export interface ApprovedContent {
    readonly machineActionId: string;
    readonly expect: Readonly<Record<string, string | undefined>> | undefined;
    readonly notAfter: string | undefined;
    readonly ifAlreadyFinal: string;
    readonly onReissue: string;
    readonly reissueWindowHours: number;
}

/**
 * The declaration digest: SHA-256, in hexadecimal, over the entries sorted by id. Each entry has its `expect`, its
 * `notAfter`, and its policies with the defaults filled in. The same declaration has the same digest in preview, in the
 * comment that Defender shows and in the evidence. A declaration that was changed afterwards has another digest.
 */
export function declarationDigest(declared: readonly ApprovedContent[]): string {
    const canonical = declared
        .map(({ machineActionId, expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours }) => ({
            ...(expect ? { expect: Object.fromEntries(Object.entries(expect).sort()) } : {}),
            ifAlreadyFinal,
            machineActionId: machineActionId.toLowerCase(),
            // As UTC, so that the same moment has the same digest however it is written.
            ...(notAfter ? { notAfter: utc(Date.parse(notAfter)) } : {}),
            onReissue,
            reissueWindowHours,
        }))
        .sort((one, other) => (one.machineActionId < other.machineActionId ? -1 : 1));
    return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}

/** The digest as messages show it: its first 12 digits. */
export function shortDigest(digest: string): string {
    return digest.slice(0, 12);
}

const tagStart = "[pulumi ";

/** Whether a comment contains text that a reader could take for the tag. */
export function imitatesTag(comment: string): boolean {
    return comment.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").includes(tagStart.trimEnd());
}

/**
 * The comment as it is sent: the declared comment, then the tag `[pulumi PROJECT/STACK/NAME DIGEST]`, which shows in
 * Defender which declaration requested the cancellation.
 */
export function taggedComment(comment: string, declaredBy: string | undefined, digest: string): string {
    return `${comment} ${tagStart}${tagOwner(declaredBy)} ${shortDigest(digest)}]`;
}

/**
 * Reads the tag at the end of a comment in Defender: its owner, in the form of {@link tagOwner}, and its short digest.
 */
export function tagIn(comment: string | undefined): { readonly owner?: string; readonly digest?: string } {
    const [, owner, digest] = /\[pulumi (.*) ([0-9a-f]{12})\]$/.exec(comment ?? "") ?? [];
    return owner !== undefined && digest !== undefined ? { owner, digest } : {};
}

/** Whether a comment in Defender ends with the tag of this declaration, with any digest. */
export function hasTagOf(comment: string | undefined, declaredBy: string | undefined): boolean {
    return tagIn(comment).owner === tagOwner(declaredBy);
}

/** Whether a comment in Defender ends with the tag of any declaration of the same project and stack. */
export function hasTagOfStack(comment: string | undefined, declaredBy: string | undefined): boolean {
    const { owner } = tagIn(comment);
    return owner !== undefined && stackOf(owner) === stackOf(tagOwner(declaredBy));
}

/** The project and the stack in "project/stack/name"; the whole text if it has another form. */
export function stackOf(declaredBy: string): string {
    return /^[^/]*\/[^/]*(?=\/)/.exec(declaredBy)?.[0] ?? declaredBy;
}

/** The name of a declaration as its tag shows it. */
export function tagOwner(declaredBy: string | undefined): string {
    return sanitize(declaredBy ?? "unknown").replace(/[[\]]/g, "_");
}
