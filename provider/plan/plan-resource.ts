import { declaredTarget } from "../cancel/cancellation-target.ts";
import { noteOf } from "../machines/machine-notes.ts";
import { shortDigest } from "../model/declaration.ts";
import { createDeclaredActions } from "../reissues/declared-actions.ts";
import { declaredCancellation } from "../schema/declared-cancellation.ts";
import { isObject, type Properties, textIn, unknownValue } from "../schema/input-rules.ts";
import { type SetEntry, setDigest } from "../schema/set-inputs.ts";
import { nothingStored, storedCancellation } from "../schema/stored-cancellation.ts";
import { storedResults } from "../schema/stored-set.ts";
import { describeApproval, describeNotFound } from "./describe-plan.ts";
import { describeSet, type PlannedEntry } from "./describe-set.ts";
import { type PlanContext, type PlanInput, planCancellation } from "./plan-cancellation.ts";
import { machineOf, type PlannedCancellation, verdictOf, worstOf } from "./planned-cancellation.ts";
import { type PreviewLine, previewLine } from "./preview-line.ts";
import { inSendingOrder } from "./sending-order.ts";
import { type PartlyKnown, partlyKnown } from "./unknown-inputs.ts";

/** A resource that the engine would create or update. */
export interface Registered {
    /** A value that the preview does not know is `unknownValue`. */
    readonly inputs: Properties;
    /** The outputs in the state; empty where the resource would be created. */
    readonly stored: Properties;
}

/** What a plan reads with. */
export interface Planner {
    readonly session: PlanContext;
    /** The reason why there was no answer, for a line of the preview. */
    explain(error: unknown): string;
}

/** The line of a resource in a preview, and the plans that it describes: one, or those of the entries of a set. */
export interface PlannedResource extends PreviewLine {
    readonly plan?: PlannedCancellation;
    readonly entries?: readonly PlannedEntry[];
}

/** The plan of a resource, or a function that reads the actions and then returns the plan. It never rejects. */
export type ResourcePlan = PlannedResource | ((planner: Planner) => Promise<PlannedResource>);

/** The inputs that the plan of an action depends on. */
const ofCancellation = ["machineActionId", "expect", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/** Plans a MachineActionCancellation. */
export function planSingle(registered: Registered): ResourcePlan {
    const { known: inputs, unknown } = partlyKnown(registered.inputs, ofCancellation);
    const { machineActionId } = inputs;
    const isKnown = unknown.length === 0;
    const stored = storedCancellation(registered.stored);
    return typeof machineActionId === "string"
        ? (planner) =>
              planLine({ declared: declaredCancellation(machineActionId, inputs), unknown, isKnown, stored }, planner)
        : previewLine({ kind: "notKnown", inputs: unknown });
}

async function planLine(input: PlanInput, { session, explain }: Planner): Promise<PlannedResource> {
    const plan = await planCancellation(input, session, explain);
    const shown = previewLine(plan);
    if (plan.kind === "notFound") {
        const id = input.declared.machineActionId;
        const cause = shown.cause && { ...shown.cause, subject: `machine action ${id}` };
        return { ...shown, line: describeNotFound(plan, input.declared), cause, plan };
    }
    if (plan.kind === "couldNotLook") {
        return { ...shown, plan };
    }
    const { digest } = declaredTarget(input.declared);
    const machine = machineOf(plan);
    const note = machine ? noteOf(machine.facts) : "";
    const approval = describeApproval([plan], digest);
    const advice = approval === undefined ? "" : `; ${approval}`;
    const digestShown = input.isKnown ? shortDigest(digest) : "not known until all inputs are known";
    return { ...shown, line: `${shown.line}${note}${advice} [digest ${digestShown}]`, plan };
}

/** The inputs of a set that the plans of all entries depend on. */
const common = ["maxCancellations", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/** An entry with the inputs that the preview does not know. */
interface PartOfSet extends Pick<SetEntry, "declared">, Pick<PartlyKnown, "unknown"> {}

/** Plans a MachineActionCancellationSet. */
export function planSet(registered: Registered): ResourcePlan {
    return (planner) => planEntries(registered, planner);
}

async function planEntries(registered: Registered, { session, explain }: Planner): Promise<PlannedResource> {
    const ofSet = partlyKnown(registered.inputs, common);
    const { cancellations } = registered.inputs;
    if (cancellations === unknownValue) {
        return previewLine({ kind: "notKnown", inputs: ["cancellations", ...ofSet.unknown] });
    }
    const declared = Array.isArray(cancellations) ? cancellations : [];
    const parts = partsOf(declared, ofSet.known);
    const unknownIds = declared.length - parts.size;
    const isKnown = unknownIds === 0 && [ofSet, ...parts.values()].every(({ unknown }) => unknown.length === 0);
    const digest = setDigest(parts);
    const stored = storedResults(registered.stored);
    const siblings = createDeclaredActions();
    siblings.add(registered.inputs.declaredBy, parts.keys());
    const plans = await inSendingOrder(
        [...parts],
        ([id]) => id,
        async ([id, { declared: entry, unknown }], read): Promise<PlannedEntry> => {
            const input = {
                declared: entry,
                unknown,
                isKnown: unknown.length === 0 && ofSet.unknown.length === 0,
                stored: stored.get(id) ?? nothingStored,
                // Without the whole digest no approval matches.
                digest: isKnown ? digest : "",
                siblings,
            };
            const { expect } = entry;
            return { id, computerDnsName: expect?.computerDnsName, plan: await planCancellation(input, read, explain) };
        },
        session,
    );
    const ofEntries = plans.map(({ plan }) => verdictOf(plan));
    return {
        line: describeSet({ plans, unknownIds, unknownInputs: ofSet.unknown, digest: isKnown ? digest : undefined }),
        verdict: worstOf(...ofEntries, isKnown ? "fine" : "would fail"),
        entries: plans,
    };
}

/** The entries whose action id is known, by that id, each with its unknown inputs. */
function partsOf(declared: readonly unknown[], common: Properties): Map<string, PartOfSet> {
    const known = declared.filter((one): one is Properties => isObject(one) && one.machineActionId !== unknownValue);
    return new Map(
        known.map((given) => {
            const part = partlyKnown({ ...common, ...given }, ["expect", "ifAlreadyFinal"]);
            const id = textIn(given.machineActionId) ?? "";
            return [id, { declared: declaredCancellation(id, part.known), unknown: part.unknown }];
        }),
    );
}
