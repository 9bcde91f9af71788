import type * as pulumi from "@pulumi/pulumi";
import { howToApprove } from "../../guard/refusals.ts";
import { summaryOf } from "../../machines/machine-notes.ts";
import { shortDigest } from "../../model/declaration.ts";
import { machineActionCancellationSet as reference } from "../../model/provider-reference.ts";
import { type Forecast, worstOf } from "../../plan/forecast.ts";
import { type Judgement, judge } from "../../plan/judgement.ts";
import { inSendingOrder } from "../../plan/sending-order.ts";
import { describeUnknown, type PartlyKnown, partlyKnown } from "../../plan/unknowns.ts";
import { declaredCancellation } from "../../schema/declared-cancellation.ts";
import { isObject, type Properties, unknownValue } from "../../schema/input-rules.ts";
import { type SetEntry, setDigest } from "../../schema/set-inputs.ts";
import { nothingStored } from "../../schema/stored-cancellation.ts";
import { storedResults } from "../../schema/stored-set.ts";
import { foregone } from "./foregone.ts";
import { isJudged, type Registered, type Registration, registrationOf } from "./registered.ts";
import { gather, type Judge, type Round } from "./rounds.ts";

/** The set that a line is about, as far as preflight knows it. */
export type PreflightSet = pulumi.CustomResource & {
    readonly counts: pulumi.Output<Readonly<Record<string, number>>>;
};

/** More names than these nobody reads in one line. */
const mostNamed = 10;

/** The inputs that all entries are judged by. */
const common = ["maxCancellations", "notAfter", "ifAlreadyFinal", "onReissue", "reissueWindowHours"];

/**
 * In a preview, says on the line of the set what `up` would do: how many would be cancelled and how many not, with the
 * first of those that are not as wanted by name. It reads in the program's own process and sends nothing.
 */
export function preflightSet(resource: PreflightSet): void {
    if (isJudged()) {
        gather(resource, registrationOf(resource, resource.counts).then(judgeOfSet));
    }
}

/** What there is to say about the set; undefined where it stays as it is. */
export function judgeOfSet(registration: Registration): Judge | undefined {
    const known = foregone(registration, reference);
    if (known || registration === "untouched" || registration === "stripped") {
        return known;
    }
    return (round) => lookAt(registration, round);
}

/** An entry with the inputs that the preview does not know. */
interface PartOfSet extends Pick<SetEntry, "declared">, Pick<PartlyKnown, "unknown"> {}

async function lookAt(registered: Registered, round: Round): Promise<Forecast> {
    const ofSet = partlyKnown(registered.inputs, common);
    const { cancellations } = registered.inputs;
    if (cancellations === unknownValue) {
        return { line: describeUnknown(["cancellations", ...ofSet.unknown]), verdict: "would fail" };
    }
    const declared = Array.isArray(cancellations) ? cancellations : [];
    const parts = partsOf(declared, ofSet.known);
    const unknownIds = declared.length - parts.size;
    const isKnown = unknownIds === 0 && [ofSet, ...parts.values()].every(({ unknown }) => unknown.length === 0);
    const digest = setDigest(parts);
    const stored = storedResults(registered.stored);
    const judgements = await inSendingOrder(
        [...parts],
        ([id]) => id,
        async ([id, { declared, unknown }], session): Promise<Judgement> => {
            const one = {
                declared,
                unknown,
                isKnown: unknown.length === 0 && ofSet.unknown.length === 0,
                stored: stored.get(id) ?? nothingStored,
                // An approval of another digest does not count.
                digest: isKnown ? digest : "",
            };
            const judgement = await judge(one, session, round.explain);
            return { ...judgement, line: `${id}: ${judgement.line}` };
        },
        round.session,
    );
    const counts = [...Map.groupBy(judgements, ({ kind }) => kind)].map(([kind, some]) => `${some.length} ${kind}`);
    const missing = unknownIds > 0 ? [`${unknownIds} not known in this preview`] : [];
    const exceptions = judgements.filter(({ verdict }) => verdict !== "fine");
    const named = exceptions.slice(0, mostNamed).map(({ line }) => line);
    const more = exceptions.length > mostNamed ? [`and ${exceptions.length - mostNamed} more`] : [];
    const unknown = ofSet.unknown.length > 0 ? [describeUnknown(ofSet.unknown)] : [];
    const machines = summaryOf(judgements.flatMap(({ machine }) => machine ?? []));
    // Approved is a digest, and this one is not known yet where an input is not.
    const pairs = judgements.flatMap((one) => one.pairs);
    const advice = isKnown && judgements.some(({ isApprovable }) => isApprovable) ? [howToApprove(digest, pairs)] : [];
    const all = [`of ${declared.length} cancellations: ${[...counts, ...missing].join(", ")}`];
    const line = [...all, ...named, ...more, ...unknown, machines, ...advice].filter((part) => part !== "").join("; ");
    return {
        line: `${line} [digest ${isKnown ? shortDigest(digest) : "known when all inputs are"}]`,
        verdict: worstOf(...judgements.map(({ verdict }) => verdict), isKnown ? "fine" : "would fail"),
    };
}

/** The entries whose action is known, by its id, each with its unknown inputs. */
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
