import { realQuotas } from "../../test/helpers/simulated-api.ts";
import { simulatedTime } from "../../test/helpers/simulated-time.ts";
import { quantile } from "../rounds.ts";
import { otherReturns, type Returns, usualReturns, type WaitingAction, waitingFleet } from "./fleet.ts";
import { cancelAsSet } from "./package.ts";
import { pollingClient } from "./peers.ts";
import { perfectKnowledge } from "./perfect.ts";
import { countLost, type SentRequests } from "./sent.ts";

/** How many actions a way of cancelling lost. */
export interface LostResult {
    readonly returns: string;
    readonly cancellations: number;
    readonly way: string;
    /** Median over the seeds. */
    readonly lost: number;
    /** The fewest and the most. */
    readonly from: number;
    readonly to: number;
    /** Ratios of the medians; undefined if the other way lost none. */
    readonly overNewestFirst: number | undefined;
    readonly overShellLoop: number | undefined;
    /** Of each seed. */
    readonly bySeed: Readonly<Record<string, number>>;
    /** On the simulated clock, from the start to the end; median. */
    readonly seconds: number;
}

/** Each seed gives a fleet. */
export const seeds = ["ash", "birch", "cedar", "elder", "hazel", "larch", "maple", "rowan", "willow"] as const;

/** One way to cancel a fleet. */
interface LostWay {
    readonly name: string;
    cancel(actions: readonly WaitingAction[], now: number): Promise<SentRequests>;
}

const newestFirst = "the same, newest first";
const shellLoop = "shell loop with curl";

export const lostWays: readonly LostWay[] = [
    { name: "one set", cancel: (actions) => cancelAsSet(actions, realQuotas, true) },
    { name: newestFirst, cancel: (actions) => cancelAsSet(actions, realQuotas, false) },
    { name: "plain dynamic provider, --parallel 8", cancel: (actions) => pollingClient(actions, realQuotas, 8) },
    { name: shellLoop, cancel: (actions) => pollingClient(actions.toSorted(byId), realQuotas, 1) },
    {
        name: "perfect knowledge, no reads",
        cancel: async (actions, now) => perfectKnowledge(actions, realQuotas, now),
    },
];

const byId = (a: WaitingAction, b: WaitingAction) => (a.id < b.id ? -1 : 1);

/** Each size with the usual returns, then the largest size up to 1,000 with the other returns. */
export async function* measureLost(sizes: readonly number[], seedCount: number): AsyncGenerator<LostResult> {
    for (const size of sizes) {
        yield* measureFleets(size, usualReturns, seedCount);
    }
    const size = Math.max(...sizes.filter((one) => one <= 1_000));
    for (const returns of otherReturns) {
        yield* measureFleets(size, returns, seedCount);
    }
}

async function* measureFleets(size: number, returns: Returns, seedCount: number): AsyncGenerator<LostResult> {
    const now = simulatedTime().now();
    const found = new Map(lostWays.map(({ name }) => [name, [] as { seed: string; lost: number; seconds: number }[]]));
    for (const seed of seeds.slice(0, seedCount)) {
        const actions = waitingFleet(size, returns, seed, now);
        for (const { name, cancel } of lostWays) {
            const requests = await cancel(actions, now);
            const lost = countLost(actions, requests);
            found.get(name)?.push({ seed, lost, seconds: (requests.endedAt - now) / 1_000 });
        }
    }
    const median = (name: string, of: "lost" | "seconds") =>
        quantile(
            (found.get(name) ?? []).map((one) => one[of]),
            0.5,
        );
    const ratio = (name: string, to: string) =>
        median(to, "lost") > 0 ? median(name, "lost") / median(to, "lost") : undefined;
    for (const [way, results] of found) {
        const counts = results.map(({ lost }) => lost);
        yield {
            returns: returns.name,
            cancellations: size,
            way,
            lost: median(way, "lost"),
            from: Math.min(...counts),
            to: Math.max(...counts),
            overNewestFirst: ratio(way, newestFirst),
            overShellLoop: ratio(way, shellLoop),
            bySeed: Object.fromEntries(results.map(({ seed, lost }) => [seed, lost])),
            seconds: median(way, "seconds"),
        };
    }
}
