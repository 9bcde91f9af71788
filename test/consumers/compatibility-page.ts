import { type Consumer, describe } from "./matrix.ts";

/** What a run of each row showed, by its value: `works`, or why not. */
export type Results = ReadonlyMap<string, string>;

export interface CompatibilityPage {
    /** The Pulumi CLI's version and the platform of the runs. */
    readonly machine: string;
    readonly results: Results;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** docs/compatibility.md, of which nothing is written by hand. */
export function renderPage(consumers: readonly Consumer[], { machine, results }: CompatibilityPage): string {
    const rows = consumers.map(
        (consumer) =>
            `| ${consumer.value} | ${describe(consumer)} | ${cell(results.get(consumer.value) ?? "not run yet")} |`,
    );
    return `# Compatibility

One project for each value, not for each combination. Each is made in an empty folder, installs the packed tarball from beside its \`package.json\`, and goes through \`pulumi preview\`, \`up\`, \`refresh\` and \`destroy\` against the simulated API, with one single cancellation and one set from a declaration file. \`works\` means: the preview said what would be cancelled and sent nothing, \`up\` cancelled both, \`refresh\` found no drift, and each action got one cancel request. In TypeScript projects the types of all entry points are checked first, \`strict\` and with \`skipLibCheck: false\`, under \`moduleResolution\` \`nodenext\` and \`bundler\`.

\`npm run test:consumers -- --write\` makes this page.

Run with ${machine}.

| value | project | result |
| --- | --- | --- |
${rows.join("\n")}
`;
}

/** Reads back what \`renderPage\` has written. */
export function parsePage(page: string): CompatibilityPage {
    const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| value"));
    const cells = rows.map((row) => row.slice(2, -2).split(/(?<!\\) \| /));
    return {
        machine: /^Run with (.*)\.$/m.exec(page)?.[1] ?? "",
        results: new Map(cells.map(([value = "", , result = ""]) => [value, result.replaceAll("\\|", "|")])),
    };
}
