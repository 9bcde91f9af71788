import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { apiPages, apiReport } from "../../tools/api-report.ts";

for (const page of apiPages) {
    const path = join(page.folder, page.page);
    test(`${path} is the public surface as it is now (npm run api writes it)`, async (t) => {
        t.is(await apiReport(page), readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
    });
}
