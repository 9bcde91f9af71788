import type { Observation } from "../api/defender-client.ts";
import type { GuardStamp } from "../guard/guard.ts";
import { DefenderError, type DefenderErrorCode, errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { CancellationRecord } from "../model/outputs.ts";
import type { RunIdentity } from "./cancel-record.ts";

/** A cancel request that is about to be sent. */
export interface RequestIntent {
    readonly machineActionId: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** The reading that allows it. */
    readonly observation: Observation;
    /** The comment that is sent, with its tag. */
    readonly comment: string;
    readonly digest: string;
    readonly guard: GuardStamp;
    readonly by: RunIdentity;
}

/** What is known about a cancel request after it was sent. */
export interface RequestAnswer {
    /**
     * - `accepted`: the API answered with success.
     * - `refused`: the API did not accept it.
     * - `unknown`: the API may have accepted it: the answer was lost, or a failure of the server.
     * - `not sent`: it was held back at the last moment.
     */
    readonly kind: "accepted" | "refused" | "unknown" | "not sent";
    readonly status?: number | undefined;
    readonly correlationId?: string | undefined;
    /** The server's clock when it answered. */
    readonly date?: string | undefined;
    /** The action's status in the answer. It proves nothing before a later reading shows it too. */
    readonly statusAfter?: string | undefined;
    /** When the API took the cancellation, as the answer shows it. It tells this cancellation from a later one. */
    readonly cancellationDateTimeUtc?: string | undefined;
    readonly failure?: DefenderErrorCode | undefined;
}

/** A cancellation whose final status is proven. */
export interface ProvenCancellation {
    readonly machineActionId: string;
    /** The action in the reading that proves it. */
    readonly action: MachineAction;
    readonly record: CancellationRecord;
}

/**
 * Stores each cancel request before it is sent, so that a process that ends in any way leaves a record of it. The
 * engine's plugin has none, because the engine stores the state.
 */
export interface RequestJournal {
    /**
     * Stores a request, and returns when it is on the disk. If it throws, the request is not sent. The returned function
     * stores the answer, and never throws.
     */
    begin(request: RequestIntent): (answer: RequestAnswer) => void;
    /** Stores a cancellation whose final status is proven. Never throws. */
    proven(cancellation: ProvenCancellation): void;
}

/** The attempts of one request: an attempt that the API's quota or its token check refused is followed by another one. */
export interface JournaledAttempts {
    /**
     * Stores an attempt, and then asks whether it may still be sent: `refuseLate` throws if not. Throws if the attempt
     * must not be sent.
     */
    begin(intent: Omit<RequestIntent, "machineActionId">, refuseLate: () => void): void;
    /** Stores the answer to the last attempt, once. */
    answered(answer: RequestAnswer): void;
}

export function journalAttempts(journal: RequestJournal | undefined, machineActionId: string): JournaledAttempts {
    let storeAnswer: ((answer: RequestAnswer) => void) | undefined;
    const answered = (answer: RequestAnswer) => {
        storeAnswer?.(answer);
        storeAnswer = undefined;
    };
    return {
        begin(intent, refuseLate) {
            if (!journal) {
                return;
            }
            try {
                storeAnswer = journal.begin({ machineActionId, ...intent });
            } catch (error) {
                throw notRecorded(machineActionId, error);
            }
            try {
                refuseLate();
            } catch (error) {
                answered({ kind: "not sent" });
                throw error;
            }
        },
        answered,
    };
}

/** The request was not sent, because its record cannot be written. */
function notRecorded(machineActionId: string, cause: unknown): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_INTERRUPTED",
        `the cancel request for machine action ${machineActionId} was not sent, because its record cannot be written: ` +
            errorLine(cause),
        { machineActionId, cause },
    );
}
