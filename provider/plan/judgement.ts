import { isNotFound } from "../cancel/cancel-failures.ts";
import { declaredTarget } from "../cancel/declared-target.ts";
import { isProvenAsAccepted } from "../model/outputs.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import { worstOf } from "./forecast.ts";
import { type Foresight, foresee, type PlanContext } from "./foresight.ts";
import { foreseeReissues, type ReissueQuestion } from "./reissue-foresight.ts";
import { describeUnknown } from "./unknowns.ts";

/** One action to judge: what is declared of it, and its record in the state. */
export interface Judged {
    /** By the inputs that the preview knows. */
    readonly declared: DeclaredCancellation;
    /** The paths of those that it does not know. */
    readonly unknown: readonly string[];
    /** Whether the guard can be asked: not where an input that it judges by is not known. */
    readonly isKnown: boolean;
    readonly stored: StoredCancellation;
    /** Of the whole declaration, where the action is one of several. */
    readonly digest?: string;
}

/** A judgement, with the first words of its line, by which the entries of a set are counted. */
export interface Judgement extends Foresight {
    readonly kind: string;
}

/** What `up` would do to the action and to what issued it again, with what the preview does not know. Never rejects. */
export async function judge(
    { declared, unknown, isKnown, stored, digest }: Judged,
    context: PlanContext,
    explain: (error: unknown) => string,
): Promise<Judgement> {
    try {
        const ofAction = declaredTarget(declared);
        const target = digest === undefined ? ofAction : { ...ofAction, digest };
        const seen = await foreseeAll({ declared, stored, target, isKnown }, context);
        const kind = /^(?:notAfter has passed|issued again|[^:]*)/.exec(seen.line)?.[0] ?? seen.line;
        return unknown.length === 0
            ? { ...seen, kind }
            : {
                  ...seen,
                  kind,
                  line: `${seen.line}; ${describeUnknown(unknown)}`,
                  verdict: worstOf(seen.verdict, "would fail"),
              };
    } catch (error) {
        const isMissing = isNotFound(error);
        return {
            line: isMissing ? "not found" : `could not look: ${explain(error)}`,
            kind: isMissing ? "not found" : "could not look",
            verdict: "would fail",
            machine: undefined,
            isApprovable: false,
            pairs: [],
        };
    }
}

async function foreseeAll(question: ReissueQuestion, context: PlanContext): Promise<Foresight> {
    const { declared, stored, target, isKnown } = question;
    const again = await foreseeReissues(question, context);
    // `up` leaves a proven cancellation as it is, and acts on its re-issues alone.
    if (again && isProvenAsAccepted(stored, declared)) {
        return { ...again, machine: undefined, isApprovable: false, pairs: [] };
    }
    const seen = await foresee(target, isKnown, context);
    return again
        ? { ...seen, line: `${seen.line}; ${again.line}`, verdict: worstOf(seen.verdict, again.verdict) }
        : seen;
}
