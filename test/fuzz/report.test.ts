import assert from "node:assert/strict";
import { Writable } from "node:stream";
import test from "ava";
import { parse as parseCsv } from "csv-parse/sync";
import fc from "fast-check";
import { lexer, type Token } from "marked";
import { type DefaultTreeAdapterTypes, parse as parseHtml } from "parse5";
import { createPrinter } from "../../cli/printer.ts";
import { htmlReport } from "../../cli/report/html-report.ts";
import { markdownReport } from "../../cli/report/markdown-report.ts";
import { csvReport, jsonReport, textReport } from "../../cli/report/plain-formats.ts";
import { fields, type Report } from "../../cli/report/report-data.ts";
import { entriesOfState, isOurs } from "../../cli/state/records.ts";
import { resourcesOf } from "../../cli/state/stack-state.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileStates } from "../helpers/hostile-states.ts";

/** The property that holds for the report of any state. */
function ofReports(holds: (report: Report) => void): fc.IProperty<unknown> {
    return fc.property(hostileStates, ({ resources, findings }) => {
        const read = resourcesOf(JSON.stringify({ deployment: { resources } }), "the state");
        holds({
            generatedAtUtc: "2026-05-05T00:00:00Z",
            packageVersion: "0.1.0",
            records: [{ name: "stdin", entries: 0, superseded: 0 }],
            entries: entriesOfState(read),
            all: entriesOfState(read),
            resources: read.filter(isOurs),
            unfinished: resources.map(({ type }) => String(type)),
            findings: findings as Report["findings"],
        });
    });
}

/** What a terminal or a pipeline's log gets to see. */
function printed(text: string): string {
    let out = "";
    const stream = Object.assign(
        new Writable({
            write(chunk, _, done) {
                out += chunk;
                done();
            },
        }),
        { isTTY: true },
    );
    createPrinter({ stdout: stream, stderr: stream, env: {} } as unknown as Parameters<typeof createPrinter>[0]).out(
        text,
    );
    return out;
}

function assertHarmlessLines(text: string): void {
    for (const line of text.split("\n")) {
        assert.ok(!isDeceptive(line), JSON.stringify(line));
        assert.doesNotMatch(line, /^\s*::|##\w*\[/);
    }
    assert.ok(text.isWellFormed());
}

test("a report as text is lines of plain text, whatever stands in the state", (t) =>
    fuzz(
        t,
        "report: text",
        ofReports((report) => {
            const text = printed(textReport(report));
            assertHarmlessLines(text);
            const lines = text.trimEnd().split("\n");
            assert.equal(lines.length, report.entries.length + 2, "a line for each, a heading and a sum");
        }),
    ));

test("a report as JSON is the same data, with nothing in it that a terminal obeys", (t) =>
    fuzz(
        t,
        "report: JSON",
        ofReports((report) => {
            const text = jsonReport(report);
            assertHarmlessLines(text);
            const { cancellations } = JSON.parse(text);
            assert.equal(cancellations.length, report.entries.length);
            const shown = report.entries.map(({ resource: _, result: __, ...entry }) => entry);
            assert.deepEqual(cancellations, JSON.parse(JSON.stringify(shown)));
        }),
    ));

test("a report as CSV has a cell for each value, and none is a formula", (t) =>
    fuzz(
        t,
        "report: CSV",
        ofReports((report) => {
            const text = csvReport(report);
            assertHarmlessLines(printed(text));
            const rows = parseCsv(text, { relax_column_count: false }) as string[][];
            assert.equal(rows.length, report.entries.length + 1);
            for (const cell of rows.flat()) {
                assert.ok(/^-?\d[\d.e+-]*$/i.test(cell) || !/^\s*[=+\-@|%\t\r]/.test(cell), JSON.stringify(cell));
            }
            assert.ok(rows.every((row) => row.length === fields.length));
        }),
    ));

/** All that the page is made of: nothing of it runs, loads or sends anything. */
const elements = new Set(
    (
        "html head meta link title style body header main section h1 h2 h3 p ul li b code div span table thead " +
        "tbody tr th td details summary dl dt dd pre svg g line text circle path rect"
    ).split(" "),
);
const attributes = new Set(
    (
        "lang charset http-equiv content name rel href id class scope viewBox role aria-label aria-labelledby " +
        "aria-hidden tabindex preserveAspectRatio width height x y x1 x2 y1 y2 cx cy r d text-anchor"
    ).split(" "),
);

function* nodesOf(node: DefaultTreeAdapterTypes.Node): Generator<DefaultTreeAdapterTypes.Node> {
    yield node;
    for (const child of "childNodes" in node ? node.childNodes : []) {
        yield* nodesOf(child);
    }
}

test("a report as a page has its own elements alone, and all text is text", (t) =>
    fuzz(
        t,
        "report: HTML",
        ofReports((report) => {
            const html = htmlReport(report);
            assertHarmlessLines(printed(html));
            const problems = new Set<string>();
            const document = parseHtml(html, { onParseError: ({ code }) => problems.add(code) });
            // Text may hold it: it is text.
            problems.delete("noncharacter-in-input-stream");
            assert.deepEqual([...problems], []);
            const nodes = [...nodesOf(document)];
            for (const node of nodes) {
                assert.notEqual(node.nodeName, "#comment");
                const { attrs = [], tagName } = node as {
                    attrs?: readonly { name: string; value: string }[];
                    tagName?: string;
                };
                assert.ok(tagName === undefined || elements.has(tagName), tagName);
                for (const { name, value } of attrs) {
                    assert.ok(attributes.has(name), name);
                    assert.ok(name !== "href" || value === "data:,", value);
                }
            }
            const count = (name: string) => nodes.filter(({ nodeName }) => nodeName === name).length;
            const { length } = report.entries;
            assert.equal(count("details"), length > 1 ? length + 1 : length, "one for each, and one around them");
            assert.deepEqual([count("style"), count("link"), count("meta"), count("body")], [1, 1, 4, 1]);
        }),
    ));

const marks = new Set(["heading", "paragraph", "space", "table", "list", "list_item", "text", "codespan"]);

function* marksOf(tokens: readonly Token[]): Generator<Token> {
    for (const token of tokens) {
        yield token;
        const {
            tokens: inner = [],
            items = [],
            header = [],
            rows = [],
        } = token as unknown as Record<string, Token[] | undefined>;
        yield* marksOf([...(inner ?? []), ...(items ?? [])]);
        for (const cell of [...(header ?? []), ...(rows ?? []).flat()]) {
            yield* marksOf((cell as { tokens?: Token[] }).tokens ?? []);
        }
    }
}

test("a report as Markdown holds no link, image, tag or emphasis, and no value ends its cell", (t) =>
    fuzz(
        t,
        "report: Markdown",
        ofReports((report) => {
            const text = markdownReport(report);
            assertHarmlessLines(printed(text));
            const tokens = lexer(text, { gfm: true });
            for (const { type, raw } of marksOf(tokens)) {
                assert.ok(marks.has(type), `${type}: ${raw}`);
            }
            const table = tokens.find(({ type }) => type === "table") as
                | { rows: Token[][]; header: Token[] }
                | undefined;
            assert.equal(table?.rows.length, report.entries.length);
            assert.ok(table?.rows.every((row) => row.length === table.header.length));
        }),
    ));
