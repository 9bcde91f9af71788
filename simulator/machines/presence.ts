import { parseTicks } from "../actions/machine-action.ts";

/** When a machine is online. The API does not show it. */
export interface PresenceSeed {
    /**
     * Whether it is online at the beginning. An online machine starts a Pending action within seconds, and the action
     * ends by itself. On an offline machine, Pending actions stay Pending, for at most three days, and actions in
     * progress do not end. Default: the opposite of the first change; without any change, nothing happens by itself on
     * this machine.
     */
    online?: boolean;
    /** When it comes online; ISO 8601. The same as a change in `onlineChanges`. */
    backAt?: string;
    /** When it goes online and offline, in any order; ISO 8601. */
    onlineChanges?: readonly { at: string; online: boolean }[];
}

/** A machine goes online or offline; `at`: milliseconds since the epoch. */
export interface PresenceChange {
    readonly at: number;
    readonly online: boolean;
}

/** Whether a machine is online, and how that changes. */
export interface Presence {
    readonly online: boolean;
    /** Oldest first. */
    readonly changes: readonly PresenceChange[];
}

/** The presence that a seed describes; undefined if it says nothing of it. Throws when a time is malformed. */
export function presenceOf({ online, backAt, onlineChanges = [] }: PresenceSeed): Presence | undefined {
    const back = timeOf("backAt", backAt);
    const changes = [
        ...(back === undefined ? [] : [{ at: back, online: true }]),
        ...onlineChanges.map((change) => ({ ...change, at: timeOf("onlineChanges.at", change.at) ?? 0 })),
    ].sort((a, b) => a.at - b.at);
    const [first] = changes;
    if (online === undefined && first === undefined) {
        return undefined;
    }
    return { online: online ?? first?.online === false, changes };
}

/** Milliseconds since the epoch; throws when the text is not a time. */
export function timeOf(name: string, text: string | undefined): number | undefined {
    const ticks = text === undefined ? undefined : parseTicks(text);
    if (text !== undefined && ticks === undefined) {
        throw new TypeError(`${name} must be an ISO 8601 time, not "${text}".`);
    }
    return ticks === undefined ? undefined : Number(ticks / 10_000n);
}
