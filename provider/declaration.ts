import { createHash } from "node:crypto";
import { cleanText } from "./foreign-text.ts";

/** What one entry of a declaration asks for, as far as a reviewer approves it. */
export interface DeclaredCancellation {
    readonly machineActionId: string;
    readonly ifAlreadyFinal?: string | undefined;
}

/**
 * The declaration digest: SHA-256, in hexadecimal, over the sorted ids with their policies, each with its default
 * filled in. The same declaration has the same digest in preview, in the comment that Defender shows and in the
 * evidence; anything changed afterwards has another.
 */
export function declarationDigest(declared: readonly DeclaredCancellation[]): string {
    const canonical = declared
        .map(({ machineActionId, ifAlreadyFinal = "fail" }) => ({
            ifAlreadyFinal,
            machineActionId: machineActionId.toLowerCase(),
            onReissue: "drift",
            reissueWindowHours: 72,
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
    const owner = cleanText(declaredBy ?? "unknown").replace(/[[\]]/g, "_");
    return `${comment} ${tagStart}${owner} ${shortDigest(digest)}]`;
}
