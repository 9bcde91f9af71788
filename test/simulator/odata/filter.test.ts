import test from "ava";
import fc from "fast-check";
import { rowOf } from "../../../simulator/actions/action-seed.ts";
import { type MachineActionRow, parseTicks } from "../../../simulator/actions/machine-action.ts";
import type { MachineRow } from "../../../simulator/machines/machine-row.ts";
import { createMachineRows } from "../../../simulator/machines/machine-rows.ts";
import { machineActionType, machineType } from "../../../simulator/odata/entity-types.ts";
import { parseFilter } from "../../../simulator/odata/filter.ts";
import { parseListQuery } from "../../../simulator/odata/list-query.ts";
import { idOf } from "../client.ts";

const queryRefused = "The query specified in the URI is not valid.";
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

for (const date of ["2026-02-30", "2026-02-29T00:00:00Z", "2026-04-31T10:00:00Z", "2026-13-01", "2026-00-01"]) {
    test(`a day that no month has is refused: ${date}`, (t) => {
        t.throws(() => selected(`creationDateTimeUtc gt ${date}`), { message: /Syntax error/ });
    });
}

test("the last day of February in a leap year is read", (t) => {
    t.true(selected("creationDateTimeUtc gt 2024-02-29T00:00:00Z"));
});

test("the id of a machine compares without regard to case, as on machines", (t) => {
    const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
    const matches = parseFilter(`machineId eq '${machineId.toUpperCase()}'`, machineActionType);
    t.true(matches({ ...row, machineId }));
    t.false(matches(row));
});

test("times compare as instants down to 100 ns, with any offset", (t) => {
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
    "status Equals 'Pending'",
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
    "contains(requestor)",
    "contains(requestor,'soar','x')",
    "contains(requestor,1)",
    "contains(id,'5f2c')",
    "contains(commands,'x')",
    "contains()",
    "nosuch(requestor,'soar')",
    "toString(requestor)",
    "tolower(requestor)",
    "tolower(requestor) eq 1",
    "not status eq 'a'",
    "not",
    "status and type",
    "contains(requestor,'soar') or status",
    "requestor eq 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    "requestor eq Microsoft.Status'Pending'",
    "errorHResult eq '0'",
    "commands eq null",
    "relatedFileInfo eq null",
    "relatedFileInfo/nosuch eq 'a'",
    "relatedFileInfo/any(f: f eq 'a')",
    "status in (1)",
    "status in (requestor)",
    `${"not ".repeat(50_000)}true`,
    `${"tolower(".repeat(50_000)}'a'${")".repeat(50_000)} eq 'a'`,
    `${"(".repeat(50_000)}status eq 'a'${")".repeat(50_000)}`,
];
for (const filter of malformed) {
    const title = filter.length > 1_000 ? `${filter.slice(0, 4)} without end` : `the filter "${filter}"`;
    test(`${title} is refused`, (t) => {
        t.like(
            t.throws(() => parseFilter(filter, machineActionType)),
            { status: 400, code: "" },
        );
    });
}

const accepted: readonly [string, boolean][] = [
    ["Status EQ 'Pending'", true],
    ["MACHINEID eq NULL", true],
    ["status eq 'Pending' AND type eq 'Isolate'", true],
    ["status eq 'Failed' OR type eq 'Scan'", false],
    ["'Pending' eq status", true],
    ["2026-05-04T00:00:00Z lt creationDateTimeUtc", true],
    ["creationDateTimeUtc le lastUpdateDateTimeUtc", true],
    ["requestor ne status", true],
    ["status IN('Pending','Failed')", true],
    ["status in ( 'Failed' , 'Scan' )", false],
    ["not (status eq 'Failed')", true],
    ["Not(status in ('Pending'))", false],
    ["not not contains(requestor,'neill')", true],
    ["startswith(requestor,'o''n')", true],
    ["StartsWith(requestor, 'O''N')", false],
    ["startswith(Status,'PEND')", true],
    ["endswith(requestor,'.example')", true],
    ["contains(requestor,'@contoso') eq true", true],
    ["contains(requestor,'@contoso') eq false", false],
    ["contains(machineId,'a')", false],
    ["tolower(requestor) eq 'o''neill@contoso.example'", true],
    ["toupper(type) eq 'ISOLATE'", true],
    ["contains(tolower(requestorComment),tolower('PLAYBOOK'))", true],
    ["tolower(status) in ('pending')", true],
    ["id eq 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", true],
    ["id eq 5F2C7A10-93B4-4C1E-8D2F-6A7B8C9D0E1F", true],
    ["id ne 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", false],
    ["id in (5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f,00000000-0000-4000-8000-000000000001)", true],
    ["id in ('5F2C7A10-93B4-4C1E-8D2F-6A7B8C9D0E1F')", true],
    ["status eq Microsoft.WindowsDefenderATP.ActionStatus'Pending'", true],
    ["creationDateTimeUtc gt 2018-08-01Z", true],
    ["creationDateTimeUtc gt 2018-08-01", true],
    ["creationDateTimeUtc lt 2026-05-04", false],
    ["creationDateTimeUtc in (2026-05-04T10:36:47.2968211Z)", true],
    ["cancellationDateTimeUtc eq null", true],
    ["cancellationDateTimeUtc gt 2018-08-01Z", false],
    ["lastUpdateDateTimeUtc lt 9999-12-31T23:59:59-14:00", true],
    ["errorHResult eq 0", true],
    ["errorHResult in (-1,-2147467260)", false],
    ["errorHResult gt -1 and errorHResult lt 0.5", true],
    ["relatedFileInfo/fileIdentifier eq null", true],
    ["RelatedFileInfo/FileIdentifierType eq 'Sha1'", false],
    ["title eq null and externalId eq null and scope eq 'Full'", true],
    ["true", true],
    ["status eq 'Pending' and false", false],
    [`${"(".repeat(99)}status eq 'Pending'${")".repeat(99)}`, true],
];
for (const [filter, expected] of accepted) {
    test(`the filter ${filter.slice(0, 90)} is ${expected}`, (t) => {
        t.is(selected(filter), expected);
    });
}

const messages: readonly [string, string][] = [
    ["nosuch eq 'a'", "Could not find a property named 'nosuch' on type 'MachineAction'."],
    ["status eq Pending", "Could not find a property named 'Pending' on type 'MachineAction'."],
    [
        "creationDateTimeUtc gt '2026-05-04T00:00:00Z'",
        "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThan'.",
    ],
    ["status", "The $filter expression must evaluate to a single boolean value."],
    [
        "matches(status,'a')",
        "An unknown function with name 'matches' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.",
    ],
    [
        "startswith(errorHResult,'a')",
        "No function signature for the function with name 'startswith' matches the specified arguments. The function signatures considered are: startswith(Edm.String Nullable=true, Edm.String Nullable=true).",
    ],
    ["commands eq null", "The property 'commands' cannot be used in the $filter query option."],
];
for (const [filter, message] of messages) {
    test(`the refusal of ${filter} says why`, (t) => {
        t.is(t.throws(() => parseFilter(filter, machineActionType)).message, `${queryRefused} ${message}`);
    });
}

const machine: MachineRow = createMachineRows(() => 0)(
    "3c0ffee0123456789abcdef0123456789abcdef0",
    {
        id: "3c0ffee0123456789abcdef0123456789abcdef0",
        machineTags: ["tier-0", "Finance"],
        osBuild: 26100,
        isAadJoined: true,
        isExcluded: null,
        lastIpAddress: "10.1.2.3",
        rbacGroupId: 140,
        aadDeviceId: "9a1b2c3d-0000-4000-8000-00000000abcd",
    },
    undefined,
);

const onMachines: readonly [string, boolean][] = [
    ["machineTags/any(tag: tag eq 'tier-0')", true],
    ["MachineTags/Any(t:t eq 'Tier-0')", false],
    ["machineTags/any(tag: startswith(tag,'tier') and not endswith(tag,'1'))", true],
    ["machineTags/any(tag: tag in ('a','Finance')) and riskScore eq 'none'", true],
    ["machineTags/all(tag: contains(tag,'i'))", true],
    ["machineTags/all(tag: tag eq 'Finance')", false],
    ["machineTags/any()", true],
    ["not machineTags/any()", false],
    ["machineTags/any(a: a eq 'Finance') and machineTags/any(a: startswith(a,'tier'))", true],
    ["ipAddresses/any(ip: ip/ipAddress eq '10.1.2.3' and ip/operationalStatus eq 'up')", true],
    ["vmMetadata/vmId eq null", true],
    ["osBuild ge 26000 and osBuild lt 26101", true],
    ["osBuild in (1,26100)", true],
    ["rbacGroupId eq 140", true],
    ["isAadJoined", true],
    ["not isAadJoined", false],
    ["isAadJoined eq TRUE", true],
    ["isExcluded eq null and isPotentialDuplication eq false", true],
    ["aadDeviceId eq 9A1B2C3D-0000-4000-8000-00000000ABCD", true],
    ["lastIpAddress eq '10.1.2.3'", true],
];
for (const [filter, expected] of onMachines) {
    test(`of a machine, the filter ${filter} is ${expected}`, (t) => {
        t.is(parseFilter(filter, machineType)(machine), expected);
    });
}

for (const filter of [
    "machineTags eq 'tier-0'",
    "machineTags/any(tag tag eq 'x')",
    "machineTags/any(tag: tag)",
    "machineTags/all()",
    "machineTags/some(tag: tag eq 'x')",
    "machineTags/any(tag: tag eq 'x') and tag eq 'x'",
    "machineTags/any(a: machineTags/any(a: a eq 'x'))",
    "ipAddresses/any(ip: ip eq '10.1.2.3')",
    "rbacGroupName eq 'Workstations'",
    "osBuild eq '26100'",
    "isAadJoined eq 1",
    `${"machineTags/any(t: ".repeat(200)}true${")".repeat(200)}`,
]) {
    test(`of machines, the filter ${filter.slice(0, 80)} is refused`, (t) => {
        t.like(
            t.throws(() => parseFilter(filter, machineType)),
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
    ["id", "status", "type", "machineId"].includes(property) ? text.toLowerCase() : text;

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

for (const [what, filter] of [
    ["two levels", "machineTags/any(a: machineTags/any(b: a ne b))"],
    ["any() without a condition", "machineTags/any(a: machineTags/any())"],
    ["24 levels", `${"ipAddresses/all(v".repeat(24).replaceAll("(v", (_, at) => `(v${at}:`)}true${")".repeat(24)}`],
] as const) {
    test(`any and all cannot be nested, because each level multiplies the work: ${what}`, (t) => {
        const error = t.throws(() => parseFilter(filter, machineType));
        t.regex(error?.message ?? "", /The Any\/All nesting limit of '1' has been exceeded\./);
    });
}

test("any filter is read, or refused as a query error", (t) => {
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
        "not",
        "true",
        "null",
        "startswith(type,'i')",
        "tolower(",
        "relatedFileInfo",
        "/",
        ":",
        "any(",
        "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
        "A.B'c'",
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
