import { summaryOf } from "../machines/machine-notes.ts";
import { shortDigest } from "../model/declaration.ts";
import { type KnownAction, machineName } from "../model/machine-action.ts";
import { listMachines, namesBy } from "../model/machine-names.ts";
import { counted } from "../text/counted.ts";
import { firstOf } from "../text/first-of.ts";
import { describeApproval, describeCause, describePlan, planWords } from "./describe-plan.ts";
import { machineOf, type PlannedCancellation, verdictOf } from "./planned-cancellation.ts";

/** The maximum number of causes that the line explains. */
const maxShown = 10;

/** An entry of a set, by the id of its action. */
export interface PlannedEntry {
    readonly id: string;
    /** The declared name of the machine. */
    readonly computerDnsName?: string | undefined;
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

/** The plan of a set in one line: how many there are of each kind, and why the others would fail, cause by cause. */
export function describeSet({ plans, unknownIds, unknownInputs, digest }: PlannedSet): string {
    const counts = [...Map.groupBy(plans, ({ plan }) => plan.kind)].map(
        ([kind, some]) => `${some.length} ${planWords[kind]}`,
    );
    const missing = unknownIds > 0 ? [`${unknownIds} ${planWords.notKnown}`] : [];
    const exceptions = plans.filter(({ plan }) => verdictOf(plan) !== "fine");
    const ofEntries = plans.map(({ plan }) => plan);
    const total = plans.length + unknownIds;
    const only = causeOfAll(exceptions, total);
    const parts = [
        ...(only === undefined
            ? [
                  `of ${counted(total, "cancellation")}: ${[...counts, ...missing].join(", ")}`,
                  ...describeExceptions(exceptions, total, maxShown),
              ]
            : [only]),
        unknownInputs.length > 0 ? describePlan({ kind: "notKnown", inputs: unknownInputs }) : "",
        summaryOf(ofEntries.flatMap((plan) => machineOf(plan) ?? [])),
        digest === undefined ? "" : (describeApproval(ofEntries, digest) ?? ""),
    ];
    const shown = digest === undefined ? "not known until all inputs are known" : shortDigest(digest);
    return `${parts.filter((part) => part !== "").join("; ")} [digest ${shown}]`;
}

/**
 * One text for each cause of the exceptions, at most `maxCauses`, and the number of the others. `total`: the number of
 * all entries, those without a plan included.
 */
export function describeExceptions(
    exceptions: readonly PlannedEntry[],
    total: number,
    maxCauses: number,
): readonly string[] {
    const nameOf = namesAmongEntries(exceptions);
    return firstOf(causesOf(exceptions), maxCauses, (some) => describeException(some, total, nameOf));
}

/** The cause that all entries of a set have, with the machines that are known. Their ids say nothing. */
function causeOfAll(exceptions: readonly PlannedEntry[], total: number): string | undefined {
    const [[first] = [], ...others] = causesOf(exceptions);
    const isWhole = total > 1 && others.length === 0 && exceptions.length === total;
    const cause = first && isWhole ? describeCause(first.plan) : undefined;
    if (cause === undefined) {
        return undefined;
    }
    const isNamed = exceptions.some((one) => nameOf(one) !== undefined);
    const named = isNamed ? ` (${listMachines(exceptions, namesAmongEntries(exceptions), ({ id }) => id)})` : "";
    return `all ${total}${named}: ${cause}`;
}

/** The exceptions with the same cause together; the most frequent cause comes first. */
function causesOf(exceptions: readonly PlannedEntry[]): (readonly PlannedEntry[])[] {
    const causes = Map.groupBy(exceptions, ({ id, plan }) => describeCause(plan) ?? id);
    return [...causes.values()].sort((one, other) => other.length - one.length);
}

/** Entries with the same cause. If the whole set has it, and no machine is known, the ids say nothing. */
function describeException(
    some: readonly PlannedEntry[],
    total: number,
    nameOf: (entry: PlannedEntry) => string | undefined,
): string {
    const [first] = some;
    if (some.length === 1 && first) {
        // The plan of an action that was read names its machine.
        const name = "action" in first.plan ? undefined : nameOf(first);
        return `${name === undefined ? first.id : `${name}, ${first.id}`}: ${describePlan(first.plan)}`;
    }
    const cause = first ? (describeCause(first.plan) ?? describePlan(first.plan)) : "";
    if (some.length === total && some.every((one) => nameOf(one) === undefined)) {
        return `all: ${cause}`;
    }
    return `${some.length} (${listMachines(some, nameOf, ({ id }) => id)}): ${cause}`;
}

/** The name of an entry's machine; undefined if it is not known. */
export function nameOf(entry: PlannedEntry): string | undefined {
    return machineName(machineIn(entry));
}

/** Names the machines of entries that a reader sees together; undefined where a name is not known. */
export function namesAmongEntries(entries: readonly PlannedEntry[]): (entry: PlannedEntry) => string | undefined {
    return namesBy(entries, machineIn);
}

function machineIn({ plan, computerDnsName }: PlannedEntry): KnownAction {
    return "action" in plan ? plan.action : { computerDnsName };
}
