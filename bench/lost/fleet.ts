import { randomNumbers } from "../../test/helpers/random-numbers.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How the machines of a fleet come back, and how their `lastSeen` relates to it. */
export interface Returns {
    readonly name: string;
    /** With 2, twice as many machines come back in the same time. */
    readonly rate: number;
    /** `random`: it is independent of the machine's return. */
    readonly lastSeen: "last report" | "random";
}

export const usualReturns: Returns = { name: "as described", rate: 1, lastSeen: "last report" };

export const otherReturns: readonly Returns[] = [
    { name: "rates halved", rate: 0.5, lastSeen: "last report" },
    { name: "rates doubled", rate: 2, lastSeen: "last report" },
    { name: "lastSeen random", rate: 1, lastSeen: "random" },
];

/** A Pending action, and the machine that it waits for. */
export interface WaitingAction {
    readonly id: string;
    /** Milliseconds since the epoch, as all times here. */
    readonly createdAt: number;
    readonly lastSeen: number;
    /** Not visible to any client. */
    readonly backAt: number;
}

/** 40 % of the machines come back within an hour on average, 30 % within a day, 30 % within a month. */
const classes = [
    { upTo: 0.4, meanMs: hourMs },
    { upTo: 0.7, meanMs: dayMs },
    { upTo: 1, meanMs: 30 * dayMs },
] as const;

/**
 * Actions that a playbook submitted within a minute to machines that are offline. The time until a machine comes back
 * and the time since it was last online are drawn from the same exponential distribution; its last report, which comes
 * once a day, is up to 24 h older than that.
 */
export function waitingFleet(size: number, { rate, lastSeen }: Returns, seed: string, now: number): WaitingAction[] {
    const random = randomNumbers(seedNumber(seed));
    const exponential = (meanMs: number) => -Math.log(1 - random()) * meanMs;
    return Array.from({ length: size }, () => {
        const kind = random();
        const { meanMs } = classes.find(({ upTo }) => kind < upTo) ?? classes[2];
        const lastReport = now - exponential(meanMs / rate) - random() * dayMs;
        const elsewhere = now - random() * 30 * dayMs;
        return {
            id: idFrom(random),
            createdAt: now - random() * 60_000,
            lastSeen: lastSeen === "random" ? elsewhere : lastReport,
            backAt: now + exponential(meanMs / rate),
        };
    });
}

function seedNumber(seed: string): number {
    return [...seed].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 17);
}

function idFrom(random: () => number): string {
    const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
    return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`]
        .concat(digits.slice(20))
        .join("-");
}
