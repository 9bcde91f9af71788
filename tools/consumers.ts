/**
 * Leads a project for each value of docs/compatibility.md through preview, up, refresh and destroy with the packed
 * tarball: `npm run test:consumers`. Exit code 0 only if all of them work.
 *
 *     npm run test:consumers -- --write            writes docs/compatibility.md
 *     npm run test:consumers -- pnpm "Node.js 26"  only the rows whose value contains one of these
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { parsePage, renderPage } from "../test/consumers/compatibility-page.ts";
import { consumers, describe } from "../test/consumers/matrix.ts";
import { packInto } from "../test/consumers/pack.ts";
import { runConsumer } from "../test/consumers/run-consumer.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean" } } });
const page = join(import.meta.dirname, "..", "docs", "compatibility.md");
const chosen = consumers.filter(
    ({ value }) => positionals.length === 0 || positionals.some((part) => value.includes(part)),
);
const { stdout: version } = await execa("pulumi", ["version"]);
const results = new Map(parsePage(await readFile(page, "utf8").catch(() => "")).results);
const folder = await mkdtemp(join(tmpdir(), "consumers-"));
let failures = 0;
try {
    const tarball = await packInto(folder);
    for (const consumer of chosen) {
        const start = performance.now();
        const failure = await runConsumer(consumer, tarball, join(folder, "store")).then(
            () => undefined,
            (error: Error) => error.message,
        );
        const seconds = ((performance.now() - start) / 1000).toFixed(0);
        console.log(`${failure === undefined ? "works " : "FAILS "}  ${seconds.padStart(4)} s  ${consumer.value}: ${describe(consumer)}`);
        if (failure !== undefined) {
            failures++;
            console.log(failure);
        }
        results.set(consumer.value, failure === undefined ? "works" : `fails: ${failure.split("\n")[0]}`);
    }
} finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
if (values.write) {
    const machine = `Pulumi CLI ${version} on ${process.platform} ${process.arch}`;
    await writeFile(page, renderPage(consumers, { machine, results }));
}
process.exitCode = failures > 0 || chosen.length === 0 ? 1 : 0;
