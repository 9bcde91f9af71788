import { noteOf, summaryOf } from "../../provider/machines/machine-notes.ts";
import { shortDigest } from "../../provider/model/declaration.ts";
import { describeDetails } from "../../provider/model/machine-action.ts";
import { listMachines } from "../../provider/model/machine-names.ts";
import { describeApproval, describePlan, planWords } from "../../provider/plan/describe-plan.ts";
import { describeExceptions, nameOf, namesAmongEntries, type PlannedEntry } from "../../provider/plan/describe-set.ts";
import {
    machineOf,
    type PlannedCancellation,
    type Verdict,
    verdictOf,
} from "../../provider/plan/planned-cancellation.ts";
import { counted } from "../../provider/text/counted.ts";
import { firstOf } from "../../provider/text/first-of.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import { byFrequency } from "../in-words.ts";

/** The number of actions for each verdict, and the number of cancel requests that would be sent. */
export interface PlanCounts {
    readonly requests: number;
    /** The number of actions that do not match the approved values. */
    readonly unexpected: number;
    /** The number of actions that would fail, or that the guard would refuse. */
    readonly failing: number;
}

export function countPlan(planned: readonly PlannedEntry[]): PlanCounts {
    const count = (...verdicts: readonly Verdict[]) =>
        planned.filter(({ plan }) => verdicts.includes(verdictOf(plan))).length;
    return {
        requests: planned.filter(({ plan }) => plan.kind === "cancel").length,
        unexpected: count("unexpected"),
        failing: count("would fail", "refused"),
    };
}

/** The most causes, and the most groups of other actions, so that the plan fits on a screen. */
const maxCauses = 5;
const maxGroups = 4;

/** The plan: its counts, then each cause of a failure once, then the other actions in groups. */
export function planLines(planned: readonly PlannedEntry[], digest: string): readonly string[] {
    const exceptions = planned.filter(({ plan }) => verdictOf(plan) !== "fine");
    const groups = groupsOf(planned.filter(({ plan }) => verdictOf(plan) === "fine"));
    return [
        summary(planned, digest),
        ...describeExceptions(exceptions, planned.length, maxCauses).map((line) => `! ${line}`),
        ...firstOf(groups, maxGroups, describeGroup).map((line) => `  ${line}`),
        ...(groups.length > maxGroups ? ["  --all shows each action"] : []),
        ...remarks(planned, digest),
    ];
}

/** The order of the lines: failures first. Lines with the same verdict are in the order of the requests. */
const fromFirst: readonly Verdict[] = ["unexpected", "refused", "would fail", "fine"];

/** The plan with a line for each action. */
export function allPlanLines(planned: readonly PlannedEntry[], digest: string): readonly string[] {
    const rank = ({ plan }: PlannedEntry) => fromFirst.indexOf(verdictOf(plan));
    return [
        summary(planned, digest),
        ...planned
            .toSorted((one, other) => rank(one) - rank(other))
            .map((entry) => `${verdictOf(entry.plan) === "fine" ? "  " : "! "}${describeOne(entry)}`),
        ...remarks(planned, digest),
    ];
}

function summary(planned: readonly PlannedEntry[], digest: string): string {
    const { requests, unexpected, failing } = countPlan(planned);
    const rest = planned.filter(({ plan }) => plan.kind !== "cancel" && verdictOf(plan) === "fine").length;
    return [
        `of ${counted(planned.length, "cancellation")}: ${requests} would be requested`,
        ...(rest > 0 ? [`${counted(rest, "needs", "need")} no request`] : []),
        ...(unexpected > 0 ? [`${counted(unexpected, "is", "are")} not as approved`] : []),
        `${failing} would fail [digest ${shortDigest(digest)}]`,
    ].join(", ");
}

function remarks(planned: readonly PlannedEntry[], digest: string): readonly string[] {
    const plans = planned.map(({ plan }) => plan);
    return [summaryOf(plans.flatMap((plan) => machineOf(plan) ?? [])), describeApproval(plans, digest) ?? ""].filter(
        (line) => line !== "",
    );
}

/** The entries whose plans have the same words; the largest group first. */
function groupsOf(fine: readonly PlannedEntry[]): (readonly PlannedEntry[])[] {
    return byFrequency(fine, ({ plan }) => describeAlike(plan)).map(([, some]) => some);
}

function describeGroup(some: readonly PlannedEntry[]): string {
    const [first] = some;
    if (first === undefined || some.length === 1) {
        return first ? describeOne(first) : "";
    }
    const names = listMachines(some, namesAmongEntries(some), ({ id }) => id);
    return `${some.length} ${describeAlike(first.plan)}: ${names}`;
}

function describeOne(entry: PlannedEntry): string {
    const name = nameOf(entry);
    const description = `${describePlan(entry.plan)}${noteFor(entry.plan)}`;
    return name === undefined ? `${entry.id}  ${description}` : `${name}  ${description} (${entry.id})`;
}

/** The words that the plans of similar actions share: no machine, and no time. */
function describeAlike(plan: PlannedCancellation): string {
    const words = planWords[plan.kind];
    if (!("action" in plan)) {
        return describePlan(plan);
    }
    const { type = "machine action", status, requestor, requestorComment } = plan.action;
    const by = requestor ? shortText(requestor, 80) : "an unknown requestor";
    const comment = requestorComment ? ` ("${shortText(requestorComment, 80)}")` : "";
    const approved = plan.kind === "cancel" && (plan.guard?.lifted ?? []).length > 0 ? ", protected and approved" : "";
    const details = describeDetails(plan.action);
    return `${words}: ${shortText(type, 60)}, ${status}, requested by ${by}${comment}${details}${approved}${noteFor(plan)}`;
}

function noteFor(plan: PlannedCancellation): string {
    const machine = machineOf(plan);
    return machine ? noteOf(machine.facts) : "";
}
