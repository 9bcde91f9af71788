import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { ActionSeed } from "./action-seed.ts";
import { type FaultPlan, faultNames, listFaults } from "./faults/fault.ts";
import { faultScript } from "./faults/fault-script.ts";
import { readFleet } from "./fleet-file.ts";
import type { Quota } from "./quota.ts";
import { scenarios } from "./scenarios.ts";

/** What the command is told. */
export interface Arguments {
    port: number;
    token: string | undefined;
    signIn: boolean;
    quotas: Quota[];
    faults: FaultPlan | undefined;
    /** At a time, milliseconds since the epoch. */
    fleet: (now: number) => ActionSeed[];
    json: boolean;
    help: boolean;
}

/** The text that `--help` shows. */
export const usage: string = `Simulates the machine actions API of Microsoft Defender for Endpoint on this machine.

Usage: simulator [--scenario NAME | --fleet FILE] [--port N] [--token T | --sign-in] [--quota N/SECONDS]...
                 [--faults FILE] [--json]

  --scenario NAME    begin with one of the scenarios below (default: demo)
  --fleet FILE       begin with the actions of a JSON file; "count", "ageMinutes" and {n} in a name save typing:
                       [{ "count": 40, "type": "Isolate", "computerDnsName": "ws-{n}.contoso.example",
                          "requestor": "soar@contoso.example", "ageMinutes": 40, "behaviour": "pending",
                          "machine": { "lastSeenMinutesAgo": 600, "backAfterMinutes": 5, "backEveryMinutes": 1 } }]
                     with "backAfterMinutes" a machine comes online, starts its actions and ends them
  --port N           listen on this port of 127.0.0.1 (default: any free one)
  --token T          accept this bearer token alone (default: any)
  --sign-in          start an Entra sign-in over TLS with one application that holds Machine.Read.All and
                     Machine.Isolate, and accept its tokens alone
  --quota N/SECONDS  answer 429 to an application that has sent N get, list and cancel requests in that many seconds,
                     wherever they begin; may be given again, for a longer time
  --faults FILE      let requests go wrong as a JSON file says; its first line that fits a request counts:
                       [{ "operation": "cancel", "nth": 1, "fault": "drop after" },
                        { "operation": "get", "nth": [2, 3], "fault": { "name": "429", "retryAfterSeconds": 8 } }]
                     "operation", "nth" and "actionId" may be left out: then all requests fit
  --json             JSON lines: first where the simulator is and its actions, then each request
  --help             show this text

Scenarios:
${Object.entries(scenarios)
    .map(([name, { about }]) => `  ${name.padEnd(17)}  ${about}`)
    .join("\n")}

Faults ("before": nothing was done, "after": it was done all the same):
  any request        ${listed(faultNames.filter((name) => !listFaults.some((one) => one === name)))}
  lists              ${listed(listFaults)}
  with more to say   { "name": "429", "retryAfterSeconds": 8, "message": "" }
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

/** Reads the command line; throws when it makes no sense. */
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
            json: { type: "boolean", default: false },
            help: { type: "boolean", short: "h", default: false },
        },
    });
    const { port, token, "sign-in": signIn, quota, faults, scenario: name, fleet, json, help } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new Error("--port must be a number from 0 to 65535.");
    }
    // The token is printed as a shell line: only what a bearer token may be made of.
    if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) {
        throw new Error("--token must be made of letters, digits and - . _ ~ + / =");
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
    return {
        port: Number(port),
        token,
        signIn,
        quotas: quota.length > 0 ? quota.map(parseQuota) : [...(scenario.quotas ?? [])],
        faults: faults === undefined ? scenario.faults && faultScript(scenario.faults) : readFaults(faults),
        fleet: fleet === undefined ? scenario.actions : (now) => readFleetFile(fleet, now),
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

function readFleetFile(file: string, now: number): ActionSeed[] {
    try {
        return readFleet(file, now);
    } catch (error) {
        throw new Error(`--fleet ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

function readFaults(file: string): FaultPlan {
    try {
        return faultScript(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
        throw new Error(`--faults ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
}
