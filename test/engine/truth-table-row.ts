import { randomUUID } from "node:crypto";
import type { ActionSeed } from "../../simulator/actions/action-seed.ts";
import type { Simulator } from "../../simulator/index.ts";
import { appId } from "../helpers/interruptible.ts";
import { tokenOf } from "../helpers/stage.ts";

export const token = tokenOf(appId);
export const missing = randomUUID();
export const playbook = "soar@contoso.example";
export const disruption = "disruption@contoso.example";
export const past = "2026-01-01T00:00:00Z";
export const future = "2096-01-01T00:00:00Z";
export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
export const fence = { onReissue: "cancel", notAfter: future, expect: { requestor: playbook } } as const;

/** What one run must do with one resource. */
export interface Expected {
    /** What is said about it; nothing when absent. */
    readonly says?: RegExp;
    readonly fails?: true;
    /** Cancel requests for its action and for the re-issues of that. Default 0. */
    readonly sends?: number;
}

/** One resource: what it declares, and what each run must make of it. */
export interface Row {
    readonly name: string;
    /** Absent: there is no such action. */
    readonly seed?: ActionSeed;
    readonly args?: Readonly<Record<string, unknown>>;
    /** What happened before the first run. */
    readonly before?: (simulator: Simulator, id: string, name: string) => Promise<void>;
    /** What a preview says, and whether `up` would do well. */
    readonly preview: readonly ["fine" | "would fail" | "unexpected", RegExp];
    readonly up: Expected;
    /** Outcome, whose cancellation was adopted, and effect, as they are stored then; absent: not in state. */
    readonly stored?: readonly (string | undefined)[];
    /** What happens then. */
    readonly meanwhile?: (simulator: Simulator, id: string) => void;
    /** The drift that the next refreshes show; none when absent. */
    readonly drift?: RegExp;
    readonly refreshSays?: RegExp;
    /** What the first refresh says of a cancellation that it proves; the second says nothing of it. */
    readonly firstRefreshSays?: RegExp;
    /** The `up --refresh` after that; absent: as it was, without a cancel request. */
    readonly repair?: Expected;
    /** As {@link stored}, where that run has changed it. */
    readonly repaired?: readonly (string | undefined)[];
}

export const reissue = (requestor?: string) => (simulator: Simulator, id: string) =>
    void simulator.reissue(id, requestor);
export const cancelled = ["cancelled", undefined, "prevented"] as const;
export const adopted = ["adopted", "others", "unknown"] as const;
const wouldCancel = [
    "fine",
    /^would cancel: Isolate on \S+, Pending(?:, created just now| for \d+ min), requested by soar@contoso/,
] as const;
const alreadyCancelled = ["fine", /^already cancelled: Isolate on \S+ by soc@contoso\.example at /] as const;
export const mayHaveRun =
    /(?:cancelled|adopted): it may have run, in part or whole\. If that is not wanted: submit Unisolate/;
export const isCancelled = {
    seed: { status: "Cancelled" },
    preview: alreadyCancelled,
    up: { says: mayHaveRun },
    stored: adopted,
};
export const isPending = { seed: {}, preview: wouldCancel, up: { sends: 1 }, stored: cancelled };
export const sameAgain =
    /^Isolate resumed by the same requestor soar@contoso\.example: issued again as \S+ \(Pending\)$/;
export const othersAgain = /^Isolate issued again by another party disruption@contoso\.example: \S+ \(Pending\)$/;
export const isReissued = {
    fails: true,
    says: /ERR_DEFENDER_REISSUED: .* stays Cancelled, but: Isolate .* \(Pending\)/,
} as const;

/** Asks for a cancellation as an earlier run would, or somebody who copies its tag. */
export const cancelledBy =
    (bearer: string) =>
    async (simulator: Simulator, id: string, name: string): Promise<void> => {
        const { ok } = await fetch(`${simulator.url}/api/machineactions/${id}/cancel`, {
            method: "POST",
            headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
            body: JSON.stringify({ Comment: `INC-4711 [pulumi incident/test/${name} 0123456789ab]` }),
        });
        if (!ok) {
            throw new Error(`could not cancel ${id}`);
        }
    };
