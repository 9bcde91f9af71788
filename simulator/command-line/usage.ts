import { faultNames, listFaults } from "../faults/fault.ts";
import { scenarios } from "../game-day/scenarios.ts";
import { broken, linesOf } from "./broken.ts";
import { type Flag, flags, type Topic } from "./flags.ts";

/** The width where no terminal says its own, as in a pipe to a pager. Wider terminals get at most `maxColumns`. */
const usualColumns = 80;
const maxColumns = 100;
const indent = 21;

/** The text that `--help` shows on a terminal of this width; undefined: elsewhere. Examples stay whole. */
export function usageFor(width: number | undefined): string {
    const columns = Math.min(width || usualColumns, maxColumns);
    const tableOf = (rows: readonly (readonly [string, string])[]) =>
        rows.map(([name, text]) => row(name, text, columns)).join("\n");
    return `${broken("Simulates the machine actions API of Microsoft Defender for Endpoint on this machine.", columns)}

Usage: simulator [--scenario NAME | --fleet FILE] [OPTION]...

${flagTexts(flags, columns)}

Scenarios:
${tableOf(Object.entries(scenarios).map(([name, { about }]) => [name, about]))}

${broken('Faults ("before": the request is not carried out; "after": it is carried out, but the answer is lost or an error):', columns)}
${tableOf([
    ["any request", faultNames.filter((name) => !listFaults.some((one) => one === name)).join(", ")],
    ["lists", listFaults.join(", ")],
])}
  with parameters:
      { "name": "429", "retryAfterSeconds": 8, "message": "" }
      { "name": "slow first byte", "milliseconds": 5000 }
      { "name": "not visible", "actionId": "GUID" }
      { "name": "links to another host", "origin": "https://api.contoso.example" }
      { "name": "answer", "when": "before", "status": 400, "body": "...", "headers": {} }

Exit codes:
  0  it ended as asked
  1  it could not start: the message says why
  2  invalid command line
`;
}

function flagTexts(all: readonly Flag[], columns: number): string {
    const byTopic = new Map<Topic, Flag[]>();
    for (const flag of all) {
        byTopic.set(flag.topic, [...(byTopic.get(flag.topic) ?? []), flag]);
    }
    return [...byTopic]
        .map(([topic, those]) => `${topic}:\n${those.map((flag) => flagText(flag, columns)).join("\n")}`)
        .join("\n\n");
}

function flagText({ name, value, text, example = [] }: Flag, columns: number): string {
    const lines = example.map((line) => `      ${line}`);
    return [row(value === undefined ? `--${name}` : `--${name} ${value}`, text, columns), ...lines].join("\n");
}

function row(name: string, text: string, columns: number): string {
    const head = `  ${name}`;
    const lines = linesOf(text, columns - indent).map((line) => " ".repeat(indent) + line);
    // The text of a long name begins on the next line.
    const [first = "", ...rest] = lines;
    const begin = head.length < indent ? [head.padEnd(indent) + first.trimStart()] : [head, first];
    return [...begin, ...rest].join("\n");
}
