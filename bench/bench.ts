/**
 * Side-by-side measurements of the built package: `npm run bench`, with `-- --rounds 21` for a calmer median;
 * `npm run --silent bench -- --json` for programs. What counts is a ratio within one run; times depend on the machine.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureInRounds, type Result } from "./rounds.ts";
import { startUp } from "./start-up.ts";

function asTable(results: readonly Result[]): string {
    const rows = [
        ["start-up", "ms", "middle half", "ratio", "to"],
        ...results.map(({ name, ms, from, to, ratio, against = "" }) => [
            name,
            ms.toFixed(0),
            `${from.toFixed(0)} to ${to.toFixed(0)}`,
            ratio?.toFixed(2) ?? "",
            against,
        ]),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    return rows
        .map((row) =>
            row
                .map((cell, column) => {
                    const width = widths[column] ?? 0;
                    return column === 0 || column > 3 ? cell.padEnd(width) : cell.padStart(width);
                })
                .join("   ")
                .trimEnd(),
        )
        .join("\n");
}

const { values } = parseArgs({
    options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "11" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds is ${values.rounds}: expected a whole number, at least 1`);
}
const results = await measureInRounds(startUp, rounds);
const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown", cores: cpus().length };
if (values.json) {
    console.log(JSON.stringify({ ...machine, rounds, startUp: results }, undefined, 4));
} else {
    console.log(asTable(results));
    console.log(
        `\nMedians of ${rounds} rounds on ${machine.cores} cores (${machine.processor}), Node.js ${machine.node}.`,
    );
}
