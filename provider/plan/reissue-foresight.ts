import type { CancellationTarget } from "../cancel/cancellation-target.ts";
import { lookAgain, standingReissues } from "../reissues/detect.ts";
import { describeReissue, openReissues } from "../reissues/reissue.ts";
import { expectAgain, mayCancel } from "../reissues/repair.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import { type Forecast, worstOf } from "./forecast.ts";
import { foresee, type PlanContext } from "./foresight.ts";

/** What a resource declares, and its record. */
export interface ReissueQuestion {
    readonly stored: StoredCancellation;
    readonly declared: DeclaredCancellation;
    readonly target: CancellationTarget;
    /** Whether the guard can be asked. */
    readonly isKnown: boolean;
}

/** What `up` would do about the re-issues that the state records; undefined where none stands any more. */
export async function foreseeReissues(
    { stored, declared, target, isKnown }: ReissueQuestion,
    context: PlanContext,
): Promise<Forecast | undefined> {
    if (standingReissues(stored, declared).length === 0) {
        return undefined;
    }
    const left = openReissues(await lookAgain(stored.reissues, context));
    // At most one for each resource and run, as `up` does it.
    const chosen = left.find((reissue) => mayCancel(reissue, declared, context));
    const others = left.filter((reissue) => reissue !== chosen);
    const standing: Forecast | undefined =
        others.length > 0
            ? {
                  line: `issued again: up will fail: ${others.map((one) => describeReissue(one, stored)).join("; ")}`,
                  verdict: "would fail",
              }
            : undefined;
    if (!chosen) {
        return standing;
    }
    const again: CancellationTarget = {
        ...target,
        machineActionId: chosen.id,
        ifAlreadyFinal: "fail",
        declaredExpect: target.expect,
        expect: expectAgain(stored, chosen),
    };
    const { line, verdict } = await foresee(again, isKnown, context);
    const ofChosen: Forecast = { line: `issued again as ${chosen.id}: ${line}`, verdict };
    return standing
        ? { line: `${ofChosen.line}; ${standing.line}`, verdict: worstOf(verdict, standing.verdict) }
        : ofChosen;
}
