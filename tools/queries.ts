/**
 * Analyses the queries of examples/sentinel and of docs/events.md with Microsoft's parser, which knows the columns of the
 * table: `npm run test:queries`. Exit code 0 only if it finds nothing.
 */
import { readFile } from "node:fs/promises";
import { tableColumns } from "../test/helpers/asim-table.ts";
import { loadModule } from "../test/helpers/sentinel-example.ts";
import { analyseKusto } from "./queries/kusto.ts";

const table = { name: "ASimAuditEventLogs", columns: tableColumns };
const { columns } = await loadModule("columns");
const { driftQuery, transformKql, undeclaredQuery } = await loadModule("queries");
const stream = { name: "source", columns: new Map(Object.entries(columns)) };
const page = await readFile(new URL("../docs/events.md", import.meta.url), "utf8");
const [, documented = ""] = /```kusto\n(.*?)```/s.exec(page) ?? [];

/** Each query, what it reads, and the columns that its result needs. */
const queries = [
    ["the rule on undeclared cancellations", undeclaredQuery, table, ["AccountName", "AccountSuffix", "ArrivedAt"]],
    ["the rule on drift", driftQuery, table, ["AccountName", "AccountSuffix", "ArrivedAt"]],
    ["the query of docs/events.md", documented, table, []],
    ["the transformation", transformKql, stream, []],
] as const;

const problems = queries.flatMap(([name, query, source, added]) => {
    const { problems: found, columns: result } = analyseKusto(query, source);
    const missing = [...source.columns.keys(), ...added].filter((column) => !result.has(column));
    // The types of the transformation's result must be those of the table.
    const wrong = [...result].filter(([column, type]) => source === stream && tableColumns.get(column) !== type);
    return [
        ...found.map((text) => `${name}: ${text}`),
        ...missing.map((column) => `${name}: the result has no column ${column}`),
        ...wrong.map(([column, type]) => `${name}: the column ${column} is not of type ${type}`),
    ];
});

// A parser that takes everything would find nothing either.
const faults = [
    undeclaredQuery.replace("EventSubType", "EventSubtype"),
    undeclaredQuery.replace("ASimAudit", "ASIMAudit"),
    `${undeclaredQuery} |`,
];
for (const query of faults) {
    if (analyseKusto(query, table).problems.length === 0) {
        problems.push(`The parser finds no error in a wrong query: ${query}`);
    }
}

for (const problem of problems) {
    console.error(problem);
}
console.log(`${queries.length} queries analysed, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
