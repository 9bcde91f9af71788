import { startSimulator } from "../../simulator/index.ts";
import { type EngineRun, startEngine } from "../helpers/engine.ts";
import { tokenOf } from "../helpers/stage.ts";
import { engineStack } from "./engine-stack.ts";
import { declarationsOf, declaredOf, type FleetSize, soakFleet } from "./fleet.ts";
import { happeningsIn } from "./happenings.ts";
import { createLedger } from "./ledger.ts";
import { type PluginMemory, whileWatched } from "./plugin-memory.ts";
import { randomFaults } from "./random-faults.ts";
import { soakCourse } from "./soak-course.ts";
import { type ReportParts, reportOf, type SoakReport } from "./soak-report.ts";

export interface EngineSoakOptions {
    readonly size: FleetSize;
    readonly seed: number;
    /** Rounds begin for so long, in milliseconds; the last one is finished. */
    readonly forMs: number;
    /** Of all requests, how many are hit by a fault, from 0 to 1. */
    readonly faultRate: number;
    /** The time between two things that happen to the actions, in milliseconds. */
    readonly happeningEveryMs: number;
    /** Called after each command. */
    readonly onCommand?: (command: WatchedCommand) => void;
}

/** One command on the real engine. */
export interface WatchedCommand {
    readonly round: number;
    readonly name: string;
    readonly tookMs: number;
    readonly failed: boolean;
    readonly memory: PluginMemory;
}

export interface EngineSoak extends SoakReport {
    readonly commands: readonly WatchedCommand[];
    readonly tookMs: number;
}

/** Course after course on the real engine, in real time, each with a new stack and a new fleet. */
export async function engineSoak(options: EngineSoakOptions): Promise<EngineSoak> {
    const began = performance.now();
    const commands: WatchedCommand[] = [];
    const parts: ReportParts[] = [];
    do {
        const round = parts.length + 1;
        parts.push(
            await oneRound({ ...options, seed: options.seed + 10 * round }, (command) => {
                const watched = { ...command, round };
                commands.push(watched);
                options.onCommand?.(watched);
            }),
        );
    } while (performance.now() - began < options.forMs);
    return { ...reportOf(parts), commands, tookMs: performance.now() - began };
}

/**
 * Without the words that name a limit: from "100 a minute" the client would learn it, and 5,000 requests take an hour.
 * Pauses are real ones.
 */
const mildRefusals = {
    "429": { name: "429", retryAfterSeconds: 1, message: "Too many requests." },
    "429 without a time": { name: "429", message: "Too many requests." },
} as const;

/** Short, so that what never ends does not take all the time. */
const confirmWithinSeconds = 12;

async function oneRound(
    { seed, size, faultRate, happeningEveryMs }: EngineSoakOptions,
    onCommand: (command: Omit<WatchedCommand, "round">) => void,
): Promise<ReportParts> {
    const fleet = soakFleet(seed, size);
    const faults = randomFaults(seed + 1, faultRate, mildRefusals);
    await using simulator = await startSimulator({
        actions: fleet.actions,
        faults: faults.plan,
        onRequest(request) {
            ledger.note(request);
            simulator.clearRequests();
        },
    });
    const ledger = createLedger({
        simulator,
        now: Date.now,
        declared: new Set(declaredOf(fleet)),
        fenced: new Set(fleet.single),
        // The client counts from when its request went out, which is a little before it came in.
        patienceMs: 9_000,
    });
    const happenings = happeningsIn(simulator, fleet, ledger, seed + 2);
    const declarations = declarationsOf(fleet, confirmWithinSeconds, Date.now());
    const engine = await startEngine({
        declarations: () => declarations,
        environment: {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: tokenOf("soak-app"),
            // 5,000 do not fit into the API's quota and ten minutes.
            DEFENDER_REQUESTS_PER_MINUTE: "1000000",
            DEFENDER_REQUESTS_PER_HOUR: "1000000",
        },
    });
    let isCalm = false;
    let isOver = false;
    async function watched(name: string, run: () => Promise<EngineRun>): Promise<EngineRun> {
        const start = performance.now();
        const timer = setInterval(() => isCalm || happenings.next(), happeningEveryMs);
        try {
            const { result, memory } = await whileWatched(engine.folder, run);
            onCommand({ name, memory, failed: result.failed, tookMs: performance.now() - start });
            return result;
        } finally {
            clearInterval(timer);
        }
    }
    try {
        const course = await soakCourse({
            fleet,
            simulator,
            ledger,
            seed: seed + 3,
            now: Date.now,
            stack: engineStack(engine, fleet, watched),
            // One turn of all commands, then the calm.
            isOver: () => isOver,
            calm() {
                isCalm = true;
                faults.end();
            },
            async rest() {
                isOver = true;
            },
        });
        return { fleet, faults, ledger, course, happenings: happenings.counts };
    } finally {
        await engine.dispose();
    }
}
