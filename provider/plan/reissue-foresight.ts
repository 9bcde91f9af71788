import type { CancellationTarget } from "../cancel/cancellation-target.ts";
import { lookAgain, standingReissues } from "../reissues/detect.ts";
import { describeReissue, openReissues, storedReissues } from "../reissues/reissue.ts";
import { mayCancel } from "../reissues/repair.ts";
import { type Expectation, type Properties, textOf } from "../schema/input-rules.ts";
import { type Forecast, worstOf } from "./forecast.ts";
import { foresee, type PlanContext } from "./foresight.ts";

/** The resource's record and inputs. */
export interface ReissueQuestion {
    /** The outputs in the state. */
    readonly stored: Properties;
    readonly inputs: Properties;
    readonly target: CancellationTarget;
    /** Whether the guard can be asked. */
    readonly isKnown: boolean;
}

/** What `up` would do about the re-issues that the state records; undefined where none stands any more. */
export async function foreseeReissues(
    { stored, inputs, target, isKnown }: ReissueQuestion,
    context: PlanContext,
): Promise<Forecast | undefined> {
    if (standingReissues(stored, inputs).length === 0) {
        return undefined;
    }
    const left = openReissues(await lookAgain(storedReissues(stored), context));
    // At most one for each resource and run, as `up` does it.
    const chosen = left.find((reissue) => mayCancel(reissue, inputs, context));
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
    const expect = { type: textOf(stored.type), machineId: textOf(stored.machineId), requestor: chosen.requestor };
    const again: CancellationTarget = {
        ...target,
        machineActionId: chosen.id,
        ifAlreadyFinal: "fail",
        declaredExpect: target.expect,
        expect: expect as Expectation,
    };
    const { line, verdict } = await foresee(again, isKnown, context);
    const ofChosen: Forecast = { line: `issued again as ${chosen.id}: ${line}`, verdict };
    return standing
        ? { line: `${ofChosen.line}; ${standing.line}`, verdict: worstOf(verdict, standing.verdict) }
        : ofChosen;
}
