import { readFileSync } from "node:fs";
import test from "ava";
import { asimColumns } from "../../../cli/events/asim-columns.ts";
import { kindWords } from "../../../cli/events/event-words.ts";
import { productName } from "../../../cli/events/product.ts";
import { columns } from "../../../examples/sentinel/columns.ts";
import { driftQuery, transformKql, undeclaredQuery } from "../../../examples/sentinel/queries.ts";
import { tableColumns } from "../../helpers/asim-table.ts";
import { analyseKusto } from "../../helpers/kusto.ts";

const table = { name: "ASimAuditEventLogs", columns: tableColumns };
const queries = { UndeclaredCancellation: undeclaredQuery, Drift: driftQuery };

test("the example has the columns that the command writes", (t) => {
    t.deepEqual({ ...columns }, { ...asimColumns });
});

test("Microsoft's parser finds no error in the rules' queries, with the columns of the table", (t) => {
    for (const query of Object.values(queries)) {
        t.deepEqual(analyseKusto(query, table).problems, []);
    }
});

test("the parser sees a wrong column, a wrong table and a wrong syntax", (t) => {
    const problems = (query: string) => analyseKusto(query, table).problems;
    t.regex(problems(driftQuery.replace("EventSubType", "EventSubtype"))[0] ?? "", /'EventSubtype' does not refer/);
    t.regex(problems(driftQuery.replace("ASimAudit", "ASIMAudit"))[0] ?? "", /'ASIMAuditEventLogs' does not refer/);
    t.is(problems(`${driftQuery} |`).length, 1);
});

test("each rule reads the events of one kind of the command, once for each id", (t) => {
    const codes = Object.values(kindWords).map(({ code }) => code);
    for (const [code, query] of Object.entries(queries)) {
        t.true(codes.includes(code as (typeof codes)[number]), code);
        t.true(query.includes(`EventProduct == "${productName}" and EventSubType == "${code}"`));
        t.regex(query, /arg_min\(ArrivedAt, \*\) by EventOriginalUid\n\| where ArrivedAt > ago\(1h\)/);
        const { columns: result } = analyseKusto(query, table);
        t.is(result.get("ArrivedAt"), "datetime");
        for (const [name, type] of [...tableColumns, ["AccountName", "string"], ["AccountSuffix", "string"]] as const) {
            t.is(result.get(name), type, name);
        }
    }
});

test("the transformation takes a stream of the columns, and gives the table's columns with their types", (t) => {
    const stream = { name: "source", columns: new Map<string, string>(Object.entries(columns)) };
    const { problems, columns: result } = analyseKusto(transformKql, stream);
    t.deepEqual(problems, []);
    t.deepEqual(result, stream.columns);
    for (const [name, type] of result) {
        t.is(type, tableColumns.get(name), name);
    }
    t.true(transformKql.includes(`EventProduct == "${productName}"`));
});

test("the query in docs/events.md has no error", (t) => {
    const page = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");
    const [, query = ""] = /```kusto\n(.*?)```/s.exec(page) ?? [];
    t.true(query.startsWith("ASimAuditEventLogs"));
    t.deepEqual(analyseKusto(query, table).problems, []);
});
