import type { Consumer } from "./matrix.ts";
import { renderSystems } from "./systems-section.ts";

/** What the run of a row showed. */
export interface ConsumerResult {
    /** The project in words, as it was when it ran. */
    readonly project: string;
    /** The version of the Pulumi CLI. */
    readonly cli: string;
    /** `works`, `fails`, or why it was not run. */
    readonly result: string;
}

export const works = "works";

/** docs/compatibility.md, of which nothing is written by hand. The results are by the value that a row is about. */
export function renderPage(consumers: readonly Consumer[], results: ReadonlyMap<string, ConsumerResult>): string {
    const rows = consumers.map(({ value }) => {
        const { project, cli, result } = results.get(value) ?? { project: "", cli: "", result: "not run yet" };
        return `| ${value} | ${project} | ${cli} | ${result} |`;
    });
    return `${introduction}\n${rows.join("\n")}\n\n${renderSystems()}`;
}

/** Reads back what \`renderPage\` has written. */
export function parsePage(page: string): Map<string, ConsumerResult> {
    const rows = page.split("\n").filter((line) => /^\| (?!value |---)/.test(line));
    return new Map(
        rows.map((row) => {
            const [value = "", project = "", cli = "", result = ""] = row.slice(2, -2).split(" | ");
            return [value, { project, cli, result }];
        }),
    );
}

const introduction = `# Compatibility

This page shows with which tools and versions the package was run, by one project for each value, not for each combination. Each installs the packed tarball in an empty folder, and runs \`pulumi preview\`, \`up\`, \`refresh\` and \`destroy\` against the simulated API, with a single cancellation and a set from a declaration file. \`works\` means:

- the [provider plugin](plugin.md) of the package started, on the row's Node.js, and gave its schema;
- the preview said what would be cancelled, and sent nothing;
- \`up\` cancelled both, \`refresh\` found no drift, and \`destroy\` sent nothing;
- each action got one cancel request;
- in a TypeScript project, the types of the entry points passed (without \`./policy\`: its peer \`@pulumi/policy\` has errors of its own): \`strict\`, \`exactOptionalPropertyTypes\`, \`skipLibCheck: false\`, under \`moduleResolution\` \`nodenext\` and \`bundler\`.

The program runs by the SDK's own \`cmd/run\`. A stand-in takes the place of the CLI's Node language host, which is not on a package registry. All on Linux x64; [macOS and Windows](#windows-and-macos) are not run.

The package is ES modules only: CommonJS programs load it by Node's \`require(esm)\`. \`./lifecycle\` and \`./policy\` need a \`moduleResolution\` that reads \`exports\`, \`nodenext\` or \`bundler\`.

\`npm run test:consumers -- --write\` makes this page.

| value | project | Pulumi CLI | result |
| --- | --- | --- | --- |`;
