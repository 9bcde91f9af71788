/**
 * Kills updates on the real engine, again and again, and recovers from each: `npm run test:kills`. Half of them are
 * killed after a random time, half after a random number of cancel requests. A simulated API keeps each action Pending
 * for a while after its cancel request. It ends with exit code 0 only if every action is cancelled as declared, none got
 * a second cancel request, and no plugin stays alive.
 *
 *     npm run test:kills -- --runs 50 --seed 1
 *     npm run test:kills -- --runs 20 --face plugin
 */
import { parseArgs } from "node:util";
import { type KilledRun, killedRun, victims } from "../test/helpers/killed-run.ts";
import { randomNumbers } from "../test/helpers/random-numbers.ts";

const { values } = parseArgs({
    options: {
        runs: { type: "string", default: "50" },
        seed: { type: "string", default: String(Date.now() % 1e6) },
        face: { type: "string", default: "dynamic" },
    },
});
if (values.face !== "dynamic" && values.face !== "plugin") {
    throw new Error(`--face is ${values.face}: expected dynamic or plugin`);
}
const isOfPlugin = values.face === "plugin";
const runs = Number(values.runs);
const cancellations = 20;

const columns = [
    ["run", 3],
    ["victim", 6],
    ["killed after", 12],
    ["pending for", 11],
    ["sent", 4],
    ["in state", 8],
    ["gone after", 10],
    ["last request", 12],
    ["cancelled", 9],
    ["adopted", 7],
    ["second", 6],
] as const;

function printLine(cells: readonly string[]): void {
    console.log(cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join("  "));
}

function cellsOf(nth: number, victim: string, settleMs: number, run: KilledRun): string[] {
    const milliseconds = (ms: number | undefined) => (ms === undefined ? "-" : `${ms} ms`);
    return [
        String(nth),
        victim,
        milliseconds(run.killedAfterMs),
        milliseconds(settleMs),
        String(run.sent),
        String(run.kept),
        run.goneAfterMs === undefined ? (run.orphans > 0 ? "lives on" : "starting") : milliseconds(run.goneAfterMs),
        run.sentAfterDeathMs === 0 ? "before" : `${run.sentAfterDeathMs} ms`,
        String(run.cancelled),
        String(run.outcomes["adopted from ourselves"] ?? 0),
        String(run.secondRequests),
    ];
}

console.log(
    `${runs} runs of pulumi up with ${cancellations} cancellations, killed with SIGKILL; face ${values.face}, seed ${values.seed}\n`,
);
printLine(columns.map(([title]) => title));
const random = randomNumbers(Number(values.seed));
const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
const results: KilledRun[] = [];
for (let nth = 1; nth <= runs; nth++) {
    const victim = victims[between(0, victims.length - 1)] ?? "CLI";
    const settleMs = between(2_000, 5_000);
    // By time alone, each update on a busy machine is killed before its first cancel request.
    const after = nth % 2 === 0 ? { cancelRequests: between(1, cancellations) } : { milliseconds: between(200, 7_500) };
    const run = await killedRun({ victim, after, cancellations, settleMs, isOfPlugin });
    results.push(run);
    printLine(cellsOf(nth, victim, settleMs, run));
    for (const problem of run.problems) {
        console.log(`     ${problem}`);
    }
}

const sum = (count: (run: KilledRun) => number) => results.reduce((total, run) => total + count(run), 0);
const number = new Intl.NumberFormat("en");
const killed = sum(({ killedAfterMs }) => (killedAfterMs === undefined ? 0 : 1));
console.log(`
killed                                       ${number.format(killed)} of ${number.format(runs)}
cancelled as declared                        ${number.format(sum(({ cancelled }) => cancelled))} of ${number.format(runs * cancellations)}
second cancel requests                       ${sum(({ secondRequests }) => secondRequests)}
plugins still alive after 10 s               ${sum(({ orphans }) => orphans)}
last request after a kill, at most           ${Math.max(...results.map(({ sentAfterDeathMs }) => sentAfterDeathMs))} ms
plugins alive that never loaded the package  ${sum(({ startingPlugins }) => startingPlugins)} (their CLI was killed while they started; ended by this command)`);
const isGood = killed === runs && results.every(({ problems }) => problems.length === 0);
console.log(isGood ? "\nAll checks passed." : "\nSome checks FAILED.");
process.exitCode = isGood ? 0 : 1;
