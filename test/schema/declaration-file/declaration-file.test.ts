import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { parseDeclaration, readDeclaration } from "../../../provider/schema/declaration-file/declaration-file.ts";
import { declarationText, idOf } from "../../helpers/declaration-text.ts";

const folder = mkdtempSync(join(tmpdir(), "declaration-file-"));
test.after.always(() => rmSync(folder, { recursive: true }));

const right = `# Approved by the duty manager.
version: 1
comment: "INC-4711: playbook 12 isolated the wrong machines"
notAfter: 2026-05-04T18:00:00Z
cancellations:
    - machineActionId: ${idOf(1)}
      expect:
          type: Isolate
          computerDnsName: ws-0417.contoso.example
      note: a kiosk
    - machineActionId: ${idOf(2).toUpperCase()}
      ifAlreadyFinal: accept
`;

test("a right file is read as it was written", (t) => {
    const { declaration } = parseDeclaration(right, "x.yaml");
    t.deepEqual(declaration, {
        version: 1,
        comment: "INC-4711: playbook 12 isolated the wrong machines",
        notAfter: "2026-05-04T18:00:00Z",
        cancellations: [
            {
                machineActionId: idOf(1),
                expect: { type: "Isolate", computerDnsName: "ws-0417.contoso.example" },
                note: "a kiosk",
            },
            { machineActionId: idOf(2).toUpperCase(), ifAlreadyFinal: "accept" },
        ],
    });
});

test("a byte order mark, CRLF, JSON and JSON with tabs are read alike", (t) => {
    const { declaration } = parseDeclaration(right, "x.yaml");
    for (const text of [
        `\ufeff${right}`,
        right.replaceAll("\n", "\r\n"),
        JSON.stringify(declaration),
        JSON.stringify(declaration, undefined, "\t"),
    ]) {
        t.deepEqual(parseDeclaration(text, "x").declaration, declaration);
    }
});

const entry = (id: number, more: object = {}) => ({ machineActionId: idOf(id), ...more });

const wrong: readonly (readonly [title: string, text: string, expected: RegExp])[] = [
    ["an empty file", "", /^x\.yaml:1:1: the file is empty: expected a mapping with version, comment/],
    ["a list", "- 1\n", /^x\.yaml:1:1: the file is a list: expected a mapping/],
    ["no comment", "version: 1\ncancellations: []\n", /^x\.yaml:1:1: comment is missing: expected text/],
    ["a blank comment", declarationText({ comment: " " }), /^x\.yaml:2:10: comment is " ": expected text that is not/],
    ["a comment with a tag", declarationText({ comment: "[pulumi a/b/c" }), /^x\.yaml:2:10: .*adds that tag itself/],
    ["a comment that needs quotes", right.replaceAll('"', ""), /^x\.yaml:3:10: .*needs quotes/],
    ["another version", declarationText({ version: 2 }), /^x\.yaml:1:10: version is 2: expected 1, the only version/],
    ["an unknown key", declarationText({ notAftr: "x" }), /^x\.yaml:4:1: "notAftr" is not a property of a declaration/],
    [
        "an unknown key of an entry",
        declarationText({ cancellations: [entry(1, { expects: {} })] }),
        /^x\.yaml:5:5: "expects" is not a property of cancellations\[0\]/,
    ],
    [
        "an unknown expectation",
        declarationText({ cancellations: [entry(1, { expect: { status: "Pending" } })] }),
        /^x\.yaml:6:7: "status" is not a property of cancellations\[0\]\.expect/,
    ],
    [
        "an empty expectation",
        declarationText({ cancellations: [entry(1, { expect: {} })] }),
        /^x\.yaml:5:13: cancellations\[0\]\.expect is an object: expected an object with at least one of type/,
    ],
    [
        "an expectation that is left open",
        declarationText({ cancellations: [entry(1)] }).replace(/$/, "    expect:\n"),
        /^x\.yaml:5:12: cancellations\[0\]\.expect is empty: expected an object with at least one/,
    ],
    [
        "a machine that reads as a number",
        declarationText({ cancellations: [entry(1, { expect: { machineId: 12e30 } })] }),
        /^x\.yaml:6:18: cancellations\[0\]\.expect\.machineId is 1\.2e\+31: expected text; a value that looks like/,
    ],
    [
        "no id",
        declarationText({ cancellations: [{ note: "x" }] }),
        /^x\.yaml:4:5: cancellations\[0\]\.machineActionId is missing/,
    ],
    [
        "another id than a GUID",
        declarationText({ cancellations: [{ machineActionId: "4711" }] }),
        /^x\.yaml:4:22: cancellations\[0\]\.machineActionId is "4711": expected the id of a machine action/,
    ],
    ["a date without a time", declarationText({ notAfter: "2026-05-04" }), /^x\.yaml:4:11: notAfter is .*RFC 3339/],
    [
        "a wrong policy",
        declarationText({ onReissue: "stop" }),
        /^x\.yaml:4:12: onReissue is "stop": expected "drift" or/,
    ],
    [
        "no hours",
        declarationText({ reissueWindowHours: 0 }),
        /^x\.yaml:4:21: reissueWindowHours is 0: expected a number/,
    ],
    [
        "too many",
        declarationText({ maxCancellations: 5001 }),
        /^x\.yaml:4:19: maxCancellations is 5001: expected a whole/,
    ],
    [
        "an id that is there twice, in another case",
        declarationText({ cancellations: [entry(171), { machineActionId: idOf(171).toUpperCase() }] }),
        /^x\.yaml:5:22: the machine action \S+ab is already in line 4, column 22$/,
    ],
    [
        "a key that is there twice",
        `${declarationText()}comment: other\n`,
        /^x\.yaml:4:1: comment again, as in line 2, column 1$/,
    ],
    [
        "onReissue: cancel without its fence",
        declarationText({ onReissue: "cancel", cancellations: [entry(1)] }),
        /^x\.yaml:5:12: notAfter is missing: .*; x\.yaml:4:22: cancellations\[0\]\.expect\.requestor is missing/,
    ],
    [
        "a bidirectional character in a comment of the file",
        right.replace("duty", "du\u202ety"),
        /^x\.yaml:1:21: the character U\+202E: control, bidirectional and invisible characters are refused$/,
    ],
    [
        "a control character behind an escape",
        declarationText().replace(/comment: .*/, 'comment: "a\\u001b[31mb"'),
        /^x\.yaml:2:10: comment is "ab": expected one line of text without control/,
    ],
    ["YAML 1.1, where 010 is 8", `%YAML 1.1\n---\n${right}`, /^x\.yaml:1:1: expected YAML 1\.2, and no directive/],
    ["nesting without end", `a: ${"[".repeat(50_000)}`, /^x\.yaml:1:\d+: /],
];

for (const [title, text, expected] of wrong) {
    test(`refused with line and column: ${title}`, (t) => {
        const error = t.throws(() => parseDeclaration(text, "x.yaml"), { code: "ERR_DEFENDER_DECLARATION" });
        t.regex(error?.message ?? "", expected);
    });
}

test("many problems are named, and the rest is counted", (t) => {
    const cancellations = Array.from({ length: 30 }, () => ({ machineActionId: "x" }));
    const { message = "" } = t.throws(() => parseDeclaration(declarationText({ cancellations }), "x.yaml")) ?? {};
    t.is(message.match(/x\.yaml:/g)?.length, 10);
    t.regex(message, /; and 20 more$/);
});

test("more entries than maxCancellations are refused, and more than a set takes", (t) => {
    const many = (length: number) => Array.from({ length }, (_, index) => entry(index));
    const messageOf = (changes: object) =>
        t.throws(() => parseDeclaration(JSON.stringify({ version: 1, comment: "x", ...changes }), "x.json"))?.message;
    t.regex(
        messageOf({ cancellations: many(101) }) ?? "",
        /^x\.json:1:44: cancellations has 101 entries, more than maxCancellations \(100 by default\): raise it if that is intended$/,
    );
    t.regex(
        messageOf({ maxCancellations: 2, cancellations: many(3) }) ?? "",
        /3 entries, more than maxCancellations \(2\): raise/,
    );
    t.regex(
        messageOf({ maxCancellations: 5000, cancellations: many(10_000) }) ?? "",
        /cancellations has 10000 entries: expected at most 5000 in one set; make several files$/,
    );
});

test("a file that cannot be read is named with the reason", (t) => {
    const binary = join(folder, "binary.yaml");
    writeFileSync(binary, Buffer.from([0x76, 0xff, 0xfe]));
    for (const [path, expected] of [
        [
            join(folder, "missing.yaml"),
            /missing\.yaml cannot be read: ENOENT, there is no such file\. The folder \S+ has: (?:.+, )?binary\.yaml/,
        ],
        [folder, /cannot be read: EISDIR$/],
        [binary, /binary\.yaml cannot be read: it is not UTF-8 text$/],
    ] as const) {
        const error = t.throws(() => readDeclaration(path), { code: "ERR_DEFENDER_DECLARATION" });
        t.regex(error?.message ?? "", expected);
    }
});

test("a text that a YAML comment cuts is warned of, with its place; other comments are not", (t) => {
    const text = [
        "version: 1 # the form",
        "comment: Ticket #4711 wrong # really",
        "notAfter: 2026-05-05T11:00:00Z # UTC",
        "cancellations:",
        `    - machineActionId: ${idOf(1)} # ws-1`,
        "      note: see #1",
        "      expect:",
        "          requestorComment: playbook 12 #3",
        "          computerDnsName: ws-1 # the wrong one",
        `    - machineActionId: ${idOf(2)}`,
        '      note: "see #1" # quoted',
        "",
    ].join("\n");
    const { warnings, declaration } = parseDeclaration(text, "x.yaml");
    t.is(declaration.comment, "Ticket");
    t.is(warnings.length, 3);
    t.regex(
        warnings[0] ?? "",
        /^x\.yaml:2:10: comment is "Ticket", because "#4711 wrong # really" behind it is a comment/,
    );
    t.regex(warnings[1] ?? "", /^x\.yaml:6:13: cancellations\[0\]\.note is "see", because "#1" behind it/);
    t.regex(
        warnings[2] ?? "",
        /^x\.yaml:8:29: cancellations\[0\]\.expect\.requestorComment is "playbook 12", because "#3"/,
    );
});

test("no directive is taken, wherever it stands before the content", (t) => {
    for (const [directive, line] of [
        ["%YAML 1.1\n---\n", 1],
        ["%YAML 1.2\n---\n", 1],
        ["# a comment\n\n%TAG ! tag:example,2026:\n---\n", 3],
        ["%FOO\n---\n", 1],
        ["\ufeff%YAML 1.1\n---\n", 1],
    ] as const) {
        const error = t.throws(() => parseDeclaration(`${directive}${declarationText()}`, "x.yaml"), {
            code: "ERR_DEFENDER_DECLARATION",
        });
        t.regex(
            error?.message ?? "",
            new RegExp(`^x\\.yaml:${line}:1: expected YAML 1\\.2, and no directive such as %`),
        );
    }
});
