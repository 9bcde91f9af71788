import type { MachineFacts } from "../machines/machine-reader.ts";
import { foldType, isKnownType } from "../model/action-type.ts";
import { isMachineId, type MachineAction } from "../model/machine-action.ts";
import { type Expectation, expectable } from "../schema/input-rules.ts";
import { readableTime } from "../system/clock.ts";
import { firstOf } from "../text/first-of.ts";
import { describeValue, foldText } from "../text/sanitize.ts";

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

/** One cancellation to decide on. */
export interface GuardCase {
    /** As it was observed, never as it was declared. Only a policy pack, which sees no more, gives what `expect` says. */
    readonly action: MachineAction;
    /** Its machine; undefined where no rule asks for it. */
    readonly facts: MachineFacts | undefined;
    /** What was declared of it. */
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    readonly now: number;
}

/** A rule that stands against it. */
export interface Refusal {
    readonly rule: GuardRule;
    /** Both values, in words. */
    readonly because: string;
    /** What an approval has to hold to lift it; undefined where none can. */
    readonly pair?: string | undefined;
}

/** Refusals that an approval lifts; all others are final. */
export function isProtection({ rule }: Refusal): boolean {
    return rule.startsWith("protect");
}

/** Whether the rules ask for the machine. */
export function needsMachine({ protectTags, protectRiskScores }: GuardRules): boolean {
    return protectTags !== undefined || protectRiskScores !== undefined;
}

/**
 * Every rule that stands against a cancellation but `maxPerRun` and `maxPerDay`, which count. Pure. Case does not count,
 * and types are compared by letters and digits alone. An unknown value never passes, since it may be one that a rule names.
 */
export function refusalsOf(rules: GuardRules, { action, facts, expect, notAfter, now }: GuardCase): Refusal[] {
    const { type, requestor, machineId } = action;
    const { machine, unknown = "it was not read" } = facts ?? {};
    const tags = machine?.machineTags;
    const riskScore = machine?.riskScore;
    const ofMachine = (what: string) => `${what} not known (${machine ? "the API does not tell" : unknown})`;
    const judged: readonly (readonly [GuardRule, string | undefined])[] = [
        ["requireExpect", lacking(rules.requireExpect, expect)],
        ["maxNotAfterHours", tooFar(rules.maxNotAfterHours, notAfter, now)],
        ["allowTypes", outside(rules.allowTypes, "type", type, foldType)],
        ["denyTypes", amongTypes(rules.denyTypes, "denied", type)],
        ["allowRequestors", outside(rules.allowRequestors, "requestor", requestor)],
        ["protectMachineIds", amongMachines(rules.protectMachineIds, machineId)],
        ["protectTypes", amongTypes(rules.protectTypes, "protected", type)],
        ["protectTags", amongTags(rules.protectTags, tags, ofMachine("machineTags are"))],
        ["protectRiskScores", risky(rules.protectRiskScores, riskScore, ofMachine("riskScore is"))],
    ];
    return judged.flatMap(([rule, because]) => (because === undefined ? [] : [{ rule, because }]));
}

type Fold = typeof foldText | typeof foldType;

/** The words of a list by how they compare: it may have thousands, and is asked for thousands of actions. */
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
    // Only these are compared with the action.
    const given = new Set(expectable.filter((name) => expect?.[name] !== undefined).map(foldText));
    const missing = required?.filter((name) => !given.has(foldText(name))) ?? [];
    return missing.length > 0 ? `expect lacks ${missing.join(", ")}, required are ${required?.join(", ")}` : undefined;
}

const hourMs = 3_600_000;

function tooFar(hours: number | undefined, notAfter: number | undefined, now: number): string | undefined {
    if (hours === undefined) {
        return undefined;
    }
    if (notAfter === undefined || Number.isNaN(notAfter)) {
        return `notAfter is missing, required is one at most ${hours} h from now`;
    }
    const ahead = Math.ceil((10 * (notAfter - now)) / hourMs) / 10;
    return notAfter - now > hours * hourMs
        ? `notAfter is ${readableTime(notAfter)}, ${ahead} h from now, allowed are at most ${hours} h`
        : undefined;
}

function outside(
    allowed: readonly string[] | undefined,
    name: string,
    value: string | undefined,
    fold?: Fold,
): string | undefined {
    const isAllowed = allowed === undefined || (value !== undefined && holds(allowed, value, fold));
    return isAllowed ? undefined : `${name} is ${describe(value)}, allowed are ${some(allowed)}`;
}

/** Text that is no id of a machine does not tell which machine it is. */
function amongMachines(list: readonly string[] | undefined, machineId: string | undefined): string | undefined {
    if (list === undefined || machineId === undefined || isMachineId(foldText(machineId)) || holds(list, machineId)) {
        return among(list, "protected", "machineId is", machineId);
    }
    return `machineId is ${describe(machineId)}, which is no id of a machine, protected are ${some(list)}`;
}

function among(
    list: readonly string[] | undefined,
    what: string,
    name: string,
    value: string | undefined,
    fold?: Fold,
): string | undefined {
    if (list === undefined || (value !== undefined && !holds(list, value, fold))) {
        return undefined;
    }
    return `${name} ${describe(value)}, ${what} are ${some(value === undefined ? list : same(list, value, fold))}`;
}

/** An unknown type may be a spelling of one in the list, by letters that look alike for one. */
function amongTypes(list: readonly string[] | undefined, what: string, type: string | undefined): string | undefined {
    if (list === undefined || type === undefined || isKnownType(type) || holds(list, type, foldType)) {
        return among(list, what, "type is", type, foldType);
    }
    return `type is ${describe(type)}, which this package does not know and which may be one of these, ${what} are ${some(list)}`;
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
        return `${unknown}, protected are ${some(list)}`;
    }
    const found = tags.filter((tag) => holds(list, tag));
    const named = new Set(found.flatMap((tag) => same(list, tag)));
    return found.length > 0 ? `machineTags are ${some(found)}, protected are ${some([...named])}` : undefined;
}

function risky(list: readonly string[] | undefined, score: string | undefined, unknown: string): string | undefined {
    if (list === undefined) {
        return undefined;
    }
    if (score === undefined || !holds(riskScores, score)) {
        return `${score === undefined ? unknown : `riskScore is ${describe(score)}`}, protected are ${some(list)}`;
    }
    return among(list, "protected", "riskScore is", score);
}

function describe(value: string | undefined): string {
    return value === undefined ? "not known" : describeValue(value);
}

/** A few of a list that may be long. */
function some(values: readonly string[]): string {
    return firstOf(values, 5, describeValue).join(", ");
}
