/**
 * Tries every property of `test/fuzz/` for a set time. Then a client in a process of its own reads the answers of a
 * hostile server: `npm run test:fuzz`. Prints both as tables, and ends with exit code 0 only if nothing failed.
 *
 *     DEFENDER_FUZZ_SECONDS=60 DEFENDER_FUZZ_SEED=1 npm run test:fuzz
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describeMachine, machineLine } from "../bench/machine.ts";
import { shown, table } from "../bench/table.ts";
import type { FuzzFigures } from "../test/helpers/fuzz.ts";
import { measureHostile } from "../test/helpers/hostile-read.ts";
import { hostileAnswers } from "../test/helpers/hostile-server.ts";

const seconds = process.env.DEFENDER_FUZZ_SECONDS || "60";
const root = join(import.meta.dirname, "..");
/** In place of the client's 30 s. Each attempt at an answer that stalls ends after this time, or twice this time. */
const answerWithinMs = 1_000;

/** One target after another. The targets of one file share a process, and some share a real server. */
async function tryProperties(folder: string): Promise<{ figures: FuzzFigures[]; passed: boolean }> {
    const report = join(folder, "figures");
    const { failed } = await execa("ava", ["--serial", "--timeout=10h", "test/fuzz/**/*.test.ts"], {
        cwd: root,
        preferLocal: true,
        localDir: root,
        env: { DEFENDER_FUZZ_SECONDS: seconds, DEFENDER_FUZZ_REPORT: report },
        stdio: ["ignore", "inherit", "inherit"],
        reject: false,
    });
    const lines = (await readFile(report, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    const figures = lines.map((line) => JSON.parse(line) as FuzzFigures);
    return { figures: figures.sort((one, other) => (one.target < other.target ? -1 : 1)), passed: !failed };
}

interface Row {
    readonly cells: readonly string[];
    readonly isAsExpected: boolean;
}

async function readHostileAnswers(): Promise<Row[]> {
    const rows: Row[] = [];
    for (const [what, hostile] of Object.entries(hostileAnswers)) {
        const { error, action, seconds, peakMb } = await measureHostile(
            hostile,
            hostile.stalls ? answerWithinMs : 30_000,
        );
        const ending = error?.split(":")[0] ?? action?.status ?? "nothing";
        const isAsExpected = hostile.error ? hostile.error.test(error ?? "") : action !== undefined;
        rows.push({ cells: [what, ending, shown(seconds, 1), shown(peakMb)], isAsExpected });
    }
    return rows;
}

const machine = await describeMachine();
const folder = await mkdtemp(join(tmpdir(), "test-fuzz-"));
try {
    const { figures, passed } = await tryProperties(folder);
    const rows = await readHostileAnswers();
    const tried = figures.map(({ target, runs, failures, seed }) => [target, shown(runs), String(failures), `${seed}`]);
    console.log(`\nEach property for ${seconds} s\n\n${table(["target", "runs", "failures", "seed"], tried)}`);
    console.log(
        `\nAnswers of a hostile server, read by a client that waits ${answerWithinMs / 1_000} s when one stalls\n\n` +
            table(
                ["answer", "ends as", "s", "peak MB"],
                rows.map(({ cells }) => cells),
            ),
    );
    console.log(`\n${machineLine(machine)}`);
    const isGood = passed && figures.length > 0 && rows.every(({ isAsExpected }) => isAsExpected);
    console.log(isGood ? "\nAll checks passed." : "\nSome checks FAILED.");
    process.exitCode = isGood ? 0 : 1;
} finally {
    await rm(folder, { recursive: true, force: true });
}
