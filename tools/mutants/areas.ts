/** A part of the package that is mutated and judged by itself. */
export interface Area {
    /** The sources that are mutated. */
    readonly sources: readonly string[];
    /** The tests that may kill a mutant of it: its own, and those of what stands right above it. */
    readonly tests: readonly string[];
}

const ofCancellations = ["test/cancellation-!(reading).test.ts", "test/reissue-*.test.ts"];

/** The areas by their names, in the order of what a fault in them would cost. */
export const areas: Readonly<Record<string, Area>> = {
    core: {
        sources: ["provider/cancel/*.ts"],
        tests: ["test/cancel/!(fault-matrix).test.ts", ...ofCancellations, "test/set/set-lifecycle.test.ts"],
    },
    guard: {
        sources: ["provider/guard/*.ts"],
        tests: ["test/guard/*.test.ts"],
    },
    quota: {
        sources: ["provider/quota/*.ts"],
        // A thousand requests in simulated time take a second and more, for each mutant.
        tests: ["test/quota/!(quota-throughput).test.ts", "test/api/http*.test.ts"],
    },
    lifecycle: {
        sources: [
            "provider/cancellation-lifecycle.ts",
            "provider/cancellation-reading.ts",
            "provider/declared-target.ts",
            "provider/refresh.ts",
            "provider/reissue-repair.ts",
            "provider/reissue-watch.ts",
            "provider/reissues.ts",
            "provider/set/*.ts",
        ],
        tests: [
            ...ofCancellations,
            "test/cancellation-reading.test.ts",
            "test/reissues.test.ts",
            "test/stored-state.test.ts",
            "test/set/*.test.ts",
            "test/guard/bypass.test.ts",
        ],
    },
    parser: {
        sources: ["provider/api/machine-action-parser.ts", "provider/machine-action.ts"],
        tests: [
            "test/api/machine-action-parser.test.ts",
            "test/machine-action.test.ts",
            "test/api/defender-client.test.ts",
        ],
    },
};
