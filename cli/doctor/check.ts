/** `warn`: the run can work, but read the detail. `skip`: not checked, because of the reason in the detail. */
export type Verdict = "ok" | "warn" | "fail" | "skip";

/** The result of one check. */
export interface Check {
    readonly name: string;
    readonly verdict: Verdict;
    readonly detail: string;
}

/** Whether a version is at least the other one; both in the form `1.2.3`. */
export function isAtLeast(version: string, least: string): boolean {
    const [have, want] = [version, least].map((text) =>
        text
            .replace(/^[^\d]*/, "")
            .split(/[.-]/)
            .map(Number),
    );
    for (const index of [0, 1, 2]) {
        const difference = (have?.[index] ?? 0) - (want?.[index] ?? 0);
        if (difference !== 0) {
            return difference > 0;
        }
    }
    return true;
}
