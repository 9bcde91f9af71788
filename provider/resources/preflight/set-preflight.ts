import type * as pulumi from "@pulumi/pulumi";
import { machineActionCancellationSet as reference } from "../../model/provider-reference.ts";
import { planCancellation } from "../../plan/plan-cancellation.ts";
import { verdictOf, worstOf } from "../../plan/planned-cancellation.ts";
import { inSendingOrder } from "../../plan/sending-order.ts";
import { type PartlyKnown, partlyKnown } from "../../plan/unknown-inputs.ts";
import { createDeclaredActions } from "../../reissues/declared-actions.ts";
import { declaredCancellation } from "../../schema/declared-cancellation.ts";
import { isObject, type Properties, unknownValue } from "../../schema/input-rules.ts";
import { type SetEntry, setDigest } from "../../schema/set-inputs.ts";
import { nothingStored } from "../../schema/stored-cancellation.ts";
import { storedResults } from "../../schema/stored-set.ts";
import { describeSet, type PlannedEntry } from "./describe-set.ts";
import { planRegistration } from "./plan-registration.ts";
import { joinPreviewBatch, type PreviewBatch } from "./preview-batch.ts";
import { type PreviewLine, previewLine } from "./preview-line.ts";
import { isPreview, type Registered, registrationOf } from "./registered.ts";

/** The set that a line is about, with the properties that preflight uses. */
export type PreflightSet = pulumi.CustomResource & {
    readonly counts: pulumi.Output<Readonly<Record<string, number>>>;
};

/** The inputs of the set that the plans of all entries depend on. */
const common = ["maxCancellations", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/**
 * In a preview, logs on the set what `up` would do: how many actions it would cancel and how many not, and by name the
 * first of those that would fail. It reads in the program's own process and sends nothing.
 */
export function preflightSet(resource: PreflightSet): void {
    if (isPreview()) {
        const registration = registrationOf(resource, resource.counts);
        joinPreviewBatch(
            resource,
            registration.then((one) =>
                planRegistration(one, reference, (registered) => (batch) => planSet(registered, batch)),
            ),
        );
    }
}

/** An entry with the inputs that the preview does not know. */
interface PartOfSet extends Pick<SetEntry, "declared">, Pick<PartlyKnown, "unknown"> {}

async function planSet(registered: Registered, { session, explain }: PreviewBatch): Promise<PreviewLine> {
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
            return { id, plan: await planCancellation(input, read, explain) };
        },
        session,
    );
    const ofEntries = plans.map(({ plan }) => verdictOf(plan));
    return {
        line: describeSet({ plans, unknownIds, unknownInputs: ofSet.unknown, digest: isKnown ? digest : undefined }),
        verdict: worstOf(...ofEntries, isKnown ? "fine" : "would fail"),
    };
}

/** The entries whose action id is known, by that id, each with its unknown inputs. */
function partsOf(declared: readonly unknown[], common: Properties): Map<string, PartOfSet> {
    const known = declared.filter((one): one is Properties => isObject(one) && one.machineActionId !== unknownValue);
    return new Map(
        known.map((given) => {
            const part = partlyKnown({ ...common, ...given }, ["expect", "ifAlreadyFinal"]);
            const id = String(given.machineActionId);
            return [id, { declared: declaredCancellation(id, part.known), unknown: part.unknown }];
        }),
    );
}
