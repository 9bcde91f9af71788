import { readFileSync } from "node:fs";
import test from "ava";
import { operations } from "./client-kind.ts";
import { clientKinds } from "./client-kinds.ts";
import { clientsPage } from "./clients-table.ts";
import { replay } from "./replay.ts";
import { openSignIn, openTenant } from "./tenant.ts";

// One for all tests, because its certificate takes more time than all requests to it.
const signIn = await openSignIn();
test.after.always(() => signIn[Symbol.asyncDispose]());

for (const { name, recordings } of clientKinds) {
    test(`each request of ${name} gets the answer that it needs`, async (t) => {
        const problems: string[] = [];
        for (const operation of operations) {
            const exchanges = recordings[operation];
            if (operation === "sign in") {
                problems.push(...(await replay(exchanges ?? [], signIn)));
            } else if (exchanges !== undefined) {
                await using tenant = await openTenant();
                const found = await replay(exchanges, tenant);
                problems.push(...found.map((problem) => `${operation}: ${problem}`));
            }
        }
        t.deepEqual(problems, []);
    });
}

test("the page of clients has the table of the recordings", (t) => {
    const page = readFileSync(new URL("../../../simulator/clients.md", import.meta.url), "utf8");
    t.is(page, clientsPage(clientKinds), "npm run test:clients -- --table writes the page");
});
