import { faultNames, listFaults } from "../faults/fault.ts";
import { scenarios } from "../game-day/scenarios.ts";
import { type Flag, flags, type Topic } from "./flags.ts";

const columns = 100;
const indent = 21;

/** The text that `--help` shows. */
export const usage: string = `Simulates the machine actions API of Microsoft Defender for Endpoint on this machine.

Usage: simulator [--scenario NAME | --fleet FILE] [OPTION]...

${flagTexts(flags)}

Scenarios:
${table(Object.entries(scenarios).map(([name, { about }]) => [name, about]))}

Faults ("before": the request is not carried out; "after": it is carried out, but the answer is lost
or an error):
${table([
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

function flagTexts(all: readonly Flag[]): string {
    const byTopic = new Map<Topic, Flag[]>();
    for (const flag of all) {
        byTopic.set(flag.topic, [...(byTopic.get(flag.topic) ?? []), flag]);
    }
    return [...byTopic].map(([topic, those]) => `${topic}:\n${those.map(flagText).join("\n")}`).join("\n\n");
}

function flagText({ name, value, text, example = [] }: Flag): string {
    const lines = example.map((line) => `      ${line}`);
    return [row(value === undefined ? `--${name}` : `--${name} ${value}`, text), ...lines].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string {
    return rows.map(([name, text]) => row(name, text)).join("\n");
}

function row(name: string, text: string): string {
    const head = `  ${name}`;
    const lines = wrap(text, columns - indent).map((line) => " ".repeat(indent) + line);
    // The text of a long name begins on the next line.
    const [first = "", ...rest] = lines;
    const begin = head.length < indent ? [head.padEnd(indent) + first.trimStart()] : [head, first];
    return [...begin, ...rest].join("\n");
}

/** The text in lines of at most `width` columns, broken at its blanks. */
function wrap(text: string, width: number): string[] {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
        const line = lines.at(-1);
        if (line !== undefined && line.length + 1 + word.length <= width) {
            lines.splice(-1, 1, `${line} ${word}`);
        } else {
            lines.push(word);
        }
    }
    return lines;
}
