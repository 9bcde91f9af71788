import { formatTicks, parseTicks } from "../actions/machine-action.ts";
import { ApiError } from "../http/errors.ts";
import { decoded } from "../http/percent-encoding.ts";
import type { MachineRow } from "../machines/machine-row.ts";
import { machineType } from "../odata/entity-types.ts";
import { compareTimes } from "../time/api-time.ts";
import { type Answer, type Call, listOf, type Tenant } from "./route.ts";

const minute = 60n * 10_000_000n;
const oldest = 30n * 24n * 60n * minute;
const nearby = 15n * minute;

/** `findbyip(ip='10.1.2.3',timestamp=2026-05-04T10:00:00Z)`: the machines that had the address at that time. */
export function findByIp(tenant: Tenant, call: Call): Answer {
    const given = argumentsIn(call);
    const ip = required("ip", given);
    const timestamp = parseTicks(required("timestamp", given));
    if (timestamp === undefined) {
        throw new ApiError(400, "InvalidInput", "The value of the parameter timestamp is invalid.");
    }
    const now = parseTicks(call.time) ?? 0n;
    if (timestamp < now - oldest || timestamp > now + nearby) {
        throw new ApiError(400, "InvalidInput", "The timestamp must be in the past 30 days.");
    }
    const latest = formatTicks(timestamp + nearby);
    const had = (row: MachineRow): boolean =>
        addressesOf(row).includes(ip.toLowerCase()) &&
        (row.firstSeen === null || compareTimes(row.firstSeen, latest) <= 0);
    return listOf(tenant.machines.rows().filter(had), machineType, tenant, call);
}

function addressesOf({ lastIpAddress, ipAddresses }: MachineRow): string[] {
    const addresses = [lastIpAddress ?? "", ...(ipAddresses ?? []).map(({ ipAddress }) => ipAddress)];
    return addresses.map((address) => address.toLowerCase());
}

/** `findbytag?tag=x&useStartsWithFilter=true`, or with the arguments in parentheses. */
export function findByTag(tenant: Tenant, call: Call): Answer {
    const given = argumentsIn(call);
    const tag = required("tag", given);
    const prefix = (given.get("usestartswithfilter") ?? "false").toLowerCase();
    if (prefix !== "true" && prefix !== "false") {
        throw new ApiError(400, "InvalidInput", "The value of the parameter useStartsWithFilter is invalid.");
    }
    const fits = (found: string): boolean => (prefix === "true" ? found.startsWith(tag) : found === tag);
    const machines = tenant.machines.rows().filter(({ machineTags }) => machineTags?.some(fits) === true);
    return listOf(machines, machineType, tenant, call);
}

/** The arguments in the parentheses of the path and in the query, by their names in lower case. */
function argumentsIn({ path, query }: Call): ReadonlyMap<string, string> {
    const pairs = [...inParentheses(decoded(path)), ...new URLSearchParams(query)];
    return new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

/** One argument and the comma after it, from where the one before it ended: so no text is read twice. */
const argument = /\s*(\w+)\s*=\s*(?:'((?:[^']|'')*)'\s*|([^,']*))(?:,|$)/y;
/** The longest arguments that are read; a tag has at most 200 characters. */
const maxArguments = 1_000;

function inParentheses(path: string): [string, string][] {
    const text = path.slice(path.indexOf("(") + 1, path.lastIndexOf(")"));
    if (text.length > maxArguments) {
        throw new ApiError(400, "InvalidInput", `The parameters have at most ${maxArguments} characters.`);
    }
    const pairs: [string, string][] = [];
    argument.lastIndex = 0;
    for (let found = argument.exec(text); found !== null; found = argument.exec(text)) {
        const [, name = "", quoted, plain = ""] = found;
        pairs.push([name, quoted === undefined ? plain.trim() : quoted.replaceAll("''", "'")]);
    }
    return pairs;
}

function required(name: string, given: ReadonlyMap<string, string>): string {
    const value = given.get(name) ?? "";
    if (value === "") {
        throw new ApiError(400, "MissingRequiredParameter", `The required parameter ${name} is missing.`);
    }
    return value;
}
