import { DefenderError } from "../errors.ts";
import { describeValue } from "../foreign-text.ts";

/**
 * The declaration digests in `DEFENDER_APPROVED_DIGEST`, separated by commas or spaces.
 *
 * Only whole ones: whoever writes two declarations, one to be approved and one to be run, finds a pair that shares its
 * first 12 digits (48 bits) within some 2^24 tries, which is seconds.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for anything else: an approval that never fits would look like one that does.
 */
export function parseApprovals(text: string | undefined): string[] {
    const given = (text ?? "").split(/[\s,]+/).filter((part) => part !== "");
    for (const digest of given) {
        if (!/^[0-9a-f]{64}$/i.test(digest)) {
            throw new DefenderError(
                "ERR_DEFENDER_CONFIGURATION",
                `DEFENDER_APPROVED_DIGEST holds ${describeValue(digest)}: expected whole declaration digests of 64 ` +
                    "hexadecimal digits, as a preview prints them where an approval is needed. Shorter ones can be forged",
            );
        }
    }
    return given.map((digest) => digest.toLowerCase());
}
