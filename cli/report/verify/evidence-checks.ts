import type { Observation } from "../../../provider/api/defender-client.ts";
import { actionSha256 } from "../../../provider/model/action-hash.ts";
import { type CancellerNames, cancelledBy, isOneOf } from "../../../provider/model/canceller.ts";
import { shortDigest, tagIn } from "../../../provider/model/declaration.ts";
import { type EvidenceName, evidenceFields } from "../../../provider/model/evidence.ts";
import type { MachineAction } from "../../../provider/model/machine-action.ts";
import { compareTimes } from "../../../provider/system/clock.ts";
import type { CancellationEntry } from "../../state/records.ts";
import type { Findings } from "./finding.ts";
import { httpDateRule, nearRule, timeRule } from "./plausible.ts";
import type { InRecord, Place, RecordContext, RunContext } from "./record-context.ts";
import { compareCoverage, compareProofs, compareRequested } from "./run-checks.ts";

/** One value of one action's evidence. */
interface OfAction {
    readonly name: EvidenceName;
    readonly value: string | number;
    readonly entry: CancellationEntry;
    /** Undefined where Defender does not have the action. */
    readonly observation: Observation | undefined;
    readonly place: Place;
    readonly findings: Findings;
}

type ActionCheck = (one: OfAction) => void;
type RecordCheck = (one: InRecord<RecordContext>) => void;
type RunCheck = (one: InRecord<RunContext>) => void;

/** At least one check: against the action, against the record's context, or against the results of the run. */
type EvidenceCheck =
    | { readonly ofAction: ActionCheck; readonly ofRecord?: RecordCheck; readonly ofRun?: RunCheck }
    | { readonly ofAction?: ActionCheck; readonly ofRecord: RecordCheck; readonly ofRun?: RunCheck }
    | { readonly ofRun: RunCheck; readonly ofAction?: ActionCheck; readonly ofRecord?: RecordCheck };

const sha256 = /^[0-9a-f]{64}$/;

/** How each field of the evidence is checked. */
export const evidenceChecks: Readonly<Record<EvidenceName, EvidenceCheck>> = {
    commentSent: { ofAction: asSent((action) => action.cancellationComment) },
    digest: {
        ofAction: asSent((action) => tagIn(action.cancellationComment).digest, {
            field: "evidence.digest, first 12 digits",
            stored: (value) => shortDigest(String(value)),
        }),
        ofRecord: ({ field, value, digest, findings }) => compareDigest(value, digest, findings, field),
    },
    observedAtUtc: {
        ofAction: mustBe(
            (value, { requestedAtUtc }) =>
                timeRule(value) && !(Date.parse(value) > Date.parse(`${requestedAtUtc}`) + 999),
        ),
    },
    posts: { ofAction: mustBe((value) => Number.isInteger(Number(value)) && Number(value) >= 1) },
    // 0 means that no answer came.
    postStatus: { ofAction: mustBe((value) => [0, 200, 201, 202, 204].includes(Number(value))) },
    postCorrelationId: { ofAction: mustBe(isCorrelationId) },
    postDate: { ofAction: mustBe((value, { requestedAtUtc }) => isDateNear(value, requestedAtUtc)) },
    proofCorrelationId: { ofAction: mustBe(isCorrelationId) },
    proofDate: { ofAction: mustBe((value, { confirmedAtUtc }) => isDateNear(value, confirmedAtUtc)) },
    proofSha256: {
        ofAction({ name, value, entry, observation, findings }) {
            if (observation && isProofOf(entry.outcome)) {
                const why = "the action now differs from the bytes that proved the cancellation";
                findings.same(`evidence.${name}`, value, actionSha256(observation.raw), why);
            } else {
                const why = "a SHA-256; the record itself says that the action has changed since, or it is gone";
                findings.plausible(`evidence.${name}`, value, sha256.test(String(value)), why);
            }
        },
    },
    proofs: { ofRun: compareCoverage },
    proofsSha256: { ofRun: compareProofs },
    appId: { ofAction: compareCanceller },
    cancellationRequestor: { ofAction: asSent((action) => action.cancellationRequestor) },
    tenantId: {
        ofRecord({ field, value, place, findings }) {
            if (value !== undefined && place.tenantId !== undefined) {
                findings.same(field, value, place.tenantId, "read from another tenant");
            }
        },
    },
    apiHost: {
        ofRecord({ field, value, place, findings }) {
            if (value === place.apiHost) {
                findings.same(field, value, place.apiHost);
            } else {
                // The stored host may be a regional name of the same API.
                const isDefender = /(?:^|\.)security(?:center)?\.microsoft\.(?:com|us)$/.test(String(value));
                findings.plausible(field, value, isDefender, `this verification reads ${place.apiHost}`);
            }
        },
    },
    packageVersion: { ofAction: mustBe((value) => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(value)) },
    guardSha256: { ofAction: mustBe((value) => sha256.test(value)) },
    approvedDigest: { ofAction: mustBe((value, { evidence }) => value === evidence.digest) },
    firstRequestUtc: { ofRun: compareBound((times) => times[0]) },
    lastRequestUtc: { ofRun: compareBound((times) => times.at(-1)) },
    requested: { ofRun: compareRequested },
    leftRun: {
        ofRun({ name, field, value, findings }) {
            if (value !== undefined) {
                findings.plausible(field, value, Number.isInteger(value) && Number(value) >= 1, words(name));
            }
        },
    },
};

/**
 * Compares a stored digest with that of the current declaration. The digests differ if the declaration was edited after
 * the request.
 */
export function compareDigest(stored: unknown, now: string, findings: Findings, field: string): void {
    const isOfNow = typeof stored === "string" && shortDigest(stored) === shortDigest(now);
    if (isOfNow) {
        findings.same(field, stored, now);
    } else {
        findings.plausible(field, stored, sha256.test(String(stored)), words("digest"));
    }
}

/** Whether this outcome means that the action is unchanged since the record's own request was proven. */
function isProofOf(outcome: string): boolean {
    return outcome === "cancelled" || outcome === "expired" || outcome === "tooLate";
}

/** Whether the action in Defender shows the recorded request, so that its comment and requestor can be compared. */
export function showsOurs({ outcome, evidence }: CancellationEntry): boolean {
    return outcome === "cancelled" && evidence.commentSent !== undefined;
}

interface Shown {
    readonly field?: string;
    readonly stored?: (value: string | number) => unknown;
}

function asSent(
    found: (action: MachineAction) => unknown,
    { field, stored = (value) => value }: Shown = {},
): ActionCheck {
    return ({ name, value, entry, observation, findings }) => {
        if (observation && showsOurs(entry)) {
            findings.same(field ?? `evidence.${name}`, stored(value), found(observation.action));
        }
    };
}

/**
 * Compares the app that sent the request with the canceller in Defender. Defender may show an application under its
 * object id or its name. Then only a canceller that is certainly another identity is a mismatch.
 */
function compareCanceller({ name, value, entry, observation, place, findings }: OfAction): void {
    if (!observation || !showsOurs(entry)) {
        return;
    }
    const [field, shown] = [`evidence.${name}`, observation.action.cancellationRequestor];
    const isReader = isOneOf(String(value), [place.own.appId]);
    const sender: CancellerNames = { ...(isReader ? place.own : {}), appId: String(value) };
    const { cancellationRequestor: observed } = entry.evidence;
    const isOfOther =
        cancelledBy(shown, { ...sender, observed: observed === undefined ? [] : [observed] }) === "another" ||
        cancelledBy(shown, { ...sender, observed: [] }) === "another" ||
        (!isReader && cancelledBy(shown, place.own) === "us" && !isOneOf(shown, [String(value)]));
    if (cancelledBy(shown, { ...sender, observed: [] }) === "us") {
        findings.add(field, "match", { stored: String(value) });
    } else if (isOfOther) {
        findings.same(field, value, shown);
    } else {
        findings.plausible(field, value, true, `Defender shows the canceller as ${shown ?? "nothing"}`);
    }
}

function mustBe(holds: (value: string, entry: CancellationEntry) => boolean): ActionCheck {
    return ({ name, value, entry, findings }) =>
        findings.plausible(`evidence.${name}`, value, holds(String(value), entry), words(name));
}

function words(name: EvidenceName): string {
    return evidenceFields[name].mustBe ?? "";
}

function isCorrelationId(value: string): boolean {
    return /^[\w.:/+=-]+$/.test(value);
}

function isDateNear(value: string, other: string | undefined): boolean {
    return httpDateRule(value) && nearRule("", other).holds(value);
}

/** Compares a value with the first or last request time among the run's results, which store whole seconds. */
function compareBound(choose: (times: readonly string[]) => string | undefined): RunCheck {
    return ({ name, field, value, ofRun, run: { requested }, findings }) => {
        const times = [...ofRun.values()].map(({ requestedAtUtc }) => String(requestedAtUtc)).sort(compareTimes);
        const bound = choose(times);
        const stored = String(value);
        const fits = times.length !== requested || stored.replace(/\.\d+Z$/, "Z") === bound;
        findings.plausible(field, stored, timeRule(stored) && fits, `${words(name)}, ${bound}, to the second`);
    };
}
