import { type GuardCase, type GuardRules, refusalsOf } from "../provider/guard/decision.ts";
import type { MachineAction } from "../provider/model/machine-action.ts";
import { isObject, type Properties } from "../provider/schema/input-rules.ts";
import { isRfc3339 } from "../provider/system/clock.ts";
import { describeValue } from "../provider/text/sanitize.ts";
import type { Judge } from "./on-each.ts";

/** A comment that does not match. */
export function withoutTicket(ticket: RegExp): Judge {
    // Neither `g` nor `y` may make one answer depend on the last.
    const pattern = new RegExp(ticket.source, ticket.flags.replace(/[gy]/g, ""));
    return ({ comment }) =>
        typeof comment === "string" && pattern.test(comment)
            ? undefined
            : `comment is ${describeValue(comment)}: expected a match of ${pattern}`;
}

/** No `notAfter`, or one too far ahead. */
export function withoutNearLimit(maxNotAfterHours: number): Judge {
    return ({ notAfter }) => {
        const moment = typeof notAfter === "string" && isRfc3339(notAfter) ? Date.parse(notAfter) : undefined;
        return refusal({ maxNotAfterHours }, { notAfter: moment });
    };
}

/** An `expect` without one of these properties. */
export function lackingExpect(requireExpect: readonly string[]): Judge {
    // Their names alone: a value that is not known yet is declared all the same.
    return (declared) => refusal({ requireExpect }, { expect: { ...namesOf(expectOf(declared)) } });
}

/** A type that is not among these. */
export function amongTypes(allowTypes: readonly string[]): Judge {
    return (declared) => ofExpected("type", declared, (type) => refusal({ allowTypes }, { action: { type } }));
}

/** One of these types. */
export function deniedType(denyTypes: readonly string[]): Judge {
    return (declared) => ofExpected("type", declared, (type) => refusal({ denyTypes }, { action: { type } }));
}

/** One of these machines. */
export function protectedMachine(protectMachineIds: readonly string[]): Judge {
    return (declared) =>
        ofExpected("machineId", declared, (machineId) => refusal({ protectMachineIds }, { action: { machineId } }));
}

/** Ids that a look-up of the same run has found. */
export const lookedUp: Judge = ({ fromQuery }) =>
    fromQuery === undefined
        ? undefined
        : `getMachineActions found ${describeValue(fromQuery)} of its ids in this very run: after the update that query ` +
          "finds others, and these are declared no more; write what it finds to a file that is reviewed";

type Declared = Partial<Pick<GuardCase, "expect" | "notAfter">> & { readonly action?: Partial<MachineAction> };

/** What the guard's own rule has against it, were it as it is declared. */
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
        return `expect.${name} is missing: it alone says here what would be cancelled`;
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
