import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Quota } from "../access/quota.ts";
import type { ActionSeed } from "../actions/action-seed.ts";
import { type FaultPlan, faultNames, listFaults } from "../faults/fault.ts";
import { faultScript } from "../faults/fault-script.ts";
import { readFleet } from "../game-day/fleet-file.ts";
import { readMachines } from "../game-day/machines-file.ts";
import { scenarios } from "../game-day/scenarios.ts";
import type { MachineSeed } from "../machines/machine.ts";

/** The parsed command line. */
export interface Arguments {
    port: number;
    token: string | undefined;
    signIn: boolean;
    quotas: Quota[];
    faults: FaultPlan | undefined;
    /** The actions to begin with at a given time (milliseconds since the epoch). */
    fleet: (now: number) => ActionSeed[];
    /** The machines of the machines file at a given time. */
    machines: (now: number) => MachineSeed[];
    speed: number;
    steps: boolean;
    json: boolean;
    help: boolean;
}

/** The text that `--help` shows. */
export const usage: string = `Simulates the machine actions API of Microsoft Defender for Endpoint on this machine.

Usage: simulator [--scenario NAME | --fleet FILE] [--machines FILE] [--port N] [--token T | --sign-in]
                 [--quota N/SECONDS]... [--faults FILE] [--speed N] [--steps] [--json]

  --scenario NAME    begin with one of the scenarios below (default: demo)
  --fleet FILE       begin with the actions of a JSON file; "count" repeats an entry, {n} in a name numbers it:
                       [{ "count": 40, "type": "Isolate", "computerDnsName": "ws-{n}.contoso.example",
                          "requestor": "soar@contoso.example", "ageMinutes": 40, "behaviour": "pending",
                          "machine": { "lastSeenMinutesAgo": 600, "backAfterMinutes": 5, "backEveryMinutes": 1 } }]
                     with "backAfterMinutes" a machine comes online after that time; its actions then start and end
  --machines FILE    add the machines of a JSON file; they are online unless it says otherwise, so that the actions
                     that are submitted on them start and end by themselves:
                       [{ "count": 60, "computerDnsName": "ws-{n}.contoso.example", "runsForSeconds": 40 },
                        { "count": 5, "offlineAfterMinutes": 2, "backAfterMinutes": 5 }]
  --speed N          let actions and machines run N times as fast; quotas, tokens and all times shown stay real
  --steps            let time stand still until a line "advance SECONDS" comes on standard input
  --port N           listen on this port of 127.0.0.1 (default: any free one)
  --token T          accept only this bearer token (default: any)
  --sign-in          start an Entra sign-in over TLS with one application that holds Machine.Read.All and
                     Machine.Isolate, and accept only its tokens
  --quota N/SECONDS  answer 429 to an application that has sent N get, list and cancel requests in that many seconds,
                     in any such period; may be given again, for a longer period
  --faults FILE      make requests fail as a JSON file says; the first entry that fits a request applies:
                       [{ "operation": "cancel", "nth": 1, "fault": "drop after" },
                        { "operation": "get", "nth": [2, 3], "fault": { "name": "429", "retryAfterSeconds": 8 } }]
                     an entry without "operation", "nth" or "actionId" fits requests with any value of it
  --json             print JSON lines: first the simulator's address and its actions, then each request
  --help             show this text

Scenarios:
${Object.entries(scenarios)
    .map(([name, { about }]) => `  ${name.padEnd(17)}  ${about}`)
    .join("\n")}

Faults ("before": the request is not carried out; "after": it is carried out, but the answer is lost or an error):
  any request        ${listed(faultNames.filter((name) => !listFaults.some((one) => one === name)))}
  lists              ${listed(listFaults)}
  with parameters    { "name": "429", "retryAfterSeconds": 8, "message": "" }
                     { "name": "slow first byte", "milliseconds": 5000 }
                     { "name": "not visible", "actionId": "GUID" }
                     { "name": "links to another host", "origin": "https://api.contoso.example" }
                     { "name": "answer", "when": "before", "status": 400, "body": "...", "headers": {} }
`;

function listed(names: readonly string[]): string {
    const lines = [""];
    for (const name of names) {
        const line = `${lines.pop()}${name}, `;
        lines.push(...(line.length > 80 ? [line, ""] : [line]));
    }
    return lines
        .filter((line) => line !== "")
        .map((line) => line.trimEnd())
        .join(`\n${" ".repeat(21)}`)
        .replace(/,$/, "");
}

/** Reads the command line; throws when it is invalid. */
export function readArguments(args: readonly string[]): Arguments {
    const { values } = parseArgs({
        args: [...args],
        options: {
            port: { type: "string", default: "0" },
            token: { type: "string" },
            "sign-in": { type: "boolean", default: false },
            quota: { type: "string", multiple: true, default: [] },
            faults: { type: "string" },
            scenario: { type: "string" },
            fleet: { type: "string" },
            machines: { type: "string" },
            speed: { type: "string", default: "1" },
            steps: { type: "boolean", default: false },
            json: { type: "boolean", default: false },
            help: { type: "boolean", short: "h", default: false },
        },
    });
    const { port, token, "sign-in": signIn, quota, faults, scenario: name, fleet, json, help } = values;
    const { machines, speed, steps } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new Error("--port must be a number from 0 to 65535.");
    }
    // The token is printed in a shell line, so only the characters of a bearer token are allowed.
    if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) {
        throw new Error("--token may contain only letters, digits and - . _ ~ + / =");
    }
    if (token !== undefined && signIn) {
        throw new Error("--token and --sign-in exclude each other.");
    }
    const scenario = Object.hasOwn(scenarios, name ?? "demo") ? scenarios[name ?? "demo"] : undefined;
    if (scenario === undefined) {
        throw new Error(`--scenario must be one of ${Object.keys(scenarios).join(", ")}.`);
    }
    if (name !== undefined && fleet !== undefined) {
        throw new Error("--scenario and --fleet exclude each other.");
    }
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(speed) || Number(speed) === 0) {
        throw new Error("--speed must be a positive number, such as 10 or 0.5.");
    }
    return {
        port: Number(port),
        token,
        signIn,
        quotas: quota.length > 0 ? quota.map(parseQuota) : [...(scenario.quotas ?? [])],
        faults: faults === undefined ? scenario.faults && faultScript(scenario.faults) : readFaults(faults),
        fleet: fleet === undefined ? scenario.actions : (now) => readListFile("--fleet", readFleet, fleet, now),
        machines: machines === undefined ? () => [] : (now) => readListFile("--machines", readMachines, machines, now),
        speed: Number(speed),
        steps,
        json,
        help,
    };
}

function parseQuota(text: string): Quota {
    const [, requests = "", seconds = ""] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? [];
    if (requests === "") {
        throw new Error(`--quota must be N/SECONDS, such as 100/60, not ${text}.`);
    }
    return { requests: Number(requests), periodMs: Number(seconds) * 1_000, window: "sliding" };
}

function readListFile<T>(flag: string, read: (file: string, now: number) => T[], file: string, now: number): T[] {
    try {
        return read(file, now);
    } catch (error) {
        throw new Error(`${flag} ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

function readFaults(file: string): FaultPlan {
    try {
        return faultScript(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
        throw new Error(`--faults ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
}
