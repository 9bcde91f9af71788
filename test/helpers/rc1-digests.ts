import { declaredTarget } from "../../provider/cancel/cancellation-target.ts";
import { actionSha256 } from "../../provider/model/action-hash.ts";
import { taggedComment } from "../../provider/model/declaration.ts";
import { checkInputs } from "../../provider/schema/cancellation-inputs.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { checkSetInputs, entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";

/** The inputs of a resource as a program gives them, and the name that its tag shows. */
export interface Declared {
    readonly what: string;
    readonly declaredBy: string;
    readonly args: Properties & { readonly comment: string };
}

/** The values of a declaration that approvals, comments in Defender and evidence contain. */
export interface Digested {
    readonly digest: string;
    readonly comment: string;
}

/** The digest of a declaration and the comment that is sent for it, made as `up` makes them. */
export function digestOf({ args, declaredBy }: Declared): Digested {
    const isSet = "cancellations" in args;
    const news = { ...args, declaredBy };
    const { inputs, failures } = isSet ? checkSetInputs(news) : checkInputs(news);
    if (failures.length > 0) {
        throw new Error(failures.map(({ reason }) => reason).join("; "));
    }
    if (!isSet) {
        const { digest, comment } = declaredTarget(declaredCancellation(String(inputs.machineActionId), inputs));
        return { digest, comment };
    }
    const digest = setDigest(entriesOf(inputs));
    return { digest, comment: taggedComment(args.comment, declaredBy, digest) };
}

/** The hash of an action as the API sent it, made as a proof makes it. */
export const hashOf = (raw: unknown): string => actionSha256(raw);
