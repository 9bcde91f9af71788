import { readFileSync } from "node:fs";
import test from "ava";
import { parsePage, renderPage, works } from "./compatibility-page.ts";
import { consumers, describe } from "./matrix.ts";

const page = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
const results = parsePage(page);

test("docs/compatibility.md is as npm run test:consumers -- --write makes it", (t) => {
    t.is(page, renderPage(consumers, results));
});

test("docs/compatibility.md has a result for the project of every row, as it is now", (t) => {
    t.deepEqual(
        consumers.map(({ value }) => [value, results.get(value)?.project]),
        consumers.map((consumer) => [consumer.value, describe(consumer)]),
    );
});

test("every row works, or says why it is not run", (t) => {
    for (const { value, notRun } of consumers) {
        t.is(results.get(value)?.result, notRun === undefined ? works : `not run: ${notRun}`, value);
    }
});

test("no two rows are about the same value", (t) => {
    t.is(new Set(consumers.map(({ value }) => value)).size, consumers.length);
});
