/** A part of the package that is mutated and scored separately. */
export interface Area {
    /** The sources that are mutated. */
    readonly sources: readonly string[];
    /** The tests that may kill a mutant of it: its own tests, and those of the layer right above it. */
    readonly tests: readonly string[];
}

const ofLifecycles = ["test/lifecycles/*.test.ts", "test/reissues/*.test.ts"];

/** The areas by their names, those first in which a fault would cost most. */
export const areas: Readonly<Record<string, Area>> = {
    core: {
        sources: ["provider/cancel/*.ts", "provider/observe/*.ts"],
        tests: [
            "test/cancel/!(fault-matrix).test.ts",
            "test/observe/*.test.ts",
            ...ofLifecycles,
            "test/lifecycles/set/set-lifecycle.test.ts",
            "test/plan/sending-order.test.ts",
        ],
    },
    guard: {
        sources: ["provider/guard/*.ts", "provider/machines/*.ts"],
        // A quota of a call an hour: simulated days, which the runner takes for a test without end.
        tests: ["test/guard/!(slow-quota).test.ts", "test/machines/*.test.ts"],
    },
    quota: {
        sources: ["provider/quota/*.ts"],
        // A thousand requests in simulated time take more than a second for each mutant.
        tests: ["test/quota/!(quota-throughput).test.ts", "test/api/http*.test.ts"],
    },
    lifecycle: {
        sources: ["provider/lifecycles/**/*.ts", "provider/reissues/*.ts"],
        tests: [
            ...ofLifecycles,
            "test/schema/stored-state.test.ts",
            "test/lifecycles/set/*.test.ts",
            "test/guard/bypass.test.ts",
        ],
    },
    parser: {
        sources: ["provider/api/machine-action-parser.ts", "provider/model/machine-action.ts"],
        tests: [
            "test/api/machine-action-parser.test.ts",
            "test/model/machine-action.test.ts",
            "test/api/defender-client.test.ts",
        ],
    },
};
