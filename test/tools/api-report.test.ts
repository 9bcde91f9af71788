import { readFileSync } from "node:fs";
import test from "ava";
import { apiReport } from "../../tools/api-report.ts";

test("docs/api.md is the public surface as it is now (npm run api writes it)", async (t) => {
    t.is(await apiReport(), readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8"));
});
