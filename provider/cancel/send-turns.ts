import type { Observation } from "../api/defender-client.ts";
import type { Clock } from "../system/clock.ts";
import type { StaleReadings } from "./freshness.ts";

/** The turn of one cancel request. */
export interface SendTurn {
    /** The reading that allows the request. */
    readonly observation: Observation;
    /**
     * Whether it is the first turn after a reading: its request then precedes all other calls that wait for the quota.
     */
    readonly isNext: boolean;
    /** Why the action could not be read right before its turn. If it is set, nothing may be sent. */
    readonly readFailure?: unknown;
    /** Call it right before each attempt to send the request. */
    departed(): void;
    /** Call it when nothing was sent, because the reading was too old when the quota allowed the request. */
    outdated(): void;
}

/** A turn as the queue sees it: only the queue ends it. */
export interface OpenTurn extends SendTurn {
    /** Call it when the work is over. */
    end(): void;
}

/** The turns whose work is not over yet. */
export interface SendTurns {
    open(observation: Observation, isNext: boolean): OpenTurn;
    /** Whether another turn must wait for the end of one of these. */
    isFull(): boolean;
    inFlight(): number;
    /** How many of these have sent nothing yet. */
    notDeparted(): number;
    /** When the last sent request ended, answered or not; milliseconds since the epoch. Undefined before that. */
    lastAnswerAt(): number | undefined;
}

export interface SendTurnsOptions {
    readonly clock: Pick<Clock, "now">;
    readonly staleReadings: Pick<StaleReadings, "progress">;
    readonly onEnd: () => void;
}

/**
 * The maximum number of requests in flight. More would only wait in the quota's queue, ahead of the reading that proves
 * the requests that are already sent.
 */
const maxInFlight = 8;

export function createSendTurns({ clock, staleReadings, onEnd }: SendTurnsOptions): SendTurns {
    let inFlight = 0;
    let notDeparted = 0;
    let answeredAt: number | undefined;
    return {
        open(observation, isNext) {
            let hasDeparted = false;
            let isOutdated = false;
            inFlight++;
            notDeparted++;
            return {
                observation,
                isNext,
                departed() {
                    notDeparted -= hasDeparted ? 0 : 1;
                    hasDeparted = true;
                    staleReadings.progress();
                },
                outdated() {
                    isOutdated = true;
                },
                end() {
                    answeredAt = hasDeparted ? clock.now() : answeredAt;
                    notDeparted -= hasDeparted ? 0 : 1;
                    if (!isOutdated) {
                        staleReadings.progress();
                    }
                    inFlight--;
                    onEnd();
                },
            };
        },
        isFull: () => inFlight >= maxInFlight,
        inFlight: () => inFlight,
        notDeparted: () => notDeparted,
        lastAnswerAt: () => answeredAt,
    };
}

/** A turn in which nothing is sent, so it does not count as in flight. */
export function turnWithoutRequest(observation: Observation, readFailure: unknown): OpenTurn {
    return { observation, isNext: false, readFailure, departed() {}, outdated() {}, end() {} };
}
