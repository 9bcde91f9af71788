/**
 * Runs preview, up, refresh and destroy with the packed tarball, in a project for each row of docs/compatibility.md:
 * `npm run test:consumers`. Exit code 0 only if all of them work.
 *
 *     npm run test:consumers -- --write            writes docs/compatibility.md
 *     npm run test:consumers -- pnpm "Node.js 26"  only the rows whose value contains one of these
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { parsePage, renderPage, works } from "../test/consumers/compatibility-page.ts";
import { type Consumer, consumers, describe } from "../test/consumers/matrix.ts";
import { packInto } from "../test/consumers/pack.ts";
import { runConsumer } from "../test/consumers/run-consumer.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean" } } });
const path = join(import.meta.dirname, "..", "docs", "compatibility.md");
const old = parsePage(await readFile(path, "utf8"));
const results = new Map(old);
const chosen = consumers.filter(
    ({ value }) => positionals.length === 0 || positionals.some((part) => value.includes(part)),
);

async function resultOf(consumer: Consumer, tarball: string, store: string): Promise<string> {
    if (consumer.notRun !== undefined) {
        return `not run: ${consumer.notRun}`;
    }
    try {
        await runConsumer(consumer, tarball, store);
        return works;
    } catch (error) {
        console.log(error instanceof Error ? error.message : error);
        return "fails";
    }
}

const folder = await mkdtemp(join(tmpdir(), "consumers-"));
try {
    const tarball = await packInto(folder);
    const { stdout: cli } = await execa("pulumi", ["version"]);
    for (const consumer of chosen) {
        const start = performance.now();
        const result = await resultOf(consumer, tarball, join(folder, "store"));
        const seconds = Math.round((performance.now() - start) / 1000);
        console.log(`${String(seconds).padStart(4)} s  ${consumer.value} (${describe(consumer)}): ${result}`);
        results.set(consumer.value, { project: describe(consumer), cli, result });
        if (values.write) {
            await writeFile(path, renderPage(consumers, results));
        }
    }
} finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
const failed = chosen.filter(({ value }) => results.get(value)?.result === "fails");
console.log(`${chosen.length} rows, ${failed.length} of them fail`);
process.exitCode = failed.length > 0 || chosen.length === 0 ? 1 : 0;
