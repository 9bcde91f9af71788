import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator } from "../../simulator/index.ts";
import { askProcess } from "../ask-process.ts";
import { quantile } from "../rounds.ts";
import type { CpuTask, CpuTime } from "./cpu-process.ts";

/** The processor time of a set, without a quota. */
export interface CpuResult {
    readonly cancellations: number;
    /** Medians, milliseconds of processor time: only `create` of the set, and the whole process. */
    readonly createMs: number;
    readonly processMs: number;
    /** The same with the package of another checkout. */
    readonly against?: { readonly createMs: number; readonly processMs: number };
    /** Our time divided by the other's: median of the ratios within a pair, with the quartiles. */
    readonly ratio?: { readonly median: number; readonly from: number; readonly to: number };
}

const ourRoot = fileURLToPath(new URL("../..", import.meta.url));

/** Cancels sets of that size, each in its own process, in pairs with the package of another checkout if given. */
export async function measureCpu(size: number, rounds: number, against: string | undefined): Promise<CpuResult> {
    const pairs: { readonly ours: CpuTime; readonly theirs: CpuTime | undefined }[] = [];
    // The first round warms the disk's cache and is not counted. The order alternates, so neither is always first.
    for (let round = 0; round <= rounds; round++) {
        const early = round % 2 === 0 || against === undefined ? await cpuOf(ourRoot, size) : undefined;
        const theirs = against === undefined ? undefined : await cpuOf(against, size);
        const ours = early ?? (await cpuOf(ourRoot, size));
        if (round > 0) {
            pairs.push({ ours, theirs });
        }
    }
    const median = (times: readonly CpuTime[], of: keyof CpuTime) =>
        quantile(
            times.map((time) => time[of]),
            0.5,
        );
    const ours = pairs.map((pair) => pair.ours);
    const result = { cancellations: size, createMs: median(ours, "create"), processMs: median(ours, "process") };
    const theirs = pairs.flatMap((pair) => pair.theirs ?? []);
    if (theirs.length === 0) {
        return result;
    }
    const ratios = pairs.flatMap((pair) => (pair.theirs ? pair.ours.create / pair.theirs.create : []));
    return {
        ...result,
        against: { createMs: median(theirs, "create"), processMs: median(theirs, "process") },
        ratio: { median: quantile(ratios, 0.5), from: quantile(ratios, 0.25), to: quantile(ratios, 0.75) },
    };
}

async function cpuOf(root: string, size: number): Promise<CpuTime> {
    const ids = Array.from({ length: size }, () => randomUUID());
    await using simulator = await startSimulator({ actions: ids.map((id) => ({ id })) });
    // The processes of one user share the quota in this folder.
    const folder = await mkdtemp(join(tmpdir(), "defender-cpu-"));
    try {
        const env = {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "bench-token",
            DEFENDER_REQUESTS_PER_MINUTE: "1000000",
            DEFENDER_REQUESTS_PER_HOUR: "1000000",
            XDG_CACHE_HOME: folder,
        };
        const program = new URL("./cpu-process.ts", import.meta.url);
        return await askProcess<CpuTask, CpuTime>(program, { root, ids }, { env });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
