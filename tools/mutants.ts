/**
 * Mutation test: changes the sources in thousands of small ways, one at a time, and counts the changes that no test
 * notices.
 *
 *     npm run test:mutants                                       every area, one after another
 *     npm run test:mutants -- core guard                         these areas
 *     npm run test:mutants -- core --file '**\/run-cancellation.ts'        some files of an area
 *     npm run test:mutants -- --concurrency 4
 *
 * Each survivor is printed with its place; reports/mutants/AREA.html shows them in the source.
 *
 * Stryker is a development dependency and is not fetched on demand, so that the lock file pins its 140 packages and the
 * types of the runner are checked. It adds 61 MB and some six seconds to an install of 710 MB.
 */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import type { LogLevel, MutantResult, PartialStrykerOptions } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { areas } from "./mutants/areas.ts";
import type { AvaOptions } from "./mutants/ava-runner.ts";

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        concurrency: { type: "string", default: "2" },
        file: { type: "string", multiple: true, default: [] },
    },
});

function optionsFor(name: string): PartialStrykerOptions & AvaOptions {
    const area = areas[name];
    if (!area) {
        throw new Error(`no area ${name}: there are ${Object.keys(areas).join(", ")}`);
    }
    return {
        plugins: ["./tools/mutants/ava-runner.ts"],
        testRunner: "ava",
        ava: area,
        mutate: values.file.length > 0 ? values.file : [...area.sources],
        coverageAnalysis: "perTest",
        concurrency: Number(values.concurrency),
        testRunnerNodeArgs: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
        // Texts for people are left out, because a test that repeats each of them literally would prove nothing.
        mutator: { plugins: null, excludedMutations: ["StringLiteral"] },
        ignorePatterns: ["/dist", "/docs", "/examples", "/reports", "/bench"],
        tempDirName: ".stryker-tmp",
        // Node runs the sources by type stripping, which ignores these directives.
        disableTypeChecks: false,
        // The runner itself ends a test that never ends; these limits are for a test that blocks its process.
        timeoutMS: 20_000,
        timeoutFactor: 0.5,
        // Work that a mutant leaves running must not slow down later mutants for long.
        maxTestRunnerReuse: 100,
        reporters: [...(process.stdout.isTTY ? ["progress"] : []), "html", "json"],
        htmlReporter: { fileName: `reports/mutants/${name}.html` },
        jsonReporter: { fileName: `reports/mutants/${name}.json` },
        logLevel: "warn" as LogLevel.Warning,
        warnings: false,
    };
}

type Verdict = "killed" | "timed out" | "survived" | "not covered";

const verdicts: Partial<Record<MutantResult["status"], Verdict>> = {
    Killed: "killed",
    Timeout: "timed out",
    Survived: "survived",
    NoCoverage: "not covered",
};

function printSurvivors(results: readonly MutantResult[]): void {
    for (const { status, fileName, location, mutatorName, replacement } of results) {
        const verdict = verdicts[status];
        if (verdict === "survived" || verdict === "not covered") {
            const { line, column } = location.start;
            const instead = (replacement ?? "").replaceAll(/\s+/g, " ").slice(0, 100);
            console.log(`${relative(root, fileName)}:${line}:${column} ${verdict} ${mutatorName}: ${instead}`);
        }
    }
}

function row(name: string, results: readonly MutantResult[]): string {
    const count = (verdict: Verdict) => results.filter(({ status }) => verdicts[status] === verdict).length;
    const counts = (["killed", "timed out", "survived", "not covered"] as const).map(count);
    const [killed = 0, timedOut = 0] = counts;
    const all = counts.reduce((sum, some) => sum + some, 0);
    const score = all === 0 ? "-" : `${((100 * (killed + timedOut)) / all).toFixed(1)} %`;
    return `| ${[name, all, ...counts, score].join(" | ")} |`;
}

const names = positionals.length > 0 ? positionals : Object.keys(areas);
const rows: string[] = [];
for (const name of names) {
    const results = await new Stryker(optionsFor(name)).runMutationTest();
    printSurvivors(results);
    rows.push(row(name, results));
}
console.log("\n| area | mutants | killed | timed out | survived | not covered | score |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
console.log(rows.join("\n"));
