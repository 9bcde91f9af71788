import type { Identity } from "../../provider/sign-in/credentials.ts";
import { canCancel } from "../doctor/token-roles.ts";

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

/** The identities that this audit knows. `named`: by --canceller. `recorded`: by records. */
export function knownIdentities(
    own: Identity,
    named: readonly string[] | undefined,
    recorded: readonly string[],
): Identities {
    const ofRecords = lowerCase(recorded);
    return {
        ours: lowerCase([...(named ?? []), own.appId, own.objectId]),
        recorded: ofRecords,
        tenantId: own.tenantId,
        // An auditor that cancels, or that names the cancellers, knows all of them.
        isComplete: named !== undefined || canCancel(own) || isOneOf(own.appId, ofRecords),
    };
}

/** The identities that only records name, where they count. */
export function uncheckedIdentities({ ours, recorded, isComplete }: Identities): string[] {
    return isComplete ? [] : [...recorded].filter((name) => !ours.has(name));
}

function lowerCase(names: readonly (string | undefined)[]): Set<string> {
    return new Set(names.flatMap((name) => name?.toLowerCase() ?? []));
}

/** Whether the requestor is one of these identities. */
export function isOneOf(requestor: string | undefined, identities: ReadonlySet<string>): boolean {
    return requestor !== undefined && identities.has(requestor.toLowerCase());
}

/** Whether Defender can show this canceller for a request of the identity in a record. An absent one tells nothing. */
export function isFrom(
    canceller: string | undefined,
    recorded: string | undefined,
    { ours, isComplete }: Identities,
): boolean {
    if (canceller === undefined || isOneOf(canceller, ours)) {
        return true;
    }
    if (recorded === undefined) {
        // Neither the token of the request nor that of the audit could be read, so no identity is known.
        return ours.size === 0;
    }
    return !isComplete && recorded.toLowerCase() === canceller.toLowerCase();
}
