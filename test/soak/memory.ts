/** Memory of this process at one moment, in MB; with `--expose-gc` after a collection. */
export interface HeapSample {
    readonly heapMb: number;
    readonly residentMb: number;
}

export function sampleHeap(): HeapSample {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heapMb: heapUsed / 2 ** 20, residentMb: rss / 2 ** 20 };
}

/** The first sample, those at a quarter, at half and at three quarters of the way, and the last. */
export function fivePoints(samples: readonly number[]): number[] {
    const last = samples.length - 1;
    return last < 0 ? [] : [0, 0.25, 0.5, 0.75, 1].map((part) => samples[Math.round(part * last)] ?? Number.NaN);
}

/** Room for what V8 does not give back at once. */
const room = 1.25;

/** Whether the second half needs no more than the first one did. What grows with the time does not pass. */
export function isFlat(samples: readonly number[]): boolean {
    const half = Math.ceil(samples.length / 2);
    return Math.max(0, ...samples.slice(half)) <= room * Math.max(...samples.slice(0, half));
}
