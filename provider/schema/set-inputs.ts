import { declarationDigest } from "../model/declaration.ts";
import { describeValue } from "../text/sanitize.ts";
import { type DeclaredCancellation, declaredCancellation } from "./declared-cancellation.ts";
import {
    type CheckFailure,
    commonRules,
    desiredStatus,
    expectation,
    ifAlreadyFinal,
    isObject,
    machineActionId,
    oneLine,
    type Properties,
    pick,
    type Rules,
    unknownValue,
    validateAll,
    validateExpectation,
    validateFence,
} from "./input-rules.ts";
import { defaults, expectedCount, limits, maxListBytes } from "./limits.ts";

/** The maximum number of failures that are reported. One mistake can be in thousands of entries. */
const maxFailures = 20;

const entryRules: Rules = { machineActionId, expect: expectation, ifAlreadyFinal, note: oneLine };

/** All inputs except the list itself. They are stored with the outputs, so that a refresh has them. */
const setRules: Rules = {
    ...commonRules,
    maxCancellations: (value) =>
        typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= limits.maxCancellations
            ? undefined
            : expectedCount,
};

const rules: Rules = {
    cancellations: (value) => (Array.isArray(value) ? undefined : "a list of cancellations"),
    ...setRules,
};

/**
 * Checks the inputs that the engine passes for a set, and sends no request. Values that are not known yet are accepted,
 * even if the whole list is one unknown value.
 */
export function checkSetInputs(news: Properties): { inputs: Record<string, unknown>; failures: CheckFailure[] } {
    const { deviations: _, ...inputs } = news;
    const { cancellations } = news;
    const entries = Array.isArray(cancellations) ? cancellations : [];
    const kept = entries.map(keptEntry);
    const failures = [
        ...validateAll(news, rules, ["cancellations", "comment"], "a set of cancellations"),
        ...judgeNumber(entries.length, news.maxCancellations),
        ...judgeEntries(entries, news),
        ...judgeLength(kept),
    ];
    const more = failures.length - maxFailures;
    return {
        inputs: {
            ...inputs,
            ...(Array.isArray(cancellations) ? { cancellations: kept } : {}),
            desiredStatus,
        },
        failures:
            more > 0
                ? [
                      ...failures.slice(0, maxFailures),
                      { property: "cancellations", reason: `and ${more} more failures of this kind` },
                  ]
                : failures,
    };
}

function judgeNumber(count: number, given: unknown): CheckFailure[] {
    if (given === unknownValue) {
        return [];
    }
    const max = typeof given === "number" ? given : defaults.maxCancellations;
    const property = "cancellations";
    if (count > limits.maxCancellations) {
        const reason = `cancellations has ${count} entries: expected at most ${limits.maxCancellations} in one set; make several sets`;
        return [{ property, reason }];
    }
    return count > max
        ? [
              {
                  property,
                  reason: `cancellations has ${count} entries, more than maxCancellations (${max}): raise it if that is intended`,
              },
          ]
        : [];
}

function judgeLength(entries: readonly unknown[]): CheckFailure[] {
    const length = Buffer.byteLength(JSON.stringify(entries));
    const reason =
        `cancellations has ${length} bytes as JSON: expected at most ${maxListBytes}; leave requestorComment out ` +
        "of expect, or make several sets";
    return length > maxListBytes ? [{ property: "cancellations", reason }] : [];
}

function judgeEntries(entries: readonly unknown[], news: Properties): CheckFailure[] {
    const first = new Map<unknown, number>();
    return entries.flatMap((entry, index) => {
        const path = `cancellations[${index}]`;
        if (entry === unknownValue) {
            return [];
        }
        if (!isObject(entry)) {
            return [{ property: path, reason: `${path} is ${describeValue(entry)}: expected an object` }];
        }
        const id = typeof entry.machineActionId === "string" ? entry.machineActionId.toLowerCase() : undefined;
        const before = id === undefined || id === unknownValue ? undefined : first.get(id);
        if (id !== undefined && before === undefined) {
            first.set(id, index);
        }
        return [
            ...validateAll(entry, entryRules, ["machineActionId"], "an entry of a set").map(({ property, reason }) => ({
                property: `${path}.${property}`,
                reason: `${path}.${reason}`,
            })),
            ...validateExpectation(`${path}.expect`, entry.expect),
            ...validateFence(news, `${path}.expect`, entry.expect),
            ...(before === undefined
                ? []
                : [
                      {
                          property: `${path}.machineActionId`,
                          reason: `${path}.machineActionId is ${describeValue(id)}, which cancellations[${before}] already has`,
                      },
                  ]),
        ];
    });
}

/**
 * An entry as the engine gets it back. Its note is only for the readers of the program: it is not stored, and no change
 * if it is edited.
 */
function keptEntry(entry: unknown): unknown {
    if (!isObject(entry)) {
        return entry;
    }
    const { note: _, ...kept } = entry;
    const { machineActionId: id } = kept;
    return typeof id === "string" ? { ...kept, machineActionId: id.toLowerCase() } : kept;
}

/** One entry of a set. */
export interface SetEntry {
    /** The entry as it was given. A result stores it, so that a refresh can return it. */
    readonly given: Properties;
    /** The entry with the set's inputs applied, as a single cancellation would declare it. */
    readonly declared: DeclaredCancellation;
}

/** The entries by id, in their order. Inputs that are not checked yet may have others, which are left out. */
export function entriesOf(inputs: Properties): Map<string, SetEntry> {
    const { cancellations } = inputs;
    const common = pickSetInputs(inputs);
    const entries = Array.isArray(cancellations) ? cancellations.filter(isObject) : [];
    return new Map(
        entries.flatMap((given) => {
            const { machineActionId: id } = given;
            return typeof id === "string" ? [[id, entryOf(id, given, common)] as const] : [];
        }),
    );
}

/** One entry, with the inputs that all entries of the set have in common. */
export function entryOf(machineActionId: string, given: Properties, common: Properties): SetEntry {
    return { given, declared: declaredCancellation(machineActionId, { ...common, ...given }) };
}

/** Picks the inputs of a set, except its list, out of its properties. */
export function pickSetInputs(properties: Properties): Record<string, unknown> {
    return pick(properties, setRules);
}

/** The digest of the whole declaration. Preview prints it, and every comment and evidence record contains it. */
export function setDigest(entries: ReadonlyMap<string, Pick<SetEntry, "declared">>): string {
    return declarationDigest([...entries.values()].map(({ declared }) => declared));
}

/** Whether a value anywhere in the list is not known yet. */
export function hasUnknowns({ cancellations }: Properties): boolean {
    return JSON.stringify(cancellations ?? null).includes(unknownValue);
}
