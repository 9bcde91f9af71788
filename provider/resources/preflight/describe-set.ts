import { summaryOf } from "../../machines/machine-notes.ts";
import { shortDigest } from "../../model/declaration.ts";
import { describeApproval, describePlan, planWords } from "../../plan/describe-plan.ts";
import { machineOf, type PlannedCancellation, verdictOf } from "../../plan/planned-cancellation.ts";
import { firstOf } from "../../text/first-of.ts";

/** The line names at most so many exceptions. */
const maxNamed = 10;

/** An entry of a set, by the id of its action. */
export interface PlannedEntry {
    readonly id: string;
    readonly plan: PlannedCancellation;
}

/** What `up` would do with a set. */
export interface PlannedSet {
    readonly plans: readonly PlannedEntry[];
    /** How many entries name an action that the preview does not know. */
    readonly unknownIds: number;
    /** The inputs of the set that the preview does not know. */
    readonly unknownInputs: readonly string[];
    /** Undefined where an input is not known: an approval is one of a digest. */
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
    const shown = digest === undefined ? "known when all inputs are" : shortDigest(digest);
    return `${parts.filter((part) => part !== "").join("; ")} [digest ${shown}]`;
}
