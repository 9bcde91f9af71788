import { type GuardCase, type GuardRules, refusalsOf } from "../provider/guard/decision.ts";
import type { MachineAction } from "../provider/model/machine-action.ts";
import { isObject, type Properties } from "../provider/schema/input-rules.ts";
import { isRfc3339 } from "../provider/system/clock.ts";
import { describeValue } from "../provider/text/sanitize.ts";
import type { Judge } from "./on-each.ts";

/** Rejects a comment that does not match the pattern. */
export function withoutTicket(ticket: RegExp): Judge {
    // The flags `g` and `y` are removed, because they would make a result depend on the previous match.
    const pattern = new RegExp(ticket.source, ticket.flags.replace(/[gy]/g, ""));
    return ({ comment }) =>
        typeof comment === "string" && pattern.test(comment)
            ? undefined
            : `comment is ${describeValue(comment)}: expected a match of ${pattern}`;
}

/** Rejects a missing `notAfter`, or one that is too far ahead. */
export function withoutNearLimit(maxNotAfterHours: number): Judge {
    return ({ notAfter }) => {
        const moment = typeof notAfter === "string" && isRfc3339(notAfter) ? Date.parse(notAfter) : undefined;
        return refusal({ maxNotAfterHours }, { notAfter: moment });
    };
}

/** Rejects an `expect` that lacks one of these properties. */
export function lackingExpect(requireExpect: readonly string[]): Judge {
    // Only the names count, because a property whose value is not known yet is declared too.
    return (declared) => refusal({ requireExpect }, { expect: { ...namesOf(expectOf(declared)) } });
}

/** Rejects a type that is not in this list. */
export function amongTypes(allowTypes: readonly string[]): Judge {
    return (declared) => ofExpected("type", declared, (type) => refusal({ allowTypes }, { action: { type } }));
}

/** Rejects these types. */
export function deniedType(denyTypes: readonly string[]): Judge {
    return (declared) => ofExpected("type", declared, (type) => refusal({ denyTypes }, { action: { type } }));
}

/** Rejects these machines. */
export function protectedMachine(protectMachineIds: readonly string[]): Judge {
    return (declared) =>
        ofExpected("machineId", declared, (machineId) => refusal({ protectMachineIds }, { action: { machineId } }));
}

/** Rejects ids that a query of the same run found. */
export const lookedUp: Judge = ({ fromQuery }) =>
    fromQuery === undefined
        ? undefined
        : `getMachineActions found ${describeValue(fromQuery)} of its ids in this same run: after the update the query ` +
          "finds other actions, and these ids are no longer declared; write the ids to a file that is reviewed";

type Declared = Partial<Pick<GuardCase, "expect" | "notAfter">> & { readonly action?: Partial<MachineAction> };

/** Why the guard's own rule would refuse an action with the declared values. */
function refusal(rules: GuardRules, { action = {}, expect, notAfter }: Declared): string | undefined {
    const asDeclared = { action: action as MachineAction, facts: undefined, expect, notAfter, now: Date.now() };
    return refusalsOf(rules, asDeclared)[0]?.because;
}

function ofExpected(
    name: "type" | "machineId",
    declared: Properties,
    judge: (value: string) => string | undefined,
): string | undefined {
    const value = expectOf(declared)[name];
    if (typeof value !== "string") {
        return `expect.${name} is missing: this policy cannot check the cancellation without it`;
    }
    const problem = judge(value);
    return problem === undefined ? undefined : `expect.${problem}`;
}

function expectOf({ expect }: Properties): Properties {
    return isObject(expect) ? expect : {};
}

function namesOf(properties: Properties): Record<string, string> {
    return Object.fromEntries(Object.keys(properties).map((name) => [name, name]));
}
