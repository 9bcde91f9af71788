import { type CancellerNames, cancelledBy } from "../model/canceller.ts";
import type { CommonEvidence } from "../model/evidence.ts";
import type { Identity } from "./credentials.ts";

/** The names of our own identity, including the names that this process learns. */
export interface OwnNames {
    /** The names that are known now. Rejects where the sign-in fails. */
    known(): Promise<CancellerNames>;
    /** Keeps a name that Defender showed on the proof of a cancel request of this process. */
    learn(canceller: string): void;
    /** Keeps the name in the evidence of an earlier run. The name counts only if that run had our identity. */
    learnFrom(evidence: Partial<CommonEvidence> | undefined): void;
}

/** The maximum number of names to keep. Defender shows an identity in one form; a state can hold any text. */
const maxNames = 20;
const maxLength = 200;

export function createOwnNames(identify: () => Promise<Identity>): OwnNames {
    const seen = new Set<string>();
    const recorded = new Map<string, { readonly name: string; readonly appId: string; readonly tenantId: unknown }>();
    return {
        async known() {
            const { appId, objectId, userName, isUser, tenantId } = await identify();
            const own = { appId, objectId, userName, isUser };
            const same = (one: unknown, other: string | undefined) =>
                String(one ?? "").toLowerCase() === (other ?? "").toLowerCase();
            const earlier = [...recorded.values()]
                .filter((one) => same(one.appId, appId) && same(one.tenantId, tenantId))
                .map(({ name }) => name);
            // The name of a user, or the id of another application, is never learned.
            const observed = [...seen, ...earlier].filter((name) => cancelledBy(name, own) !== "another");
            return { ...own, observed: [...new Set(observed)] };
        },
        learn(canceller) {
            if (seen.size < maxNames) {
                seen.add(canceller);
            }
        },
        learnFrom({ cancellationRequestor: name, appId, tenantId } = {}) {
            // Stored evidence is not checked yet.
            const isText = typeof name === "string" && typeof appId === "string" && name.length <= maxLength;
            if (isText && recorded.size < maxNames) {
                recorded.set(JSON.stringify([name, appId, tenantId]), { name, appId, tenantId });
            }
        },
    };
}
