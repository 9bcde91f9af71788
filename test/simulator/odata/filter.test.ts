import test from "ava";
import fc from "fast-check";
import { rowOf } from "../../../simulator/actions/action-seed.ts";
import { type MachineActionRow, parseTicks } from "../../../simulator/actions/machine-action.ts";
import { machineActionType, parseFilter } from "../../../simulator/odata/filter.ts";
import { parseListQuery } from "../../../simulator/odata/list-query.ts";
import { idOf } from "../client.ts";

const row = rowOf(
    {
        id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
        requestor: "o'neill@contoso.example",
        machineId: null,
        creationDateTimeUtc: "2026-05-04T10:36:47.2968211Z",
    },
    0n,
);

const selected = (filter: string): boolean => parseFilter(filter, machineActionType)(row);

test("strings compare exactly, but id, status and type without regard to case", (t) => {
    t.true(selected("id eq '5F2C7A10-93B4-4C1E-8D2F-6A7B8C9D0E1F'"));
    t.true(selected("status eq 'pending'"));
    t.true(selected("type in ('Scan', 'ISOLATE')"));
    t.true(selected("requestor eq 'o''neill@contoso.example'"));
    t.false(selected("requestor eq 'O''Neill@contoso.example'"));
});

test("times compare as instants down to 100 ns, whatever their offset", (t) => {
    t.true(selected("creationDateTimeUtc eq 2026-05-04T12:36:47.2968211+02:00"));
    t.true(selected("creationDateTimeUtc gt 2026-05-04T10:36:47.2968210Z"));
    t.false(selected("creationDateTimeUtc gt 2026-05-04T10:36:47.2968211Z"));
    t.true(selected("creationDateTimeUtc ge 2026-05-04T10:36:47.2968211Z and creationDateTimeUtc lt 2026-05-05"));
});

test("and binds tighter than or, and parentheses tighter than both", (t) => {
    t.true(selected("status eq 'Pending' or status eq 'x' and type eq 'x'"));
    t.false(selected("(status eq 'Pending' or status eq 'x') and type eq 'x'"));
    t.true(selected("((type eq 'Isolate'))and(status ne 'Failed')"));
});

test("null equals null alone and is neither greater nor less than anything", (t) => {
    t.true(selected("machineId eq null"));
    t.false(selected("machineId eq ''"));
    t.true(selected("machineId ne 'a'"));
    t.false(selected("machineId lt 'a' or machineId ge 'a' or machineId le null"));
});

const malformed = [
    "",
    "   ",
    "status",
    "status eq",
    "status eq Pending",
    "status eq 'Pending",
    "status eq 'it's'",
    "status = 'Pending'",
    "status EQ 'Pending'",
    "status eq 'Pending' and",
    "status eq 'Pending' type eq 'Isolate'",
    "(status eq 'Pending'",
    "status eq 'Pending')",
    "status in ()",
    "status in ('a',)",
    "status in 'a'",
    "nosuch eq 'a'",
    "toString eq 'a'",
    "status constructor 'a'",
    "status eq 1",
    "status eq 2026-05-04",
    "creationDateTimeUtc gt '2026-05-04T00:00:00Z'",
    "creationDateTimeUtc gt 2026-13-45T00:00:00Z",
    "creationDateTimeUtc gt 2026-05-04T10:00:00",
    "contains(requestor,'soar')",
    "not status eq 'a'",
    `${"(".repeat(50_000)}status eq 'a'${")".repeat(50_000)}`,
];
for (const filter of malformed) {
    const title = filter.length > 80 ? "parentheses without end" : `the filter "${filter}"`;
    test(`${title} is refused`, (t) => {
        t.like(
            t.throws(() => parseFilter(filter, machineActionType)),
            { status: 400, code: "" },
        );
    });
}

test("a filter of thousands of terms in a row is read", (t) => {
    const terms = Array.from({ length: 20_000 }, (_, n) => `id eq '${idOf(n)}'`);
    t.false(selected(terms.join(" or ")));
    t.true(selected(`id in ('${row.id}'${", 'x'".repeat(20_000)})`));
});

type Rule = { text: string; holds: (row: MachineActionRow) => boolean };

const words = fc.constantFrom("Isolate", "isolate", "it''s", "'", "", " and ", "é", "Pending", "(", "or", "😀", "+&%");
const texts = fc.oneof(words, fc.string({ unit: "binary", maxLength: 6 }));
const textProperties = fc.constantFrom("id", "status", "type", "machineId", "requestor", "requestSource" as const);
const instants = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom("", ".1", ".1000000", ".1000001"))
    .map(([second, fraction]) => `2026-05-04T10:00:0${second}${fraction}Z`);

const plain: Record<string, (a: string | bigint, b: string | bigint) => boolean> = {
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    gt: (a, b) => a > b,
    ge: (a, b) => a >= b,
    lt: (a, b) => a < b,
    le: (a, b) => a <= b,
};
const operators = fc.constantFrom(...Object.keys(plain));
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const fold = (property: string, text: string): string =>
    property === "id" || property === "status" || property === "type" ? text.toLowerCase() : text;

const textRule: fc.Arbitrary<Rule> = fc.tuple(textProperties, operators, texts).map(([property, operator, text]) => ({
    text: `${property} ${operator} ${quoted(text)}`,
    holds: (candidate) => plain[operator]?.(fold(property, String(candidate[property])), fold(property, text)) ?? false,
}));
const inRule: fc.Arbitrary<Rule> = fc
    .tuple(textProperties, fc.array(texts, { minLength: 1, maxLength: 4 }))
    .map(([property, list]) => ({
        text: `${property} in (${list.map(quoted).join(",")})`,
        holds: (candidate) => list.some((text) => fold(property, text) === fold(property, String(candidate[property]))),
    }));
const timeRule: fc.Arbitrary<Rule> = fc.tuple(operators, instants).map(([operator, time]) => ({
    text: `creationDateTimeUtc ${operator} ${time}`,
    holds: (candidate) =>
        plain[operator]?.(parseTicks(candidate.creationDateTimeUtc) ?? 0n, parseTicks(time) ?? 0n) ?? false,
}));
const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
    rule: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        textRule,
        inRule,
        timeRule,
        fc.tuple(tie("rule"), tie("rule")).map(([a, b]) => ({
            text: `(${a.text}) and (${b.text})`,
            holds: (candidate: MachineActionRow) => a.holds(candidate) && b.holds(candidate),
        })),
        fc.tuple(tie("rule"), tie("rule")).map(([a, b]) => ({
            text: `(${a.text}) or (${b.text})`,
            holds: (candidate: MachineActionRow) => a.holds(candidate) || b.holds(candidate),
        })),
    ),
}));
const rows = fc.array(
    fc
        .record({
            id: fc.nat(20).map(idOf),
            type: texts,
            status: texts,
            machineId: texts,
            requestor: texts,
            requestSource: texts,
            creationDateTimeUtc: instants,
        })
        .map((seed) => rowOf(seed, 0n)),
);

test("a filter selects exactly what the same rule written as code selects", (t) => {
    fc.assert(
        fc.property(rows, rule, (candidates, { text, holds }) => {
            const { matches } = parseListQuery(`$filter=${encodeURIComponent(text)}`, machineActionType);
            t.deepEqual(candidates.filter(matches), candidates.filter(holds));
        }),
        { numRuns: 500 },
    );
    t.pass();
});

test("whatever a filter says, it is read or refused as a query error", (t) => {
    const pieces = fc.constantFrom(
        "status",
        "eq",
        "'a'",
        "(",
        ")",
        ",",
        "and",
        "or",
        "in",
        "2026-05-04",
        "'",
        "-1",
        "é",
    );
    fc.assert(
        fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
            try {
                parseFilter(parts.join(" "), machineActionType);
            } catch (error) {
                t.like(error as object, { name: "ApiError", status: 400, code: "" });
            }
        }),
        { numRuns: 500 },
    );
    t.pass();
});
