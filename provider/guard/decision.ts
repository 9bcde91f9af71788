import type { MachineFacts } from "../machines/machine-reader.ts";
import { foldType, isKnownType } from "../model/action-type.ts";
import { isMachineId, type MachineAction } from "../model/machine-action.ts";
import { type Expectation, expectable } from "../schema/input-rules.ts";
import { readableTime } from "../system/clock.ts";
import { firstOf } from "../text/first-of.ts";
import { describeValue, foldText } from "../text/sanitize.ts";

/** The risk scores that the API gives to a machine. */
export const riskScores: readonly string[] = ["None", "Informational", "Low", "Medium", "High"];

/** The rules of a guard. Values are compared without case. `docs/guard.md` describes each rule. */
export interface GuardRules {
    /** The maximum number of cancel requests of a run, all resources and providers together. */
    readonly maxPerRun?: number;
    /** The maximum number of cancellations in 24 hours, counted in the API's own records. */
    readonly maxPerDay?: number;
    /** Properties that `expect` must have. */
    readonly requireExpect?: readonly string[];
    /** `notAfter` must be set, and at most this many hours ahead. */
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

/** One cancellation to decide on. */
export interface GuardCase {
    /**
     * The observed action, never the declared one. The exception is a policy pack: it passes the values of `expect`,
     * because it sees no observed ones.
     */
    readonly action: MachineAction;
    /** Its machine; undefined where no rule needs it. */
    readonly facts: MachineFacts | undefined;
    /** The declared `expect`. */
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    readonly now: number;
}

/** A rule that refuses a cancellation, and why. */
export interface Refusal {
    readonly rule: GuardRule;
    /** The observed value and the value of the rule, in words. */
    readonly because: string;
    /** The pair that an approval must contain to lift the refusal; undefined where no approval can. */
    readonly pair?: string | undefined;
}

/** Whether an approval can lift the refusal; all other refusals are final. */
export function isProtection({ rule }: Refusal): boolean {
    return rule.startsWith("protect");
}

/** Whether a rule needs the machine. */
export function needsMachine({ protectTags, protectRiskScores }: GuardRules): boolean {
    return protectTags !== undefined || protectRiskScores !== undefined;
}

/**
 * Every rule that refuses a cancellation, except `maxPerRun` and `maxPerDay`, which depend on a count. Pure. Values are
 * compared without case, and types only by letters and digits. A value that is not known never passes, because it could
 * be one that the rule names.
 */
export function refusalsOf(rules: GuardRules, { action, facts, expect, notAfter, now }: GuardCase): Refusal[] {
    const { type, requestor, machineId } = action;
    const { machine, unknown = "it was not read" } = facts ?? {};
    const tags = machine?.machineTags;
    const riskScore = machine?.riskScore;
    const ofMachine = (what: string) => `${what} not known (${machine ? "the API does not return it" : unknown})`;
    const judged: readonly (readonly [GuardRule, string | undefined])[] = [
        ["requireExpect", lacking(rules.requireExpect, expect)],
        ["maxNotAfterHours", tooFar(rules.maxNotAfterHours, notAfter, now)],
        ["allowTypes", outside(rules.allowTypes, "type", type, foldType)],
        ["denyTypes", amongTypes(rules.denyTypes, "denies", type)],
        ["allowRequestors", outside(rules.allowRequestors, "requestor", requestor)],
        ["protectMachineIds", amongMachines(rules.protectMachineIds, machineId)],
        ["protectTypes", amongTypes(rules.protectTypes, "protects", type)],
        ["protectTags", amongTags(rules.protectTags, tags, ofMachine("machineTags are"))],
        ["protectRiskScores", risky(rules.protectRiskScores, riskScore, ofMachine("riskScore is"))],
    ];
    return judged.flatMap(([rule, because]) => (because === undefined ? [] : [{ rule, because }]));
}

type Fold = typeof foldText | typeof foldType;

/** The entries of each list by their folded form: thousands of actions may be compared with thousands of entries. */
const foldedLists = new Map<Fold, WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>>([
    [foldText, new WeakMap()],
    [foldType, new WeakMap()],
]);

function same(list: readonly string[], value: string, fold: Fold = foldText): readonly string[] {
    const folded = foldedLists.get(fold)?.get(list) ?? Map.groupBy(list, fold);
    foldedLists.get(fold)?.set(list, folded);
    return folded.get(fold(value)) ?? [];
}

const holds = (list: readonly string[], value: string, fold?: Fold) => same(list, value, fold).length > 0;

function lacking(required: readonly string[] | undefined, expect: Expectation | undefined): string | undefined {
    // Only these properties are compared with the action.
    const given = new Set(expectable.filter((name) => expect?.[name] !== undefined).map(foldText));
    const missing = required?.filter((name) => !given.has(foldText(name))) ?? [];
    return missing.length > 0 ? `expect lacks ${missing.join(", ")}; it must have ${required?.join(", ")}` : undefined;
}

const hourMs = 3_600_000;

function tooFar(hours: number | undefined, notAfter: number | undefined, now: number): string | undefined {
    if (hours === undefined) {
        return undefined;
    }
    if (notAfter === undefined || Number.isNaN(notAfter)) {
        return `notAfter is missing; it must be at most ${hours} h from now`;
    }
    const ahead = Math.ceil((10 * (notAfter - now)) / hourMs) / 10;
    return notAfter - now > hours * hourMs
        ? `notAfter is ${readableTime(notAfter)}, ${ahead} h from now; it must be at most ${hours} h from now`
        : undefined;
}

function outside(
    allowed: readonly string[] | undefined,
    name: string,
    value: string | undefined,
    fold?: Fold,
): string | undefined {
    const isAllowed = allowed === undefined || (value !== undefined && holds(allowed, value, fold));
    return isAllowed ? undefined : `${name} is ${describe(value)}, but the rule allows only ${some(allowed)}`;
}

/** Text that is not a machine id may stand for any machine. */
function amongMachines(list: readonly string[] | undefined, machineId: string | undefined): string | undefined {
    if (list === undefined || machineId === undefined || isMachineId(foldText(machineId)) || holds(list, machineId)) {
        return among(list, "protects", "machineId is", machineId);
    }
    return (
        `machineId is ${describe(machineId)}, which is not a machine id; it may be one of the machines that the rule ` +
        `protects: ${some(list)}`
    );
}

function among(
    list: readonly string[] | undefined,
    verb: "denies" | "protects",
    name: string,
    value: string | undefined,
    fold?: Fold,
): string | undefined {
    if (list === undefined || (value !== undefined && !holds(list, value, fold))) {
        return undefined;
    }
    const named = value === undefined ? list : same(list, value, fold);
    return `${name} ${describe(value)}, and the rule ${verb} ${some(named)}`;
}

/** An unknown type may be another spelling of a listed one, for example with letters that look alike. */
function amongTypes(
    list: readonly string[] | undefined,
    verb: "denies" | "protects",
    type: string | undefined,
): string | undefined {
    if (list === undefined || type === undefined || isKnownType(type) || holds(list, type, foldType)) {
        return among(list, verb, "type is", type, foldType);
    }
    return (
        `type is ${describe(type)}, which this package does not know; it may be one of the types that the rule ` +
        `${verb}: ${some(list)}`
    );
}

function amongTags(
    list: readonly string[] | undefined,
    tags: readonly string[] | undefined,
    unknown: string,
): string | undefined {
    if (list === undefined) {
        return undefined;
    }
    if (tags === undefined) {
        return `${unknown}, and the rule protects ${some(list)}`;
    }
    const found = tags.filter((tag) => holds(list, tag));
    const named = new Set(found.flatMap((tag) => same(list, tag)));
    return found.length > 0 ? `machineTags are ${some(found)}, and the rule protects ${some([...named])}` : undefined;
}

function risky(list: readonly string[] | undefined, score: string | undefined, unknown: string): string | undefined {
    if (list === undefined) {
        return undefined;
    }
    if (score === undefined || !holds(riskScores, score)) {
        const seen = score === undefined ? unknown : `riskScore is ${describe(score)}`;
        return `${seen}, and the rule protects ${some(list)}`;
    }
    return among(list, "protects", "riskScore is", score);
}

function describe(value: string | undefined): string {
    return value === undefined ? "not known" : describeValue(value);
}

/** The first few of a list that may be long. */
function some(values: readonly string[]): string {
    return firstOf(values, 5, describeValue).join(", ");
}
