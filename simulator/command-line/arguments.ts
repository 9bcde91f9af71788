import { isIP } from "node:net";
import type { Quota } from "../access/quota.ts";
import type { ActionSeed } from "../actions/action-seed.ts";
import type { FaultPlan } from "../faults/fault.ts";
import { faultScript, type ScriptedFault } from "../faults/fault-script.ts";
import { readJsonFile } from "../forms/json-file.ts";
import { suggestion } from "../forms/nearest.ts";
import { readFleet } from "../game-day/fleet-file.ts";
import { readMachines } from "../game-day/machines-file.ts";
import { type Scenario, scenarios } from "../game-day/scenarios.ts";
import type { MachineSeed } from "../machines/machine-row.ts";
import type { PageOptions } from "../page/page-options.ts";
import type { SimulatorOptions } from "../simulator-options.ts";
import { readApps } from "./app-arguments.ts";
import type { NamedApp } from "./demo-apps.ts";
import { type FlagValues, readFlags } from "./read-flags.ts";
import { UsageError } from "./usage-error.ts";

/** The parsed command line. */
export interface Arguments {
    port: number;
    host: string;
    tls: boolean;
    /** The names that the certificate is made for instead of the hosts of Defender. */
    hosts: string[] | undefined;
    /** Where to keep the certificate authority; undefined: in a file that is removed at the end. */
    caFile: string | undefined;
    token: string | undefined;
    signIn: boolean;
    /** The applications of the sign-in, beside those that it always has. */
    apps: NamedApp[];
    cancellationRequestor: NonNullable<SimulatorOptions["cancellationRequestor"]>;
    forbiddenWording: NonNullable<SimulatorOptions["forbiddenWording"]>;
    quotas: Quota[];
    faults: FaultPlan | undefined;
    /** The actions to begin with at a given time (milliseconds since the epoch). */
    fleet: (now: number) => ActionSeed[];
    /** The machines of the machines file at a given time. */
    machines: (now: number) => MachineSeed[];
    speed: number;
    steps: boolean;
    /** Where to serve the live page; undefined: nowhere. */
    page: PageOptions | undefined;
    json: boolean;
    help: boolean;
}

/** Reads the command line; throws a UsageError when it is invalid, and an Error when a file of it is. */
export function readArguments(args: readonly string[]): Arguments {
    const flags = readFlags(args);
    const port = flags.value("port") ?? "0";
    const token = flags.value("token");
    const apps = readApps(flags.values("app"), flags.values("apps"));
    const signInFlag = ["sign-in", "app", "apps"].find((name) => flags.has(name));
    const signIn = signInFlag !== undefined;
    const quotas = flags.values("quota").map(parseQuota);
    const faults = flags.value("faults");
    const fleet = flags.value("fleet");
    const scenarioName = flags.value("scenario");
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new UsageError(`--port must be a number from 0 to 65535, not ${port}: 0 takes any free one`);
    }
    // The token is printed in a shell line, so only the characters of a bearer token are allowed.
    if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) {
        throw new UsageError("--token may contain only letters, digits and - . _ ~ + /, and = at the end");
    }
    if (token !== undefined && signIn) {
        throw new UsageError(`--token and --${signInFlag} exclude each other: the sign-in issues the tokens`);
    }
    if (scenarioName !== undefined && fleet !== undefined) {
        throw new UsageError("--scenario and --fleet exclude each other: leave one of them out");
    }
    const scenario = scenarioOf(scenarioName ?? "demo");
    const machines = flags.value("machines");
    const speed = flags.value("speed") ?? "1";
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(speed) || Number(speed) === 0) {
        throw new UsageError(`--speed must be a positive number, such as 10 or 0.5, not ${speed}`);
    }
    return {
        port: Number(port),
        ...readAddress(flags, signIn),
        token,
        signIn,
        apps,
        cancellationRequestor: readChoice(flags, "cancellation-requestor", [
            ["app-id", "app id"],
            ["object-id", "object id"],
            ["display-name", "display name"],
        ]),
        forbiddenWording: readChoice(flags, "forbidden-wording", [
            ["2026", "2026"],
            ["2021", "2021"],
        ]),
        quotas: quotas.length > 0 ? quotas : [...(scenario.quotas ?? [])],
        faults: faults === undefined ? scenario.faults && faultScript(scenario.faults) : readFaults(faults),
        fleet: fleet === undefined ? scenario.actions : (now) => readListFile("--fleet", readFleet, fleet, now),
        machines: machines === undefined ? () => [] : (now) => readListFile("--machines", readMachines, machines, now),
        speed: Number(speed),
        steps: flags.has("steps"),
        page: readPage(flags),
        json: flags.has("json"),
        help: flags.has("help"),
    };
}

function readAddress(flags: FlagValues, signIn: boolean): Pick<Arguments, "host" | "tls" | "hosts" | "caFile"> {
    const host = flags.value("host") ?? "127.0.0.1";
    const hosts = flags.value("hosts")?.split(",");
    const tls = flags.has("tls") || hosts !== undefined;
    const caFile = flags.value("ca-file");
    if (!isAddress(host)) {
        throw new UsageError(`--host must be an IP address or a host name, not ${host}`);
    }
    const wrong = hosts?.find((name) => !isAddress(name.replace(/^\*\./, "")));
    if (wrong !== undefined) {
        throw new UsageError(
            `--hosts must be host names or IP addresses, separated by commas, not ${wrong || "an empty name"}: ` +
                "leave scheme, port and path out",
        );
    }
    if (caFile !== undefined && !tls && !signIn) {
        throw new UsageError("--ca-file needs TLS: add --tls or --sign-in");
    }
    return { host, tls, hosts, caFile };
}

function readPage(flags: FlagValues): PageOptions | undefined {
    const address = flags.value("page-address");
    if (address === undefined) {
        return flags.has("page") ? {} : undefined;
    }
    const [, host = "", port = ""] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
    const plain = host.replace(/^\[(.*:.*)\]$/, "$1");
    if (!isAddress(plain) || (plain === host && host.includes(":")) || Number(port) > 65_535) {
        throw new UsageError(`--page-address must be HOST:PORT, such as 0.0.0.0:8080, not ${address}`);
    }
    return { host: plain, port: Number(port) };
}

const hostName = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

function isAddress(text: string): boolean {
    // What consists of digits and dots alone is an IP address or a slip of the finger.
    return isIP(text) !== 0 || (hostName.test(text) && !/^[\d.]+$/.test(text));
}

type Choice<Meaning> = readonly [name: string, Meaning];

/** The meaning of a flag's value; that of the first name if the flag is not given. */
function readChoice<Meaning>(
    flags: FlagValues,
    flag: string,
    choices: readonly [Choice<Meaning>, ...Choice<Meaning>[]],
): Meaning {
    const given = flags.value(flag);
    const chosen = given === undefined ? choices[0] : choices.find(([name]) => name === given);
    if (chosen === undefined) {
        const names = choices.map(([name]) => name);
        const near = suggestion(given ?? "", names) || `: it must be one of ${names.join(", ")}`;
        throw new UsageError(`unknown --${flag} ${given}${near}`);
    }
    return chosen[1];
}

function scenarioOf(name: string): Scenario {
    const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
    if (scenario === undefined) {
        const names = Object.keys(scenarios);
        throw new UsageError(
            `unknown scenario ${name}${suggestion(name, names) || `: --scenario must be one of ${names.join(", ")}`}`,
        );
    }
    return scenario;
}

function parseQuota(text: string): Quota {
    const [, requests = "", seconds = ""] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? [];
    if (requests === "") {
        throw new UsageError(`--quota must be N/SECONDS, such as 100/60, not ${text}`);
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
        return faultScript(readJsonFile(file) as readonly ScriptedFault[]);
    } catch (error) {
        throw new Error(`--faults ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
}
