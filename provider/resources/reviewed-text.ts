import * as pulumi from "@pulumi/pulumi";
import { isObject } from "../schema/input-rules.ts";
import { plainComment, plainExpect, secretIdIsAllowed } from "../schema/secret-text.ts";

/** The arguments of a resource that hold reviewed text, as the program gives them. */
export interface ReviewedArgs {
    readonly comment: pulumi.Input<string>;
    readonly expect?: unknown;
    readonly cancellations?: unknown;
}

/**
 * One rule for all text that a reviewer approves, which is `comment` and each `expect`: it must not be secret. Defender
 * shows the comment; previews, errors and the results of a set show what was expected. A secret Output is refused
 * before anything is registered, in preview too. Ids, times and policies may be secret.
 *
 * Returns the comment. If reviewed text is secret, the comment rejects, and so the resource is not registered.
 */
export function refuseSecretText({ comment, expect, cancellations }: ReviewedArgs): pulumi.Input<string> {
    const isPlain = [comment, expect, cancellations].every((value) => !mayBeSecret(value));
    if (isPlain) {
        return comment;
    }
    const checked = secretTextIn({ comment, expect, cancellations }).then((secret) => {
        if (secret !== undefined) {
            throw new pulumi.RunError(secret);
        }
        return comment;
    });
    return pulumi.output(checked);
}

/** Says which reviewed text is secret, and what is expected; undefined where none is. */
export async function secretTextIn({ comment, expect, cancellations }: ReviewedArgs): Promise<string | undefined> {
    if (await isSecret(comment)) {
        return `comment is a secret Output: ${plainComment}`;
    }
    if (await isSecret(expect)) {
        return `expect is secret, or a part of it is: ${plainExpect}`;
    }
    const at = await secretEntry(cancellations);
    return at === undefined ? undefined : `${at} is secret, or a part of it is: ${plainExpect}. ${secretIdIsAllowed}`;
}

/** The path of the first `expect` of a set that is secret. A secret list makes all that it holds secret. */
async function secretEntry(cancellations: unknown): Promise<string | undefined> {
    const list = await Promise.resolve(cancellations);
    if (!Array.isArray(list)) {
        return (await isSecret(list)) && (await holdsExpect(list)) ? "expect in cancellations" : undefined;
    }
    for (const [at, given] of list.entries()) {
        const entry: unknown = await given;
        const expect = isObject(entry) && !pulumi.Output.isInstance(entry) ? entry.expect : entry;
        if ((await isSecret(expect)) && (expect !== entry || (await holdsExpect([entry])))) {
            return `cancellations[${at}].expect`;
        }
    }
    return undefined;
}

/** Whether an entry has an `expect`. False as long as a preview does not know the entries. */
async function holdsExpect(cancellations: unknown): Promise<boolean> {
    let found = false;
    await pulumi.isSecret(
        pulumi.output(cancellations as object).apply((known) => {
            found = Array.isArray(known) && known.some((entry) => isObject(entry) && entry.expect !== undefined);
        }),
    );
    return found;
}

/** Whether the value is secret, or anything in it is. */
function isSecret(value: unknown): Promise<boolean> {
    return mayBeSecret(value) ? pulumi.isSecret(pulumi.output(value)) : Promise.resolve(false);
}

/** Whether the value is an Output or a promise, or holds one. */
function mayBeSecret(value: unknown): boolean {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        return true;
    }
    return typeof value === "object" && value !== null && Object.values(value).some(mayBeSecret);
}
