/**
 * Soaks the provider: `npm run test:soak`. Thousands of cancellations are previewed, updated and refreshed repeatedly
 * while requests fail in every way that the simulator supports and the actions change by themselves. This runs first
 * on the core in simulated time, then on the real engine in real time. It ends with exit code 0 only if no cancellation
 * was lost or requested twice, the stored records are true, and memory stays flat.
 *
 *     npm run test:soak -- --simulated 60m --real 10m --actions 5000 --seed 1
 *
 * `--simulated 0` or `--real 0` leaves a part out. The same seed gives the same fleet and the same choices. The fault
 * of each request depends on the order of the requests, which differs from run to run.
 */
import { parseArgs } from "node:util";
import { describeMachine, machineLine } from "../bench/machine.ts";
import { type Cells, shown, table } from "../bench/table.ts";
import { realQuotas } from "../test/helpers/simulated-api.ts";
import { engineSoak } from "../test/soak/engine-soak.ts";
import { fivePoints, type HeapSample, isFlat, sampleHeap } from "../test/soak/memory.ts";
import { simulatedSoak } from "../test/soak/simulated-soak.ts";
import type { SoakReport } from "../test/soak/soak-report.ts";

const { values } = parseArgs({
    options: {
        simulated: { type: "string", default: "60m" },
        real: { type: "string", default: "10m" },
        actions: { type: "string", default: "5000" },
        seed: { type: "string", default: String(Date.now() % 1e6) },
    },
});

/** "90s", "60m", "1h" in milliseconds. */
function duration(text: string): number {
    const [, amount = "", unit = "m"] = /^(\d+)([smh])?$/.exec(text) ?? [];
    const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[unit];
    if (amount === "" || unitMs === undefined) {
        throw new TypeError(`${text} is not a duration such as 90s, 60m or 1h`);
    }
    return Number(amount) * unitMs;
}

/** One column of the table. */
interface Part {
    readonly name: string;
    readonly report: SoakReport;
    readonly took: string;
    /** The measurements at the beginning, at a quarter, at half, at three quarters and at the end. */
    readonly memory: readonly string[];
    readonly isFlat: boolean;
}

const minutes = (ms: number) => `${shown(ms / 60_000, 1)} min`;
const points = (samples: readonly number[]) =>
    `${fivePoints(samples)
        .map((mb) => shown(mb))
        .join(", ")} MB`;

const minute = 60_000;
const seed = Number(values.seed);
const actions = Number(values.actions);
const simulatedMs = duration(values.simulated);
const realMs = duration(values.real);

/** A quota that lets all actions be cancelled within the hour, and the API's own, under which they take over three. */
const quotas = {
    simulated: [{ requests: 150, periodMs: minute, window: "sliding" }],
    "API's quota": realQuotas,
} as const;

function printCommand(part: string, command: string, seconds: number, mb: number): void {
    console.log(
        `${part.padEnd(12)}  ${command.padEnd(12)}  ${shown(seconds, 1).padStart(7)} s  ${shown(mb).padStart(5)} MB`,
    );
}

async function inSimulatedTime(name: keyof typeof quotas, nth: number): Promise<Part> {
    const start = performance.now();
    const samples: HeapSample[] = [];
    let last = start;
    const report = await simulatedSoak({
        seed: seed + 100 * nth,
        size: { set: actions, singles: 50, bystanders: 100 },
        forMs: simulatedMs,
        faultRate: 0.08,
        happeningsPerMinute: 20,
        quotas: quotas[name],
        maxUpMs: 15 * minute,
        onCommand(command) {
            const sample = sampleHeap();
            samples.push(sample);
            printCommand(name, command, (performance.now() - last) / 1_000, sample.heapMb);
            last = performance.now();
        },
    });
    const heap = samples.map(({ heapMb }) => heapMb);
    return {
        name,
        report,
        took: `${minutes(report.tookMs)} of simulated time in ${minutes(performance.now() - start)}`,
        memory: [
            `heap after each command: ${points(heap)}`,
            `resident: ${points(samples.map(({ residentMb }) => residentMb))}`,
        ],
        isFlat: isFlat(heap),
    };
}

async function onTheEngine(): Promise<Part> {
    const name = "real engine";
    const report = await engineSoak({
        seed: seed + 1_000,
        size: { set: actions, singles: 20, bystanders: 50 },
        forMs: realMs,
        faultRate: 0.08,
        happeningEveryMs: 200,
        onCommand: (command) => printCommand(name, command.name, command.tookMs / 1_000, command.memory.peakMb),
    });
    const rounds = [...Map.groupBy(report.commands, ({ round }) => round).values()];
    // Each command has a process of its own, so the same command must not need more memory in a later run.
    const peaks = report.commands.filter((one) => one.name === "up --refresh").map(({ memory }) => memory.peakMb);
    const ups = rounds.map((commands) => commands.find((command) => command.name === "up")?.memory);
    return {
        name,
        report,
        took: `${rounds.length === 1 ? "one round" : `${rounds.length} rounds`} in ${minutes(report.tookMs)}`,
        memory: [
            `most that the plugin of each up --refresh had resident: ${peaks.map((mb) => shown(mb)).join(", ")} MB`,
            `that of the first up of each round: ${ups.map((memory) => shown(memory?.peakMb)).join(", ")} MB`,
            `resident in the course of the last first up: ${points(ups.at(-1)?.samples ?? [])}`,
        ],
        isFlat: isFlat(peaks),
    };
}

const figureOf = (value: number | string | undefined) => (typeof value === "number" ? shown(value) : (value ?? ""));

function printTables(parts: readonly Part[]): void {
    const names = (maps: readonly ReadonlyMap<string, unknown>[]) => [
        ...new Set(maps.flatMap((map) => [...map.keys()])),
    ];
    const rowsOf = (pick: (report: SoakReport) => ReadonlyMap<string, number | string>): Cells[] =>
        names(parts.map(({ report }) => pick(report))).map((name) => [
            name,
            ...parts.map(({ report }) => figureOf(pick(report).get(name) ?? 0)),
        ]);
    const head = parts.map(({ name }) => name);
    console.log(
        `\n${table(
            ["", ...head],
            rowsOf(({ figures }) => figures),
        )}`,
    );
    console.log(
        `\n${table(
            ["faults", ...head],
            rowsOf(({ faults }) => faults),
        )}`,
    );
    console.log(
        `\n${table(
            ["happened to actions", ...head],
            rowsOf(({ happenings }) => happenings),
        )}\n`,
    );
    for (const { name, took, memory, isFlat: flat } of parts) {
        console.log(`${name}: ${took}`);
        for (const line of [...memory, flat ? "memory is flat" : "MEMORY GROWS"]) {
            console.log(`    ${line}`);
        }
    }
}

console.log(`seed ${seed}; ${machineLine(await describeMachine())}\n`);
const parts: Part[] = [];
if (simulatedMs > 0) {
    parts.push(await inSimulatedTime("simulated", 0), await inSimulatedTime("API's quota", 1));
}
if (realMs > 0) {
    parts.push(await onTheEngine());
}
printTables(parts);
for (const { name, report } of parts) {
    // The table has all of them.
    for (const problem of report.problems.slice(0, 50)) {
        console.log(`${name}: ${problem}`);
    }
}
const isGood = parts.every(({ report, isFlat: flat }) => report.problems.length === 0 && flat);
console.log(isGood ? "\nAll checks passed." : "\nSome checks FAILED.");
process.exitCode = isGood ? 0 : 1;
