/**
 * Runs real clients of the API and Microsoft's sign-in libraries, unmodified, against the simulator:
 * `npm run test:clients`. Exit code 0 only if all of them work.
 *
 *     npm run test:clients -- mcp        only some: python, go, mde-client or mcp
 *     npm run test:clients -- --table    writes simulator/clients.md instead
 *
 * The clients are installed once, and kept in the user's cache folder: some five minutes.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clientKinds } from "../test/simulator/clients/client-kinds.ts";
import { clientsPage } from "../test/simulator/clients/clients-table.ts";
import { createChecks, runChecks } from "./checks.ts";
import { type ClientCheck, goCheck, mcpCheck, mdeClientCheck, pythonChecks } from "./clients/checks-of-clients.ts";
import { root } from "./set-up/paths.mjs";

const parts: Readonly<Record<string, () => ClientCheck[]>> = {
    python: pythonChecks,
    go: () => [goCheck()],
    "mde-client": () => [mdeClientCheck()],
    mcp: () => [mcpCheck()],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { table: { type: "boolean" } } });
const unknown = positionals.find((part) => parts[part] === undefined);
if (unknown !== undefined) {
    throw new TypeError(`${unknown} is no part: expected ${Object.keys(parts).join(", ")}`);
}

async function checkClients(): Promise<number> {
    const checks = createChecks();
    for (const part of Object.keys(parts).filter((name) => positionals.length === 0 || positionals.includes(name))) {
        for (const { name, run } of parts[part]?.() ?? []) {
            await checks.check(name, run);
        }
    }
    return checks.end();
}

if (values.table) {
    await writeFile(join(root, "simulator", "clients.md"), clientsPage(clientKinds));
} else {
    await runChecks(checkClients);
}
