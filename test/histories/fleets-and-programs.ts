import fc from "fast-check";
import type { ActionSeed } from "../../simulator/index.ts";
import type { Declared } from "../helpers/engine-rules.ts";

const start = Date.parse("2026-05-05T07:00:00Z");
export const [minute, hour] = [60_000, 3_600_000];
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const machineOf = (nth: number) => String(nth).padStart(40, "a");

const soar = "soar@contoso.example";
const analyst = "analyst@contoso.example";

/** What a fleet holds in the beginning: some actions share a machine, of some the machine is not known. */
export const fleets: fc.Arbitrary<ActionSeed[]> = fc
    .array(
        fc.record({
            type: fc.constantFrom("Isolate", "Isolate", "RunAntiVirusScan"),
            machine: fc.constantFrom(0, 1, 2, 3, undefined),
            requestor: fc.constantFrom(soar, soar, soar, soar, soar, soar, analyst),
            settleMs: fc.constantFrom(500, 4_000, 20_000),
            behaviour: fc.constantFrom(
                "pending",
                "pending",
                "pending",
                "in-progress-then-cancelled",
                "in-progress-then-succeeded",
                "never-final",
            ),
            status: fc.oneof(
                { weight: 12, arbitrary: fc.constant(undefined) },
                {
                    weight: 4,
                    arbitrary: fc.constantFrom("Pending", "Queued", "Succeeded", "Failed", "TimeOut", "Cancelled"),
                },
            ),
        }),
        { minLength: 3, maxLength: 5 },
    )
    .map((seeds) =>
        seeds.map(({ machine, status, behaviour, ...seed }, nth) => ({
            ...seed,
            id: guid(nth),
            machineId: machine === undefined ? null : machineOf(machine),
            creationDateTimeUtc: utc(start - (9 - nth) * minute),
            behaviour: behaviour as NonNullable<ActionSeed["behaviour"]>,
            ...(status === undefined ? {} : { status }),
        })),
    );

export const policies = fc.record({
    comment: fc.constantFrom("INC-4711", "INC-4711, approved"),
    ifAlreadyFinal: fc.constantFrom(undefined, undefined, "fail", "accept"),
    onReissue: fc.constantFrom(undefined, "drift", "cancel", "cancel", "ignore"),
    notAfter: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constant(start + 30 * hour) },
        { weight: 1, arbitrary: fc.constantFrom(start - hour, start + hour) },
    ),
    expect: fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: fc.constant({ requestor: soar.toUpperCase() }) },
        { weight: 1, arbitrary: fc.constantFrom({ type: "isolate" }, { requestor: analyst }) },
    ),
    reissueWindowHours: fc.constantFrom(undefined, undefined, 2, 30),
    confirmWithinSeconds: fc.constantFrom(5, 12, 30),
});

/** The inputs that these policies make: what they need of each other is filled in. */
export function argsOf(action: number, { notAfter, expect, onReissue, ...policy }: PolicyOf): Declared["args"] {
    const isCancel = onReissue === "cancel";
    const given = {
        ...policy,
        onReissue,
        notAfter: notAfter === undefined ? (isCancel ? utc(start + 200 * hour) : undefined) : utc(notAfter),
        expect: isCancel ? { requestor: soar, ...expect } : expect,
        machineActionId: guid(action),
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
type PolicyOf = typeof policies extends fc.Arbitrary<infer T> ? T : never;

/** Of the fleet; the last may not exist. */
export const actionNumbers = fc.oneof(
    { weight: 12, arbitrary: fc.nat(2) },
    { weight: 1, arbitrary: fc.integer({ min: 3, max: 5 }) },
);

/** What a program declares: actions of the fleet, now and then one twice, or one that does not exist. */
export const programs: fc.Arbitrary<Declared[]> = fc
    .array(fc.tuple(actionNumbers, policies), { minLength: 2, maxLength: 4 })
    .map((all) => all.map(([action, policy], nth) => ({ name: `c-${nth}`, args: argsOf(action, policy) })));
