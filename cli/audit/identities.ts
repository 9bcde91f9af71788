import { type CancellerNames, cancelledBy, isOneOf } from "../../provider/model/canceller.ts";
import type { Identity } from "../../provider/sign-in/credentials.ts";
import { canCancel } from "../doctor/token-roles.ts";
import type { EntryEvidence } from "../state/records.ts";

/** The identities that cancel for the declarations, in lower case. */
export interface Identities {
    /** The identities given to this audit, and its own. */
    readonly ours: ReadonlySet<string>;
    /** The identities in records of earlier runs. */
    readonly recorded: ReadonlySet<string>;
    /** The tenant that the audit reads; undefined if the token does not name it. */
    readonly tenantId?: string | undefined;
    /**
     * Whether `ours` contains every identity that may cancel. If it may not, as for an auditor that only reads, the
     * identity in a record counts too.
     */
    readonly isComplete: boolean;
}

/** The parts of a record's evidence that name its identity. */
export type RecordedIdentity = Pick<EntryEvidence, "appId" | "cancellationRequestor">;

/**
 * The identities that this audit knows. `named`: those of --canceller. `recorded`: those of records. The canceller that
 * a record observed counts as ours only if the record names our own app and that canceller can be a name of our app.
 * The reason: anyone who can edit a state can put any name into a record.
 */
export function knownIdentities(
    own: Identity,
    names: CancellerNames,
    named: readonly string[] | undefined,
    recorded: readonly RecordedIdentity[],
): Identities {
    const appIds = lowerCase(recorded.map(({ appId }) => appId));
    const observed = recorded.flatMap(({ appId, cancellationRequestor: name }) =>
        isOneOf(appId, [own.appId]) && cancelledBy(name, names) !== "another" ? [name] : [],
    );
    return {
        ours: lowerCase([
            ...(named ?? []),
            ...[names.appId, names.objectId, names.userName],
            ...(names.observed ?? []),
            ...observed,
        ]),
        recorded: appIds,
        tenantId: own.tenantId,
        // An auditor that can cancel, or that passes --canceller, knows all cancellers.
        isComplete: named !== undefined || canCancel(own) || isOneOf(own.appId, appIds),
    };
}

/** The identities that only records name; empty if these do not count. */
export function uncheckedIdentities({ ours, recorded, isComplete }: Identities): string[] {
    return isComplete ? [] : [...recorded].filter((name) => !ours.has(name));
}

function lowerCase(names: readonly (string | undefined)[]): Set<string> {
    return new Set(names.flatMap((name) => name?.toLowerCase() ?? []));
}

/**
 * Whether Defender could show this canceller for a request by the record's identity. An absent canceller rules nothing
 * out.
 */
export function isFrom(
    canceller: string | undefined,
    recorded: RecordedIdentity,
    { ours, isComplete }: Identities,
): boolean {
    if (canceller === undefined || isOneOf(canceller, ours)) {
        return true;
    }
    if (recorded.appId === undefined) {
        // Neither the token of the request nor that of the audit could be read, so no identity is known.
        return ours.size === 0;
    }
    return !isComplete && isRecorded(canceller, recorded);
}

/** Whether the canceller is one of the names of the record's identity. */
export function isRecorded(canceller: string | undefined, recorded: RecordedIdentity): boolean {
    return isOneOf(canceller, [recorded.appId, recorded.cancellationRequestor]);
}
