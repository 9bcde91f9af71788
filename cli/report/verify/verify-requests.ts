import type { Observation } from "../../../provider/api/defender-client.ts";
import { isKnownStatus } from "../../../provider/model/machine-action.ts";
import { isObject, type Properties, textIn } from "../../../provider/schema/input-rules.ts";
import { resultsIn } from "../../../provider/schema/stored-set.ts";
import { sanitize } from "../../../provider/text/sanitize.ts";
import { isRequestOf, mayBeTaken, type RequestRecord } from "../../state/apply-requests.ts";
import { isNear, shiftMs, timeOf } from "../../state/moments.ts";
import { type CancellationEntry, entriesOf } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import type { Findings } from "./finding.ts";

/**
 * Checks the cancel requests of an `apply`. With a later record of the same cancellation, `report` counts what their
 * answers show, so the last request for an action must be the one in its result, and its cancellation that in Defender.
 */
export function verifyRequests(
    resource: StateResource,
    observations: ReadonlyMap<string, Observation>,
    findings: Findings,
): void {
    const { applied, requests } = resource;
    if (applied?.requests !== undefined) {
        compareLists(resource, applied.requests, findings);
    }
    for (const entry of entriesOf(resource)) {
        const last = requests?.get(entry.machineActionId)?.at(-1);
        if (last && entry.requestedAtUtc !== undefined) {
            compareRequest(last, entry, observations.get(entry.machineActionId), findings);
        }
    }
}

/** Compares the ids in the list with those in the results. rc.1 has no such list. */
function compareLists({ outputs }: StateResource, requests: unknown, findings: Findings): void {
    const listed = Array.isArray(requests) ? requests.filter(isObject) : [];
    const idsOf = (some: readonly Properties[]) => new Set(some.map(({ machineActionId }) => String(machineActionId)));
    const [all, sent] = [idsOf(listed), idsOf(listed.filter(mayBeTaken))];
    const results = [...resultsIn(outputs)];
    const requested = results.flatMap(([id, { requestedAtUtc, reissues }]) => [
        ...(requestedAtUtc === undefined ? [] : [id]),
        ...(Array.isArray(reissues) ? reissues.filter(isObject) : []).flatMap((one) =>
            one.requestedAtUtc === undefined ? [] : [String(one.id)],
        ),
    ]);
    for (const id of requested.filter((one) => !all.has(one))) {
        findings.add(`apply.requests: ${id}`, "mismatch", { why: "its result has a request that the list lacks" });
    }
    for (const id of [...sent].filter((one) => !requested.includes(one))) {
        findings.add(`apply.requests: ${id}`, "mismatch", { why: "the list has a request that its result lacks" });
    }
}

function compareRequest(
    request: RequestRecord,
    { machineActionId, requestedAtUtc, evidence }: CancellationEntry,
    observation: Observation | undefined,
    findings: Findings,
): void {
    const field = (name: string) => `apply.requests: ${machineActionId} ${name}`;
    const { atUtc, statusAfter, cancellationDateTimeUtc: taken } = request;
    if (!isRequestOf(request, requestedAtUtc)) {
        findings.same(field("atUtc"), atUtc, requestedAtUtc, "its result has another time");
    }
    if (statusAfter !== undefined) {
        findings.plausible(field("statusAfter"), statusAfter, isKnownStatus(statusAfter), "a status of an action");
    }
    if (taken === undefined || observation === undefined) {
        return;
    }
    const { cancellationDateTimeUtc: shown, cancellationComment: comment } = observation.action;
    const isLater = (timeOf(shown) ?? 0) > (timeOf(taken) ?? Number.POSITIVE_INFINITY);
    if (isNear(taken, shown, shiftMs)) {
        findings.add(field("cancellationDateTimeUtc"), "match", { stored: taken });
        const sent = textIn(evidence.commentSent);
        if (comment !== undefined) {
            findings.same(
                field("comment"),
                sent === undefined ? sent : sanitize(sent),
                comment,
                "Defender has another",
            );
        }
    } else if (isLater) {
        findings.add(field("cancellationDateTimeUtc"), "unverifiable", { stored: taken, why: "cancelled again since" });
    } else {
        findings.same(field("cancellationDateTimeUtc"), taken, shown, "Defender has another time");
    }
}
