import test from "ava";
import { asimColumns } from "../../../cli/events/asim-columns.ts";
import { kindWords } from "../../../cli/events/event-words.ts";
import { productName } from "../../../cli/events/product.ts";
import { loadModule } from "../../helpers/sentinel-example.ts";

const { columns } = await loadModule("columns");
const { driftQuery, transformKql, undeclaredQuery } = await loadModule("queries");
const queries = { UndeclaredCancellation: undeclaredQuery, Drift: driftQuery };

// `npm run test:queries` analyses the queries with Microsoft's parser.

test("the example has the columns that the command writes", (t) => {
    t.deepEqual({ ...columns }, { ...asimColumns });
});

test("each rule reads the events of one kind of the command, once for each id", (t) => {
    const codes: readonly string[] = Object.values(kindWords).map(({ code }) => code);
    for (const [code, query] of Object.entries(queries)) {
        t.true(codes.includes(code), code);
        t.true(query.includes(`EventProduct == "${productName}" and EventSubType == "${code}"`));
        t.regex(query, /arg_min\(ArrivedAt, \*\) by EventOriginalUid\n\| where ArrivedAt > ago\(1h\)/);
    }
});

test("the queries name no column but those that the command fills, and their own", (t) => {
    const own = ["ASimAuditEventLogs", "ArrivedAt", "IsUserName", "AccountName", "AccountSuffix"];
    for (const query of [...Object.values(queries), transformKql]) {
        const names = query.replace(/"[^"]*"/g, "").match(/\b[A-Z]\w+/g) ?? [];
        t.true(names.length > 1);
        t.deepEqual(
            names.filter((name) => !(name in columns) && !own.includes(name)),
            [],
        );
    }
});

test("the transformation lets through rows of this package alone", (t) => {
    t.true(transformKql.includes(`EventProduct == "${productName}"`));
});
