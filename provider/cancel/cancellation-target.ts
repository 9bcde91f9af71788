import type { Observation } from "../api/defender-client.ts";
import type { CancellationRecord } from "../model/outputs.ts";
import type { Earlier } from "../observe/observer.ts";
import type { Expectation, IfAlreadyFinal } from "../schema/input-rules.ts";

/** One action that shall be cancelled, or be confirmed as cancelled. */
export interface CancellationTarget {
    readonly machineActionId: string;
    /** As it is sent, with its tag. */
    readonly comment: string;
    /** "project/stack/name", by which the tag tells our own earlier runs. */
    readonly declaredBy: string | undefined;
    /** The declaration digest. */
    readonly digest: string;
    readonly ifAlreadyFinal: IfAlreadyFinal;
    readonly expect: Expectation | undefined;
    /** What the declaration says to expect, where `expect` is another, as of a re-issue. */
    readonly declaredExpect?: Expectation | undefined;
    /** Nothing is sent after it; milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    /** How long after its own cancel request the final status is awaited, in milliseconds. */
    readonly confirmWithinMs: number;
    /** What earlier runs recorded. */
    readonly record: CancellationRecord;
    /** A reading that this run has made already: it spares the first look. */
    readonly observation?: Observation | undefined;
    /** Whether another cancellation of the same action, in this run, read that it has started. Default: false. */
    readonly hasStarted?: boolean | undefined;
    /** The action as an earlier run saw it. */
    readonly earlier: (Earlier & { readonly status?: string | undefined }) | undefined;
}
