import test from "ava";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { htmlReport } from "../../../../cli/report/html-report.ts";
import type { Report } from "../../../../cli/report/report-data.ts";
import type { Finding } from "../../../../cli/report/verify/finding.ts";
import {
    actionId,
    everyKind,
    incident,
    machineName,
    possiblyRan,
    prevented,
    reportOf,
    soundFindings,
    tooLate,
} from "../../../helpers/report-scenes.ts";

type Element = DefaultTreeAdapterTypes.Element;

function elementsIn(node: DefaultTreeAdapterTypes.Node): Element[] {
    const children = "childNodes" in node ? node.childNodes : [];
    return [...("tagName" in node ? [node] : []), ...children.flatMap(elementsIn)];
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
    const children = "childNodes" in node ? node.childNodes : [];
    return "value" in node ? node.value : children.map(textOf).join(" ");
}

const attribute = (element: Element, name: string) => element.attrs.find((one) => one.name === name)?.value;

/** The page of a report, with its elements in their order. */
function pageOf(report: Report) {
    const elements = elementsIn(parse(htmlReport(report)));
    const named = (tag: string) => elements.filter(({ tagName }) => tagName === tag);
    /** The text of the elements of this name, in sections of this class, with single blanks. */
    const texts = (section: string, tag: string) =>
        elements
            .filter((one) => one.tagName === "section" && attribute(one, "class") === section)
            .flatMap(elementsIn)
            .filter(({ tagName }) => tagName === tag)
            .map((one) => textOf(one).replace(/\s+/g, " ").trim());
    return { elements, named, texts };
}

test("the title is that of the incident: its comment and its stack", (t) => {
    const { named } = pageOf(reportOf(incident(60)));
    const comment = "INC-4711: playbook 12 isolated the wrong machines";
    t.deepEqual(named("h1").map(textOf), [comment]);
    t.deepEqual(named("title").slice(0, 1).map(textOf), [`${comment} · incident/inc-4711/playbook-12`]);

    const report = reportOf(incident(3));
    const other = report.entries.map((entry, index) => (index === 0 ? { ...entry, comment: "INC-4712" } : entry));
    t.deepEqual(
        pageOf({ ...report, entries: other })
            .named("h1")
            .map(textOf),
        [`${comment} (and 1 other comment)`],
    );
    const without = report.entries.map((entry) => ({ ...entry, comment: undefined }));
    t.deepEqual(
        pageOf({ ...report, entries: without })
            .named("h1")
            .map(textOf),
        ["Cancellations of machine actions"],
    );
    const long = report.entries.map((entry) => ({ ...entry, comment: "x".repeat(1_000_000) }));
    t.is(textOf(pageOf({ ...report, entries: long }).named("h1")[0] as Element).length, 140);
});

test("without --verify, the page says so and gives the command", (t) => {
    const verdict = (...names: string[]) =>
        pageOf(reportOf([prevented(1)], { records: names.map((name) => ({ name, entries: 1, superseded: 0 })) }));
    const options = "--verify --format html --output report.html";
    t.deepEqual(verdict("stack inc-4711").texts("verification", "h2"), ["Not verified against Defender"]);
    for (const [names, sources] of [
        [["stack acme/inc-4711"], "--stack acme/inc-4711"],
        [["stack prod", "evidence.jsonl"], "--stack prod --state evidence.jsonl"],
        [["stdin"], "--state -"],
        [["a b; reboot.json"], "--state FILE"],
        [["stack $(reboot)"], "--state FILE"],
        [["--output"], "--state FILE"],
    ] as const) {
        t.deepEqual(verdict(...names).texts("verification", "code"), [
            `npx defender-cancellation report ${sources} ${options}`,
        ]);
    }
});

test("with --verify, the verdict stands on top, and what differs has the machine's name", (t) => {
    const results = incident(60);
    const sound = pageOf(reportOf(results, { findings: soundFindings(results) }));
    t.deepEqual(sound.texts("verification", "h2"), ["Defender confirms the record"]);
    t.deepEqual(sound.texts("verification", "p"), [
        "Of 1440 values, 780 match; 660 are plausible, but only the record has them.",
    ]);
    t.deepEqual(sound.texts("values", "h2"), []);

    const gone = { field: "machineActionId", verdict: "gone", why: "its retention has ended" } as const;
    const findings: readonly Finding[] = [
        ...soundFindings(results.slice(0, 1)),
        ...results.map((_, at): Finding => ({ where: actionId(at + 1), ...gone })),
        { where: actionId(3), field: "status", verdict: "mismatch", stored: "Cancelled", found: "InProgress" },
    ];
    const bad = pageOf(reportOf(results, { findings }));
    t.deepEqual(bad.texts("verification", "h2"), ["61 values to check against Defender"]);
    t.regex(
        bad.texts("verification", "p").join(),
        /^Of 85 values, 1 differs; 60 are of actions that Defender does not/,
    );
    const rows = bad.texts("values", "tr").slice(1);
    t.is(rows.length, 2, "one cause, one row");
    t.regex(rows[0] ?? "", /^ws-0003\.contoso\.example, 5f2c\S+0003 status mismatch Cancelled InProgress$/);
    t.regex(rows[1] ?? "", /ws-0010\.contoso\.example, \S+; and 50 more machineActionId gone its retention has ended$/);

    t.deepEqual(bad.texts("verdict", "h2"), ["60 machines to look at"]);
    t.regex(
        bad.texts("verdict", "li")[0] ?? "",
        /^The record differs: in Defender, the action is InProgress ws-0003\./,
    );
    t.regex(bad.texts("actions", "tr")[1] ?? "", /^ws-0003\.contoso\.example Cancelled, not confirmed Prevented/);
    const values = bad.elements.filter((one) => attribute(one, "class") === "good" && one.tagName === "td").map(textOf);
    t.false(values.includes("Cancelled"), "no outcome is good that Defender does not confirm");

    t.deepEqual(pageOf(reportOf(results, { findings: [] })).texts("verification", "h2"), [
        "Defender confirms nothing in the record",
    ]);
});

test("what differs in a set's result counts for the action of that result", (t) => {
    const results = [prevented(1), prevented(2)];
    const why = "an outcome or an effect without a proof";
    const [field, where] = [`results.${actionId(2)}`, "incident/inc-4711/playbook-12"];
    const findings: readonly Finding[] = [...soundFindings(results), { where, field, verdict: "mismatch", why }];
    const { texts } = pageOf(reportOf(results, { findings }));
    t.regex(texts("verdict", "li").join(), /^The record differs from Defender ws-0002\.contoso\.example /);
    const rows = texts("actions", "tr");
    t.regex(rows.find((row) => row.startsWith("ws-0002")) ?? "", / Cancelled, not confirmed /);
    t.notRegex(rows.find((row) => row.startsWith("ws-0001")) ?? "", /not confirmed/);
    t.regex(texts("values", "tr")[1] ?? "", /^ws-0002\.contoso\.example, incident\/inc-4711\/playbook-12 /);
});

test("the machines to look at are counted and named, with the reason and the next step, the worst first", (t) => {
    const { texts } = pageOf(reportOf(incident(60)));
    t.deepEqual(texts("verdict", "h2"), ["5 machines to look at"]);
    t.deepEqual(texts("verdict", "li"), [
        `Too late: Isolate ran ${machineName(59)} ${machineName(60)} If it was not wanted: submit Unisolate to reverse it.`,
        `Isolate may have run before it was cancelled ${machineName(56)} ${machineName(57)} ${machineName(58)} ` +
            "Check the machine. If it ran and was not wanted: submit Unisolate to reverse it.",
    ]);
    t.deepEqual(pageOf(reportOf(incident(1))).texts("verdict", "h2"), ["No machine to look at"]);
    t.deepEqual(pageOf(reportOf([])).texts("verdict", "h2"), ["No machine action in the record"]);
    t.deepEqual(pageOf(reportOf([tooLate(1)])).texts("verdict", "h2"), ["1 machine to look at"]);
    t.deepEqual(pageOf(reportOf([tooLate(1), possiblyRan(1)])).texts("verdict", "h2"), ["1 machine to look at"]);
    const elsewhere: Finding = { where: "incident/inc-4711/playbook-12", field: "results", verdict: "missing" };
    for (const more of [{ findings: [elsewhere] }, { unfinished: ["the run did not end"] }]) {
        const unsound = pageOf(reportOf(incident(1), more));
        t.deepEqual(unsound.texts("verdict", "h2"), ["No machine to look at so far"]);
        t.is(unsound.named("h2").filter((one) => attribute(one, "class") === "sign good").length, 0);
    }
    const many = pageOf(reportOf(Array.from({ length: 30 }, (_, index) => tooLate(index))));
    t.regex(many.texts("verdict", "li").join(), /ws-0009\.contoso\.example and 20 more If/);
    const nameless = pageOf(reportOf([{ status: "Pending", computerDnsName: "\u200b" }]));
    t.regex(
        nameless.texts("verdict", "li").join(),
        new RegExp(`no cancel request sent action ${actionId(1)} It can still`),
    );
});

test("each outcome and effect is in plain words, and only a proven cancellation before execution is good", (t) => {
    const { elements, texts } = pageOf(reportOf(everyKind.map((kind, index) => kind(index + 1))));
    const rows = texts("actions", "tr").slice(1);
    const wordsOf = (number: number) => {
        const row = rows.find((one) => one.startsWith(machineName(number))) ?? "";
        return row.slice(machineName(number).length + 1, row.search(/ (?:Isolate|RunAnti|LiveR)/));
    };
    t.deepEqual(
        everyKind.map((_, index) => wordsOf(index + 1)),
        [
            "Cancelled Prevented",
            "Timed out Prevented",
            "Cancelled by an earlier run Prevented",
            "Cancelled by another party May have run",
            "Cancelled May have run",
            "Too late: Succeeded, acknowledged Ran",
            "Cancelled Ran",
            "Not proven: InProgress (ERR_DEFENDER_NOT_CONFIRMED) Not known",
            "Too late: Succeeded (ERR_DEFENDER_TOO_LATE) Ran",
            "No cancel request sent: Pending Not known",
            "No longer cancelled: InProgress Not known",
            "Cancelled Prevented 1 Pending",
        ],
    );
    const worst = ["12", "06", "07", "09", "11"].map((number) => `ws-00${number}.contoso.example`);
    t.deepEqual(
        rows.slice(0, 5).map((row) => row.split(" ")[0]),
        worst,
    );
    t.regex(rows.at(-1) ?? "", /^ws-0001/, "what needs no attention comes last");
    const good = elements.filter((one) => attribute(one, "class") === "good" && one.tagName === "td").map(textOf);
    t.deepEqual([...new Set(good)].sort(), ["Cancelled", "Prevented"]);
});

test("actions that ended alike share a row of the timeline", (t) => {
    const { elements, texts } = pageOf(reportOf(incident(990)));
    const labels = elements.filter((one) => attribute(one, "class") === "label").map(textOf);
    t.deepEqual(labels, [
        "ws-0958.contoso.example and 32 more",
        "ws-0908.contoso.example and 49 more",
        "ws-0001.contoso.example and 906 more",
    ]);
    t.regex(
        texts("timeline", "title").join("\n"),
        /^907 cancel request sent, 2026-11-24 19:41:07Z to 2026-11-24 19:50:1/m,
    );
    const kinds = elements.filter(({ attrs }) => attrs.some(({ value }) => value === "proven"));
    t.is(kinds.length, 3, "what came too late has no proof of a cancellation");
});

test("a screen reader finds its way: language, landmarks, headings and header cells", (t) => {
    const findings: readonly Finding[] = [{ where: actionId(3), field: "status", verdict: "mismatch" }];
    const { elements, named } = pageOf(reportOf(incident(60), { findings }));
    t.is(attribute(named("html")[0] as Element, "lang"), "en");
    t.deepEqual(
        ["header", "main", "h1"].map((tag) => named(tag).length),
        [1, 1, 1],
    );
    const ids = new Set(elements.flatMap((one) => attribute(one, "id") ?? []));
    t.is(ids.size, elements.filter((one) => attribute(one, "id") !== undefined).length, "no id twice");
    for (const section of [...named("section"), ...named("table")]) {
        t.true(ids.has(attribute(section, "aria-labelledby") ?? "") || attribute(section, "aria-label") !== undefined);
    }
    t.true(named("th").every((cell) => ["col", "row"].includes(attribute(cell, "scope") ?? "")));
    t.true(named("td").length > 600);
    for (const svg of named("svg")) {
        t.true(attribute(svg, "aria-hidden") === "true" || /^Timeline of 60/.test(attribute(svg, "aria-label") ?? ""));
    }
});

test("a page of thousands stays light: what all have in common is there once, and a row is few nodes", (t) => {
    const html = htmlReport(reportOf(incident(2_000)));
    t.true(html.length / 2_000 < 1_300, `${html.length} characters`);
    t.is(html.match(/<dt>commentSent/g), null, "not common to all: what came too late has no request");
    t.is(html.match(/<dt>requestor</g)?.length, 1);
    t.notRegex(html, /<pre>[^<]*^requestor:/m);
    const count = elementsIn(parse(html)).length;
    t.true(count / 2_000 < 17, `${count} elements`);
    t.is(html.match(/<table/g)?.length, 8, "a browser lays out the rows that a reader sees");
});
