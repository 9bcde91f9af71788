import type { Measure } from "./start-process.ts";

/** One measurement. */
export interface Row {
    readonly name: string;
    readonly measure: Measure;
    /** The name of an earlier row that it is compared with. */
    readonly against?: string;
}

/** The summary of all rounds of one row. */
export interface Result {
    readonly name: string;
    /** Median, milliseconds. */
    readonly ms: number;
    /** The quartiles, milliseconds: half of the runs lie between them. */
    readonly from: number;
    readonly to: number;
    readonly against?: string;
    /** Median of the ratios. Each is taken within one round, so that other load on the machine affects both sides. */
    readonly ratio?: number;
}

/** Measures all rows in turn, round by round, after a round that only warms the disk's cache. */
export async function measureInRounds(rows: readonly Row[], rounds: number): Promise<Result[]> {
    const seen: Record<string, number>[] = [];
    for (let round = 0; round <= rounds; round++) {
        const times: Record<string, number> = {};
        for (const { name, measure } of rows) {
            times[name] = await measure();
        }
        if (round > 0) {
            seen.push(times);
        }
    }
    return rows.map(({ name, against }) => {
        const times = seen.map((round) => round[name] ?? Number.NaN);
        const result = { name, ms: quantile(times, 0.5), from: quantile(times, 0.25), to: quantile(times, 0.75) };
        if (against === undefined) {
            return result;
        }
        const ratios = seen.map((round) => (round[name] ?? Number.NaN) / (round[against] ?? Number.NaN));
        return { ...result, against, ratio: quantile(ratios, 0.5) };
    });
}

/** The value below which that part of the values lies, interpolated between two of them. */
export function quantile(values: readonly number[], part: number): number {
    const sorted = values.toSorted((a, b) => a - b);
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place - Math.floor(place));
}
