import { createHash } from "node:crypto";
import { compareTimes } from "../system/clock.ts";
import { foldText, shortText } from "../text/sanitize.ts";
import { foldType } from "./action-type.ts";

/** The statuses that no longer change by themselves. */
export type FinalStatus = "Succeeded" | "Failed" | "TimeOut" | "Cancelled";

/** The status of a machine action. An unknown status is kept as the API wrote it, and is not final. */
export type MachineActionStatus = "Pending" | "InProgress" | FinalStatus | (string & {});

const knownStatuses = new Map<string, MachineActionStatus>([
    ["pending", "Pending"],
    ["inprogress", "InProgress"],
    ["succeeded", "Succeeded"],
    ["failed", "Failed"],
    ["timeout", "TimeOut"],
    ["cancelled", "Cancelled"],
    // Some answers spell the status with one "l".
    ["canceled", "Cancelled"],
]);

const finalStatuses = new Set<string>(["Succeeded", "Failed", "TimeOut", "Cancelled"] satisfies FinalStatus[]);

/** Whether an action with this status is over. */
export function isFinal(status: string): status is FinalStatus {
    return finalStatuses.has(status);
}

/** Spells a status as the documentation does, in any case. */
export function foldStatus(status: string): MachineActionStatus {
    return knownStatuses.get(foldText(status)) ?? (shortText(status).trim() || "Unknown");
}

/** Whether the documentation names the status. */
export function isKnownStatus(status: string): boolean {
    return knownStatuses.has(status.toLowerCase());
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a GUID in its plain form: hexadecimal groups of 8, 4, 4, 4 and 12, no braces. */
export function isGuid(text: string): boolean {
    return guidPattern.test(text);
}

/** Whether the text is the id of a machine: 40 hexadecimal digits. */
export function isMachineId(text: string): boolean {
    return /^[0-9a-f]{40}$/i.test(text);
}

/** One command of a live response. */
export interface MachineActionCommand {
    /** Created, Executing, Completed, Failed …; "Unknown" when the API did not return it. */
    readonly commandStatus: string;
    readonly startTime?: string | undefined;
    readonly endTime?: string | undefined;
    /** What the command does; absent where the API does not return it. */
    readonly command?: { readonly type: string; readonly params: readonly CommandParameter[] } | undefined;
}

/** A parameter of a command, such as ScriptName. */
export interface CommandParameter {
    readonly key: string;
    readonly value: string;
}

/** The file that an action is about, such as the file of a StopAndQuarantineFile action. */
export interface RelatedFileInfo {
    /** The hash of the file. */
    readonly fileIdentifier: string;
    /** Sha1, Sha256 or Md5. */
    readonly fileIdentifierType?: string | undefined;
}

/** A machine action as the API returned it, with its text sanitized. Absent and null properties are left out. */
export interface MachineAction {
    /** GUID, lower case. */
    readonly id: string;
    readonly status: MachineActionStatus;
    readonly type?: string | undefined;
    readonly scope?: string | undefined;
    readonly title?: string | undefined;
    readonly externalId?: string | undefined;
    readonly relatedFileInfo?: RelatedFileInfo | undefined;
    readonly requestor?: string | undefined;
    readonly requestorComment?: string | undefined;
    readonly requestSource?: string | undefined;
    readonly machineId?: string | undefined;
    readonly computerDnsName?: string | undefined;
    readonly creationDateTimeUtc?: string | undefined;
    readonly lastUpdateDateTimeUtc?: string | undefined;
    readonly cancellationRequestor?: string | undefined;
    readonly cancellationComment?: string | undefined;
    readonly cancellationDateTimeUtc?: string | undefined;
    readonly errorHResult?: number | undefined;
    readonly commands: readonly MachineActionCommand[];
}

/** An action as an earlier reading showed it. Any of its properties may be missing. */
export interface KnownAction extends Partial<Omit<MachineAction, "id" | "commands">> {
    /** The commands of a live response in one line. */
    readonly commandSummary?: string | undefined;
}

const maxSummary = 300;

/** The commands of a live response in one line, such as "RunScript ScriptName=collect.ps1". */
export function summarizeCommands(
    action: Pick<KnownAction, "commandSummary"> & Partial<MachineAction>,
): string | undefined {
    const { commands = [], commandSummary } = action;
    const known = commands.flatMap(({ command }) =>
        command ? [[command.type, ...command.params.map(describeParam)].join(" ")] : [],
    );
    return known.length > 0 ? shortText(known.join("; "), maxSummary) : commandSummary;
}

/**
 * The parameters that name something. Other parameters may hold passwords, so only their length and a short hash are
 * shown.
 */
const named = new Set(["scriptname", "filename", "path"]);

function describeParam({ key, value }: { readonly key: string; readonly value: string }): string {
    const hash = createHash("sha256").update(value).digest("hex").slice(0, 4);
    return `${key}=${named.has(key.toLowerCase()) ? value : `(${value.length} characters, #${hash})`}`;
}

/**
 * Describes the properties that distinguish two actions of one type on one machine; empty if the action has none of
 * these properties.
 */
export function describeDetails(action: KnownAction | MachineAction): string {
    const { relatedFileInfo, title, externalId } = action;
    const commands = summarizeCommands(action);
    const parts = [
        ...(relatedFileInfo ? [`file ${shortText(relatedFileInfo.fileIdentifier, 64)}`] : []),
        ...(commands ? [`commands ${shortText(commands, 160)}`] : []),
        ...(title ? [`title ${JSON.stringify(shortText(title, 60))}`] : []),
        ...(externalId ? [`external id ${shortText(externalId, 60)}`] : []),
    ];
    return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

/** Sorts by creation time. If the times are equal or unknown, sorts by id, so that the API's order does not matter. */
export function newestFirst(one: MachineAction, other: MachineAction): number {
    return compareTimes(other.creationDateTimeUtc, one.creationDateTimeUtc) || (one.id < other.id ? -1 : 1);
}

/** The action in a few words for a message: "Isolate on ws-0417.contoso.example". */
export function describeAction(action: Pick<KnownAction, "type" | "computerDnsName" | "machineId">): string {
    const where = action.computerDnsName ?? action.machineId;
    return `${shortText(action.type ?? "machine action", 60)}${where ? ` on ${shortText(where, 100)}` : ""}`;
}

/**
 * The machine's name without its domain, for a line that names several machines; undefined if it is not known. Two
 * machines can have the same one: `namesAmong` tells them apart. An IP address, or another name whose parts are no
 * labels, stays whole.
 */
export function machineName({ computerDnsName = "" }: Pick<KnownAction, "computerDnsName">): string | undefined {
    const name = shortText(computerDnsName, 300).trim();
    const [host] = /^(?!\d+\.)[\p{L}\p{N}_-]+(?=\.)/u.exec(name) ?? [];
    return shortText(host ?? name, 40) || undefined;
}

// https://learn.microsoft.com/en-us/defender-endpoint/respond-machine-alerts
const reversals = new Map<string, string>([
    ["isolate", "submit Unisolate to reverse it"],
    ["unisolate", "submit Isolate to reverse it"],
    ["restrictcodeexecution", "submit UnrestrictCodeExecution to reverse it"],
    ["unrestrictcodeexecution", "submit RestrictCodeExecution to reverse it"],
    ["stopandquarantinefile", "restore the file from quarantine to reverse it"],
    ["offboard", "onboard the machine again to reverse it"],
    ["liveresponse", "look at what its commands did on the machine"],
]);

/** Advice on how to reverse an action that ran. A cancellation does not reverse it. */
export function reversalOf(type: string | undefined): string {
    return reversals.get(foldType(type ?? "")) ?? "nothing reverses it";
}

/** Whether this reading shows that the action has started and not ended. */
export function isAtWork({ status }: MachineAction): boolean {
    return status !== "Pending" && !isFinal(status);
}
