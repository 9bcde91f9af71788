import { randomNumbers } from "../helpers/random-numbers.ts";
import type { SoakFleet } from "./fleet.ts";
import { type Held, holdAgainstState, holdAtTheEnd, type Problems, type Sides } from "./held-against-state.ts";
import type { SoakStack } from "./soak-stack.ts";

/** One stack, and the world around it. */
export interface CourseOptions extends Omit<Sides, "held"> {
    readonly fleet: SoakFleet;
    readonly stack: SoakStack;
    readonly seed: number;
    readonly now: () => number;
    /** Whether it is time to let the world calm down. */
    isOver(): boolean;
    /** From now on no request fails any more, and nothing happens to the actions. */
    calm(): void;
    /** Between two rounds of commands. */
    rest(): Promise<void>;
    /** The most that an update may take before it is stopped; undefined: updates are never stopped. */
    readonly maxUpMs?: number;
}

/** What became of it. */
export interface Course {
    readonly commands: Readonly<Record<"preview" | "up" | "refresh" | "destroy" | "stopped" | "thrownAway", number>>;
    /** How the declared actions ended, by outcome. */
    readonly outcomes: ReadonlyMap<string, number>;
    readonly problems: Problems;
}

/** In the calm, so many updates have to do. */
const maxCalmUpdates = 8;

/**
 * Previews, updates and refreshes over and over until it is over, then lets the world calm down and updates until
 * everything has ended as declared; then destroys the stack, and updates once more: everything is found as ours.
 */
export async function soakCourse(options: CourseOptions): Promise<Course> {
    const { fleet, simulator, ledger, stack, now, maxUpMs } = options;
    const random = randomNumbers(options.seed);
    const problems: Problems = { lost: [], wrong: [], unnamed: [] };
    const commands = { preview: 0, up: 0, refresh: 0, destroy: 0, stopped: 0, thrownAway: 0 };
    let thrownAwayAt = 0;

    async function sides(): Promise<Sides> {
        return { fleet, simulator, ledger, held: await stack.held() };
    }

    async function update(refresh: boolean, isCalm: boolean): Promise<void> {
        const mayStop = maxUpMs !== undefined && !isCalm;
        const isThrownAway = mayStop && random() < 0.15;
        const stopAfterMs = mayStop ? { stopAfterMs: (0.2 + 0.8 * random()) * maxUpMs } : {};
        ledger.phase = "update";
        const { hasBegun, wasStopped } = await stack.up({ refresh, isThrownAway, ...stopAfterMs });
        ledger.phase = "reading";
        commands.up++;
        commands.stopped += wasStopped ? 1 : 0;
        if (isThrownAway) {
            commands.thrownAway++;
            thrownAwayAt = now();
        } else if (hasBegun) {
            holdAgainstState(await sides(), thrownAwayAt, problems);
        }
    }

    /** Until all has ended as it should; what is not as it should be after the last try is a problem. */
    async function settle(): Promise<Sides> {
        for (let tries = 1; ; tries++) {
            await update(true, true);
            const found: Problems = { lost: [], wrong: [], unnamed: [] };
            const after = await sides();
            holdAtTheEnd(after, found);
            const isGood = Object.values(found).every((list) => list.length === 0);
            if (isGood || tries === maxCalmUpdates) {
                problems.lost.push(...found.lost);
                problems.wrong.push(...found.wrong);
                problems.unnamed.push(...found.unnamed);
                return after;
            }
        }
    }

    while (!options.isOver()) {
        commands.preview++;
        await stack.preview();
        await update(false, false);
        commands.refresh++;
        await stack.refresh();
        await update(true, false);
        await options.rest();
    }
    options.calm();
    const { held } = await settle();
    const outcomes = countOutcomes(held);
    commands.destroy++;
    await stack.destroy();
    thrownAwayAt = now();
    await settle();
    return { commands, outcomes, problems };
}

function countOutcomes(held: ReadonlyMap<string, Held>): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { outputs, failures } of held.values()) {
        const { outcome, adoptedFrom } = outputs;
        const name =
            failures.length > 0
                ? (/ERR_DEFENDER_[A-Z_]+/.exec(failures.join())?.[0] ?? "without a reason")
                : [outcome, adoptedFrom].filter((part) => part !== undefined).join(" from ");
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
}
