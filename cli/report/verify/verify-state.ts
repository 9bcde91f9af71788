import type { Observation } from "../../../provider/api/defender-client.ts";
import { isNotFound } from "../../../provider/cancel/cancel-failures.ts";
import { isGuid } from "../../../provider/model/machine-action.ts";
import { resourceTypes } from "../../../provider/model/resource-types.ts";
import { isObject } from "../../../provider/schema/input-rules.ts";
import type { Session } from "../../../provider/session/session.ts";
import { counted } from "../../../provider/text/counted.ts";
import type { Log } from "../../../provider/text/print.ts";
import { shortText } from "../../../provider/text/sanitize.ts";
import { ownPending, whyPending } from "../../state/gaps.ts";
import { type CancellationEntry, declaredBy, entriesOf, isOurs, isSet, nameIn } from "../../state/records.ts";
import { resemblesOurs } from "../../state/resemblance.ts";
import { secretPaths, showSecrets } from "../../state/secret-values.ts";
import type { StateResource } from "../../state/stack-state.ts";
import type { StateRecord } from "../../state/state-sources.ts";
import { collectFindings, type Finding } from "./finding.ts";
import type { Place } from "./record-context.ts";
import { findUnrecorded, taggedActions } from "./unrecorded.ts";
import { isNeverRead, verifyAction, verifyClearValues } from "./verify-action.ts";
import { verifyApplied } from "./verify-applied.ts";
import { verifyRequests } from "./verify-requests.ts";
import { verifyDeclaration, verifyProviderText, verifySingle, withWatchedInputs } from "./verify-resource.ts";
import { verifySet } from "./verify-set.ts";

/** What a verification reads besides the records. */
export interface Sources {
    readonly session: Session;
    /** The content of a declaration file; undefined if it cannot be read. */
    readonly readFile: (path: string) => Buffer | undefined;
    readonly log: Log;
    /** Takes a line before the actions are read, which can take long; undefined where no user waits. */
    readonly logReading?: Log | undefined;
}

interface Known extends Pick<Sources, "readFile"> {
    /** Of the actions that Defender has, by id. */
    readonly observations: ReadonlyMap<string, Observation>;
    readonly place: Place;
}

/** The maximum number of secrets that are named for one resource. */
const maxSecrets = 10;

/**
 * Reads every action again, and compares the records with the answers, resource by resource, so that missing parts of a
 * resource are found too. Sends no cancel request.
 */
export async function verifyRecords(
    records: readonly StateRecord[],
    { session, readFile, log, logReading }: Sources,
): Promise<Finding[]> {
    const ours = records.flatMap(({ resources }) => resources.filter(isOurs));
    const observations = await readAll(ours, session, logReading);
    const { apiHost, tenantId } = await session.identify();
    const total = ours.flatMap(entriesOf).length;
    if (total > 0 && observations.size === 0) {
        const asked = tenantId === undefined ? "" : `, which is of the tenant ${shortText(tenantId, 60)}`;
        const what = total === 1 ? "the action of this record" : `any of the ${total} actions of these records`;
        log(`Defender does not know ${what}: another tenant? Check the credential${asked}`);
    }
    const known = { observations, place: { apiHost, tenantId, own: await session.ownNames.known() }, readFile };
    const tagged = ours.length > 0 ? await taggedActions(session, log) : [];
    return [
        ...records.flatMap((record) => verifyRecord(record, records.length > 1 ? `${record.name}: ` : "", known)),
        ...findUnrecorded(ours, tagged),
    ];
}

function verifyRecord(record: StateRecord, prefix: string, known: Known): Finding[] {
    const { name, resources } = record;
    const ours = resources.filter(isOurs);
    const findings = collectFindings(name);
    const isHidden = ours.some(({ outputs }) => secretPaths(outputs).length > 0);
    const entries = ours.flatMap(entriesOf);
    if (entries.length === 0 && !isHidden) {
        findings.add("resources", "missing", { why: "no cancellation of this package: there is nothing to verify" });
    } else if (entries.length > 0 && entries.every((entry) => isNeverRead(entry) && !isKnown(entry, known))) {
        const why = `no run has read any of its ${entries.length} actions, and the API has none: there is nothing to verify`;
        findings.add("resources", "missing", { why: entries.length === 1 ? nothingRead : why });
    }
    const types = Object.values(resourceTypes).flatMap((tokens) => Object.values(tokens));
    const strange = resources.filter(resemblesOurs).map((resource) => {
        const one = collectFindings(`${prefix}${nameIn(resource.urn)}`);
        const why = "it resembles a resource of this package, but is none, so that its content is not verified";
        one.add("type", "mismatch", { stored: resource.type, found: types.join(" or "), why });
        return one.all;
    });
    const unfinished = ownPending(record).map(({ type, urn }) => {
        const one = collectFindings(`${prefix}${nameIn(urn)}`);
        one.add("pending operation", "missing", { stored: type, why: whyPending });
        return one.all;
    });
    return [
        ...findings.all,
        ...strange.flat(),
        ...unfinished.flat(),
        ...ours.flatMap((resource) => verifyResource(withWatchedInputs(resource), prefix, known)),
    ];
}

const nothingRead = "no run has read its action, and the API does not have it: there is nothing to verify";

function isKnown({ machineActionId }: CancellationEntry, { observations }: Known): boolean {
    return observations.has(machineActionId);
}

function verifyResource(resource: StateResource, prefix: string, known: Known): Finding[] {
    const { observations, place, readFile } = known;
    const findings = collectFindings(`${prefix}${declaredBy(resource)}`);
    const entries = entriesOf(resource);
    const secrets = [...secretPaths(resource.inputs, "inputs"), ...secretPaths(resource.outputs, "outputs")];
    verifyProviderText(resource, findings);
    if (resource.unfinished !== undefined) {
        findings.add("apply", resource.lacksLines ? "missing" : "unverifiable", { why: resource.unfinished });
    }
    if (secrets.length > 0) {
        // Most checks compare two values, so a value that cannot be read could make another one look edited.
        const more = secrets.length > maxSecrets ? [`and ${secrets.length - maxSecrets} more`] : [];
        for (const path of [...secrets.slice(0, maxSecrets), ...more]) {
            findings.add(path, "secret", { why: `only ciphertext, so nothing is derived from it: ${showSecrets}` });
        }
        const clear = entries.flatMap((entry) => verifyClearValues(entry, observations.get(entry.machineActionId)));
        return [...findings.all, ...clear];
    }
    if (resource.applied !== undefined) {
        verifyApplied(resource, resource.applied, readFile, findings);
        if (!isObject(resource.outputs.results) && Object.keys(resource.outputs).length === 0) {
            findings.add("results", "missing", { why: "the apply recorded no result, so there is nothing to verify" });
            return findings.all;
        }
    }
    verifyRequests(resource, observations, findings);
    verifyDeclaration(resource, findings);
    if (resource.delete) {
        findings.add("delete", "unverifiable", {
            why: "another record has replaced it: the next `pulumi up` drops it",
        });
    }
    if (isSet(resource)) {
        verifySet(resource, observations, place, findings);
    } else {
        verifySingle(resource, place, findings);
    }
    return [
        ...findings.all,
        ...entries.flatMap((entry) => verifyAction(entry, observations.get(entry.machineActionId), place)),
    ];
}

async function readAll(
    resources: readonly StateResource[],
    { observer }: Session,
    logReading: Log | undefined,
): Promise<ReadonlyMap<string, Observation>> {
    const ids = new Set(
        resources
            .flatMap(entriesOf)
            .map(({ machineActionId }) => machineActionId)
            .filter(isGuid),
    );
    if (ids.size > 0) {
        logReading?.(`reading ${counted(ids.size, "machine action")} from Defender`);
    }
    const found = await Promise.all(
        [...ids].map(async (id) => {
            try {
                return [[id, await observer.read(id)] as const];
            } catch (error) {
                if (isNotFound(error)) {
                    return [];
                }
                throw error;
            }
        }),
    );
    return new Map(found.flat());
}
