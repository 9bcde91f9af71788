/** The risk scores that the API gives to a machine. */
export const riskScores: readonly string[] = ["None", "Informational", "Low", "Medium", "High"];

/** What a guard says. Case does not count in any of it. `docs/guard.md` has each rule. */
export interface GuardRules {
    /** Cancel requests of a run, all resources and providers together. */
    readonly maxPerRun?: number;
    /** Cancellations of 24 hours, by the API's own records. */
    readonly maxPerDay?: number;
    /** Properties that `expect` must have. */
    readonly requireExpect?: readonly string[];
    /** `notAfter` must be set, and no further ahead. */
    readonly maxNotAfterHours?: number;
    readonly allowTypes?: readonly string[];
    readonly denyTypes?: readonly string[];
    readonly allowRequestors?: readonly string[];
    readonly protectMachineIds?: readonly string[];
    readonly protectTypes?: readonly string[];
    readonly protectTags?: readonly string[];
    readonly protectRiskScores?: readonly string[];
}

export type GuardRule = keyof GuardRules;
