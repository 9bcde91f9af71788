/** Memory of this process at one moment, in MB, after a collection where the process lets one be asked for. */
export interface HeapSample {
    readonly heapMb: number;
    readonly rssMb: number;
}

/** With `--expose-gc` garbage does not count. */
export function sampleHeap(): HeapSample {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
}

/** The first, those nearest to a quarter, to half and to three quarters of the way, and the last. */
export function fivePoints<Sample>(samples: readonly Sample[]): Sample[] {
    const last = samples.length - 1;
    return [0, 0.25, 0.5, 0.75, 1].flatMap((part) => samples[Math.round(part * last)] ?? []);
}
