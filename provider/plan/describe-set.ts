import { summaryOf } from "../machines/machine-notes.ts";
import { shortDigest } from "../model/declaration.ts";
import { firstOf } from "../text/first-of.ts";
import { describeApproval, describePlan, planWords } from "./describe-plan.ts";
import { machineOf, type PlannedCancellation, verdictOf } from "./planned-cancellation.ts";

/** The maximum number of exceptions that the line names. */
const maxNamed = 10;

/** An entry of a set, by the id of its action. */
export interface PlannedEntry {
    readonly id: string;
    readonly plan: PlannedCancellation;
}

/** The plan of a set: what `up` would do with each entry. */
export interface PlannedSet {
    readonly plans: readonly PlannedEntry[];
    /** The number of entries whose action id the preview does not know. */
    readonly unknownIds: number;
    /** The inputs of the set that the preview does not know. */
    readonly unknownInputs: readonly string[];
    /** Undefined where an input is not known. An approval is always for one digest. */
    readonly digest: string | undefined;
}

/** The plan of a set in one line: how many there are of each kind, and the first of those that would fail. */
export function describeSet({ plans, unknownIds, unknownInputs, digest }: PlannedSet): string {
    const counts = [...Map.groupBy(plans, ({ plan }) => plan.kind)].map(
        ([kind, some]) => `${some.length} ${planWords[kind]}`,
    );
    const missing = unknownIds > 0 ? [`${unknownIds} ${planWords.notKnown}`] : [];
    const exceptions = plans.filter(({ plan }) => verdictOf(plan) !== "fine");
    const ofEntries = plans.map(({ plan }) => plan);
    const parts = [
        `of ${plans.length + unknownIds} cancellations: ${[...counts, ...missing].join(", ")}`,
        ...firstOf(exceptions, maxNamed, ({ id, plan }) => `${id}: ${describePlan(plan)}`),
        unknownInputs.length > 0 ? describePlan({ kind: "notKnown", inputs: unknownInputs }) : "",
        summaryOf(ofEntries.flatMap((plan) => machineOf(plan) ?? [])),
        digest === undefined ? "" : (describeApproval(ofEntries, digest) ?? ""),
    ];
    const shown = digest === undefined ? "not known until all inputs are known" : shortDigest(digest);
    return `${parts.filter((part) => part !== "").join("; ")} [digest ${shown}]`;
}
