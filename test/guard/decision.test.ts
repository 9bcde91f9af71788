import test from "ava";
import fc from "fast-check";
import {
    type GuardCase,
    type GuardRule,
    type GuardRules,
    isProtection,
    needsMachine,
    refusalsOf,
    riskScores,
} from "../../provider/guard/decision.ts";
import { parseMachine } from "../../provider/machines/machines-client.ts";
import { expectable } from "../../provider/schema/input-rules.ts";

const now = Date.parse("2026-05-05T12:00:00Z");
const hourMs = 3_600_000;

const types = ["Isolate", "Unisolate", "Offboard"];
const people = ["soar@contoso.example", "analyst@contoso.example"];
const machineIds = ["a", "b"].map((digit) => digit.repeat(40));
const tags = ["tier-0", "kiosk"];

const anyCase = (...words: readonly string[]) =>
    fc.tuple(fc.constantFrom(...words), fc.boolean(), fc.boolean()).map(([word, upper, padded]) => {
        const cased = upper ? word.toUpperCase() : word.toLowerCase();
        return padded ? ` ${cased} ` : cased;
    });
const unknown = undefined;
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: unknown });
const some = (...words: readonly string[]) => fc.array(anyCase(...words), { minLength: 1, maxLength: 2 });

const rulesArb = fc
    .record({
        requireExpect: maybe(some(...expectable)),
        maxNotAfterHours: maybe(fc.integer({ min: 1, max: 48 })),
        allowTypes: maybe(some(...types)),
        denyTypes: maybe(some(...types)),
        allowRequestors: maybe(some(...people)),
        protectMachineIds: maybe(some(...machineIds)),
        protectTypes: maybe(some(...types)),
        protectTags: maybe(some(...tags)),
        protectRiskScores: maybe(some(...riskScores)),
    })
    .map((rules) => Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== undefined)) as GuardRules);

const machineArb = fc.record({
    id: fc.constantFrom(...machineIds),
    riskScore: maybe(anyCase(...riskScores)),
    machineTags: maybe(fc.array(anyCase(...tags, "other"), { maxLength: 3 })),
});

const caseArb: fc.Arbitrary<GuardCase> = fc.record({
    action: fc.record({
        id: fc.constant("5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f"),
        status: fc.constant("Pending"),
        type: maybe(anyCase(...types)),
        machineId: maybe(anyCase(...machineIds)),
        requestor: maybe(anyCase(...people)),
        commands: fc.constant([]),
    }),
    facts: maybe(
        fc.oneof(
            machineArb.map((machine) => ({ machine })),
            fc.constant({ unknown: "403" }),
        ),
    ),
    expect: maybe(fc.dictionary(fc.constantFrom(...expectable), fc.constant("x")).map((expect) => ({ ...expect }))),
    notAfter: maybe(fc.integer({ min: -50, max: 100 }).map((hours) => now + hours * hourMs)),
    now: fc.constant(now),
});

const fold = (text: string) => text.trim().toLowerCase();
const holds = (list: readonly string[] | undefined, value: string | undefined) =>
    value !== undefined && (list ?? []).some((one) => fold(one) === fold(value));

/** Each rule in its plainest words: does it stand against the case? */
const model: Readonly<
    Record<Exclude<GuardRule, "maxPerRun" | "maxPerDay">, (rules: GuardRules, one: GuardCase) => boolean>
> = {
    requireExpect: ({ requireExpect = [] }, { expect }) =>
        requireExpect.some((name) => !Object.keys(expect ?? {}).some((field) => fold(field) === fold(name))),
    maxNotAfterHours: ({ maxNotAfterHours = 0 }, { notAfter }) =>
        notAfter === undefined || notAfter > now + maxNotAfterHours * hourMs,
    allowTypes: ({ allowTypes }, { action }) => !holds(allowTypes, action.type),
    denyTypes: ({ denyTypes }, { action }) => action.type === undefined || holds(denyTypes, action.type),
    allowRequestors: ({ allowRequestors }, { action }) => !holds(allowRequestors, action.requestor),
    protectMachineIds: ({ protectMachineIds }, { action }) =>
        action.machineId === undefined || holds(protectMachineIds, action.machineId),
    protectTypes: ({ protectTypes }, { action }) => action.type === undefined || holds(protectTypes, action.type),
    protectTags: ({ protectTags }, { facts }) =>
        facts?.machine?.machineTags?.some((tag) => holds(protectTags, tag)) ?? true,
    protectRiskScores: ({ protectRiskScores }, { facts }) =>
        facts?.machine?.riskScore === undefined || holds(protectRiskScores, facts.machine.riskScore),
};

const namesOf = (rules: GuardRules, one: GuardCase) => refusalsOf(rules, one).map(({ rule }) => rule as string);

test("each rule stands against exactly what it says, whatever the case", (t) => {
    fc.assert(
        fc.property(rulesArb, caseArb, (rules, one) => {
            const expected = Object.entries(model).filter(
                ([rule, stands]) => Object.hasOwn(rules, rule) && stands(rules, one),
            );
            t.deepEqual(
                namesOf(rules, one),
                expected.map(([rule]) => rule),
            );
        }),
        { numRuns: 2_000 },
    );
});

test("another rule never lets more pass", (t) => {
    fc.assert(
        fc.property(rulesArb, rulesArb, caseArb, (one, more, what) => {
            const both = namesOf({ ...more, ...one }, what);
            return namesOf(one, what).every((rule) => both.includes(rule));
        }),
    );
    t.pass();
});

test("knowing less never lets more pass", (t) => {
    fc.assert(
        fc.property(rulesArb, caseArb, fc.constantFrom("type", "machineId", "requestor"), (rules, one, name) => {
            const knowing = namesOf(rules, one);
            const { [name as "type"]: _, ...action } = one.action;
            const lessKnown = namesOf(rules, { ...one, action });
            const blind = namesOf(rules, {
                ...one,
                facts: { unknown: "no answer" },
                expect: undefined,
                notAfter: undefined,
            });
            return knowing.every((rule) => lessKnown.includes(rule) && blind.includes(rule));
        }),
    );
    t.pass();
});

test("only the rules that protect can be lifted, and only tags and risk scores need the machine", (t) => {
    const rules = [...Object.keys(model), "maxPerRun", "maxPerDay"] as GuardRule[];
    t.deepEqual(
        rules.filter((rule) => isProtection({ rule, because: "" })),
        ["protectMachineIds", "protectTypes", "protectTags", "protectRiskScores"],
    );
    t.deepEqual(
        rules.filter((rule) => needsMachine({ [rule]: ["x"] })),
        ["protectTags", "protectRiskScores"],
    );
});

const plain: GuardCase = {
    action: { id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", status: "Pending", type: "Isolate", commands: [] },
    facts: { unknown: "ERR_DEFENDER_FORBIDDEN: 403" },
    expect: { type: "Isolate" },
    notAfter: now + 8_760 * hourMs,
    now,
};
const because = (rules: GuardRules, one: GuardCase = plain) => refusalsOf(rules, one).map((refusal) => refusal.because);

test("a refusal has both values", (t) => {
    const machine = { id: "a".repeat(40), riskScore: "Severe", machineTags: ["Tier-0", "kiosk"] };
    t.deepEqual(because({ denyTypes: ["Offboard", "ISOLATE"] }), ['type is "Isolate", and the rule denies "ISOLATE"']);
    t.deepEqual(because({ allowTypes: ["Offboard"] }), ['type is "Isolate", but the rule allows only "Offboard"']);
    t.deepEqual(because({ requireExpect: ["type", "machineId"] }), [
        "expect lacks machineId; it must have type, machineId",
    ]);
    t.deepEqual(because({ maxNotAfterHours: 24 }), [
        "notAfter is 2027-05-05 12:00:00Z, 8760 h from now; it must be at most 24 h from now",
    ]);
    t.deepEqual(because({ maxNotAfterHours: 24 }, { ...plain, notAfter: undefined }), [
        "notAfter is missing; it must be at most 24 h from now",
    ]);
    t.deepEqual(because({ protectMachineIds: ["a".repeat(40)] }), [
        `machineId is not known, and the rule protects "${"a".repeat(40)}"`,
    ]);
    t.deepEqual(because({ protectTags: ["tier-0"] }), [
        'machineTags are not known (ERR_DEFENDER_FORBIDDEN: 403), and the rule protects "tier-0"',
    ]);
    t.deepEqual(because({ protectTags: ["tier-0"] }, { ...plain, facts: { machine } }), [
        'machineTags are "Tier-0", and the rule protects "tier-0"',
    ]);
    t.deepEqual(because({ protectRiskScores: ["High"] }, { ...plain, facts: { machine } }), [
        'riskScore is "Severe", and the rule protects "High"',
    ]);
});

test("a type is the same however it is spelled, in every rule", (t) => {
    const typed = { ...plain, action: { ...plain.action, type: "Live Response" } };
    for (const spelled of ["LiveResponse", "live-response", "LIVE RESPONSE"]) {
        t.deepEqual(because({ allowTypes: [spelled] }, typed), []);
        t.deepEqual(because({ denyTypes: [spelled] }, typed), [
            `type is "Live Response", and the rule denies "${spelled}"`,
        ]);
        t.deepEqual(because({ protectTypes: [spelled] }, typed), [
            `type is "Live Response", and the rule protects "${spelled}"`,
        ]);
    }
    t.deepEqual(because({ denyTypes: ["Offboard"], protectTypes: ["Unisolate"] }, typed), []);
});

test("a type that is not known may be one that is denied or protected, and is allowed by its name alone", (t) => {
    for (const type of ["ContainUser", "Unis\u043elate", "\uff35\uff4eisolate", "Un1solate", "Unknown", "-", ""]) {
        const typed = { ...plain, action: { ...plain.action, type } };
        const seen = JSON.stringify(type);
        const unknown = `type is ${seen}, which this package does not know; it may be one of the types that the rule`;
        t.deepEqual(because({ denyTypes: ["Unisolate"] }, typed), [`${unknown} denies: "Unisolate"`]);
        t.deepEqual(because({ protectTypes: ["Unisolate"] }, typed), [`${unknown} protects: "Unisolate"`]);
        t.deepEqual(because({ allowTypes: ["Isolate"] }, typed), [
            `type is ${seen}, but the rule allows only "Isolate"`,
        ]);
        t.deepEqual(because({ allowTypes: [type] }, typed), []);
    }
});

test("the same list may hold types and tags", (t) => {
    const list = ["Live Response"];
    const machine = { id: "a".repeat(40), machineTags: ["LiveResponse"] };
    const typed = { ...plain, action: { ...plain.action, type: "LiveResponse" }, facts: { machine } };
    t.deepEqual(because({ denyTypes: list, protectTags: list }, typed), [
        'type is "LiveResponse", and the rule denies "Live Response"',
    ]);
});

test("of a long list a few are named", (t) => {
    const many = Array.from({ length: 500 }, (_, n) => `type-${n}`);
    t.regex(
        because({ allowTypes: many })[0] ?? "",
        /^type is "Isolate", but the rule allows only "type-0", .*"type-4", and 495 more$/,
    );
});

test("whatever a tag is made of, the same in the guard protects its machine", (t) => {
    const text = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("👩‍💻 crown jewels", "حیاتی‌ها", "Tier\u00ad0", "##[crown]", "é", "e\u0301", "\u001b[31mred"),
    );
    fc.assert(
        fc.property(text, (tag) => {
            const machine = parseMachine({ id: machineIds[0], machineTags: [tag] });
            const action = { id: "a", status: "Pending", commands: [] };
            const asked = { action, expect: undefined, notAfter: undefined, now, facts: machine && { machine } };
            t.is(refusalsOf({ version: 1, protectTags: [tag] } as GuardRules, asked as GuardCase).length, 1, tag);
        }),
    );
});
