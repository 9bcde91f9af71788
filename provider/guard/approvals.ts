import { createHash } from "node:crypto";
import { DefenderError } from "../model/errors.ts";
import { isMachineId } from "../model/machine-action.ts";
import { describeValue } from "../text/sanitize.ts";

/** The approval of one declaration. It covers the protections that the preview showed, and none that came later. */
export interface Approval {
    /** The declaration digest: 64 hexadecimal digits, lower case. */
    readonly digest: string;
    /** Made by {@link approvalPair}. */
    readonly pairs: readonly string[];
}

/**
 * The pair that approves one rule on one machine for one declaration. It is the first 16 hexadecimal digits of SHA-256
 * over `DIGEST\nMACHINE ID\nRULE` in UTF-8, with digest and machine id in lower case. Undefined where the API does not
 * return the machine, because an approval of one unknown machine would approve all unknown machines.
 */
export function approvalPair(digest: string, machineId: string | undefined, rule: string): string | undefined {
    return machineId === undefined || !isMachineId(machineId)
        ? undefined
        : createHash("sha256")
              .update(`${digest.toLowerCase()}\n${machineId.toLowerCase()}\n${rule}`)
              .digest("hex")
              .slice(0, 16);
}

/** One approval in the form that `DEFENDER_APPROVED_DIGEST` takes. */
export function approvalText(digest: string, pairs: Iterable<string>): string {
    return `${digest}:${[...new Set(pairs)].sort().join("+")}`;
}

/**
 * The approvals in `DEFENDER_APPROVED_DIGEST`, separated by commas or white space. Approvals of one declaration add up.
 *
 * Only whole digests are accepted. An author could write one declaration to be approved and another to be run. About
 * 2^24 tries, which take seconds, are enough to find two that share the first 12 digits (48 bits).
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for anything else, because a value that approves nothing would look like an
 * approval.
 */
export function parseApprovals(text: string | undefined): Approval[] {
    const approvals = new Map<string, Set<string>>();
    for (const given of (text ?? "").split(/[\s,]+/).filter((part) => part !== "")) {
        const [digest = "", pairs, ...rest] = given.toLowerCase().split(":");
        if (!/^[0-9a-f]{64}$/.test(digest) || rest.length > 0) {
            throw wrong(given, "Shorter digests can be forged");
        }
        if (pairs === undefined) {
            throw wrong(
                given,
                "A bare digest approves nothing (since 1.0.0-rc.2). Run the preview again, and review its output",
            );
        }
        const known = approvals.get(digest) ?? new Set();
        approvals.set(digest, known);
        for (const pair of pairs.split("+")) {
            if (!/^[0-9a-f]{16}$/.test(pair)) {
                throw wrong(given, `${describeValue(pair)} is not a pair`);
            }
            known.add(pair);
        }
    }
    return [...approvals].map(([digest, pairs]) => ({ digest, pairs: [...pairs] }));
}

function wrong(given: string, why: string): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_CONFIGURATION",
        `DEFENDER_APPROVED_DIGEST holds ${describeValue(given)}: expected DIGEST:PAIR+PAIR… with a declaration digest of 64 ` +
            "hexadecimal digits and pairs of 16, as a preview prints them where an approval is needed (separate " +
            `several approvals by commas or white space). ${why}`,
    );
}
