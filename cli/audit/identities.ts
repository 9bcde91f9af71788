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
    /** The tenant that the audit reads; undefined if the token does not tell. */
    readonly tenantId?: string | undefined;
    /**
     * Whether `ours` has everyone who may cancel. If not, such as for an auditor that only reads, the identity in a
     * record counts too.
     */
    readonly isComplete: boolean;
}

/** The parts of a record's evidence that name its identity. */
export type RecordedIdentity = Pick<EntryEvidence, "appId" | "cancellationRequestor">;

/**
 * The identities that this audit knows. `named`: by --canceller. `recorded`: by records. What a record saw as the
 * canceller counts as ours only for a record of our own app, and only if it can be a name of it: anyone who can edit a
 * state can put a name there.
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
        // An auditor that cancels, or that names the cancellers, knows all of them.
        isComplete: named !== undefined || canCancel(own) || isOneOf(own.appId, appIds),
    };
}

/** The identities that only records name, where they count. */
export function uncheckedIdentities({ ours, recorded, isComplete }: Identities): string[] {
    return isComplete ? [] : [...recorded].filter((name) => !ours.has(name));
}

function lowerCase(names: readonly (string | undefined)[]): Set<string> {
    return new Set(names.flatMap((name) => name?.toLowerCase() ?? []));
}

/** Whether Defender can show this canceller for a request of the identity in a record. An absent one tells nothing. */
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

/** Whether the canceller is the one in a record, in any form that it has there. */
export function isRecorded(canceller: string | undefined, recorded: RecordedIdentity): boolean {
    return isOneOf(canceller, [recorded.appId, recorded.cancellationRequestor]);
}
