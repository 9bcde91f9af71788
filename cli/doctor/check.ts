/** `warn`: worth knowing, nothing breaks. `skip`: it could not be looked at, because of what another line says. */
export type Verdict = "ok" | "warn" | "fail" | "skip";

/** What one look brought. */
export interface Check {
    readonly name: string;
    readonly verdict: Verdict;
    readonly detail: string;
}

/** Whether a version is at least another one; both as `1.2.3`. */
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
