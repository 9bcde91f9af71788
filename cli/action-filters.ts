import type { Command } from "commander";
import { listedActions } from "../provider/api/defender-client.ts";
import { quote } from "../provider/api/pages.ts";
import { isNotFound, whyNotFound } from "../provider/cancel/cancel-failures.ts";
import { foldType, knownTypes, typeFilter } from "../provider/model/action-type.ts";
import {
    isGuid,
    isKnownStatus,
    isMachineId,
    type MachineAction,
    newestFirst,
} from "../provider/model/machine-action.ts";
import type { Session } from "../provider/session/session.ts";
import { utc } from "../provider/system/clock.ts";
import { counted } from "../provider/text/counted.ts";
import type { Log } from "../provider/text/print.ts";
import { describeValue } from "../provider/text/sanitize.ts";
import { CliError, wrongValue } from "./exit-codes.ts";
import { type ActionFilters, foldPattern, openStatuses, partsOf, statusesOf } from "./filter-parts.ts";
import { addParagraphs } from "./help-text.ts";
import type { CliHost } from "./host.ts";
import { namesOf } from "./in-words.ts";
import { checkRange, parseMoment } from "./spans.ts";
import { commandName } from "./typed-command.ts";
import { isLike } from "./wildcard.ts";

const statusNames = [...openStatuses, "Succeeded", "Failed", "TimeOut", "Cancelled"];

/** Adds the options that choose actions. */
export function addActionFilters(command: Command, { clock }: CliHost): Command {
    const moment = (text: string) => parseMoment(text, clock.now(), -1);
    return addParagraphs(command, filterHelp)
        .option("--id <guids>", "these actions", ids)
        .option("--status <list>", `${statusNames.join(", ")}; open for the first two`, statuses)
        .option("--type <list>", "Isolate, RunAntiVirusScan, LiveResponse ...", list)
        .option("--requestor <list>", "user name or display name of the application", list)
        .option("--requestor-comment <pattern>", "the comment it was issued with", list)
        .option("--machine <list>", "machine ids, or computer names", list)
        .option("--created-after <time>", "2026-05-04T18:00:00Z, or an age such as 90m, 24h, 7d", moment)
        .option("--created-before <time>", "as above", moment)
        .option("--top <n>", "the newest n of the matching actions", count);
}

const filterHelp = [
    "Filters: an action must match all given filters. Separate the values of a list with commas; one of them must " +
        "match. Case is ignored. A * stands for any text. A computer name without its domain matches too.",
];

function list(text: string, before: readonly string[] = []): string[] {
    const values = text.split(",").map((value) => value.trim());
    if (values.includes("")) {
        throw wrongValue("values separated by commas");
    }
    return [...before, ...values];
}

function statuses(text: string, before: readonly string[] = []): string[] {
    const values = list(text);
    const unknown = values.find((value) => !isStatusFilter(value));
    if (unknown !== undefined) {
        throw wrongValue(`${statusNames.join(", ")} or open, but ${describeValue(unknown)} is none of them`);
    }
    return [...before, ...values];
}

/** Whether the text can be a value of `--status`. */
export function isStatusFilter(value: string): boolean {
    return value.toLowerCase() === "open" || isKnownStatus(value) || statusNames.some((name) => isLike(name, value));
}

function ids(text: string, before: readonly string[] = []): string[] {
    const values = list(text).map((value) => value.toLowerCase());
    if (!values.every(isGuid)) {
        throw wrongValue("ids of machine actions, GUIDs separated by commas");
    }
    return [...before, ...values];
}

export function count(text: string): number {
    if (!/^[1-9]\d{0,8}$/.test(text)) {
        throw wrongValue("a whole number, at least 1");
    }
    return Number(text);
}

const narrowing = [
    ["id", "--id"],
    ["type", "--type"],
    ["requestor", "--requestor"],
    ["requestorComment", "--requestor-comment"],
    ["machine", "--machine"],
    ["createdAfter", "--created-after"],
    ["createdBefore", "--created-before"],
] as const satisfies readonly (readonly [keyof ActionFilters, option: string])[];

/** The options of all filters besides `status` and `top`. */
export const narrowOptions: string = narrowing.map(([, option]) => option).join(", ");

/** Whether any filter is given besides `status` and `top`. */
export function isNarrow(filters: ActionFilters): boolean {
    return narrowing.some(([name]) => filters[name] !== undefined);
}

/** Checks the filters together. Throws a `UsageError` where no action can match; logs a line for each doubtful value. */
export function checkFilters({ type = [], createdAfter, createdBefore }: ActionFilters, now: number, log: Log): void {
    checkRange(["--created-after", createdAfter], ["--created-before", createdBefore], now, "action");
    for (const one of type.filter(
        (pattern) => !knownTypes.some((known) => isLike(foldType(known), foldPattern(pattern))),
    )) {
        log(`${describeValue(one)} is not a type that this package knows. Known types: ${knownTypes.join(", ")}`);
    }
}

/** The result of a search. */
export interface Found {
    /** What the API returned: for ids, the actions of these ids, otherwise what matches the part that the API compares. */
    readonly listed: readonly MachineAction[];
    /** The actions that match, newest first, also those beyond `top`. */
    readonly matching: readonly MachineAction[];
    /** The actions that match, newest first. */
    readonly actions: readonly MachineAction[];
}

/** The actions that match. The filters are applied again here, because the API may return actions that do not match. */
export async function findActions({ client, observer }: Session, filters: ActionFilters): Promise<Found> {
    const listed: MachineAction[] = [];
    if (filters.id) {
        listed.push(...(await actionsById([...new Set(filters.id)], observer)));
    } else {
        listed.push(...(await listedActions(client, filterOf(filters))));
    }
    const parts = partsOf(filters);
    const matching = listed.filter((action) => parts.every(({ holds }) => holds(action))).sort(newestFirst);
    return { listed, matching, actions: matching.slice(0, filters.top) };
}

/** The actions of these ids. If the API does not know some, the error names them all, and how to go on with the others. */
async function actionsById(ids: readonly string[], observer: Session["observer"]): Promise<MachineAction[]> {
    const missing: string[] = [];
    const actions = await Promise.all(
        ids.map((id) =>
            observer.read(id).then(
                ({ action }) => action,
                (error: unknown) => {
                    if (!isNotFound(error)) {
                        throw error;
                    }
                    missing.push(id);
                    return [];
                },
            ),
        ),
    );
    if (missing.length > 0) {
        const found = ids.length - missing.length;
        throw new CliError(
            `ERR_DEFENDER_NOT_FOUND: ${missing.length} of ${counted(ids.length, "id")} (${namesOf(missing)}): ` +
                `${whyNotFound(undefined)}. \`${commandName} doctor\` checks the credential` +
                (found === 0 ? "" : `. To go on with the other ${found}, leave these out of --id`),
        );
    }
    return actions.flat();
}

const hasWildcard = (value: string) => value.includes("*");

/**
 * The maximum length of one part of the filter that the API gets. The API could refuse or cut a longer part, so such a
 * part is applied only in this process.
 */
const maxPart = 3_000;

/**
 * The filter for the API: as much of the given filters as the API supports. The requestor is compared only in this
 * process, because the API's comparison is case-sensitive: `SOAR@contoso.example` would find nothing although
 * `soar@contoso.example` finds 60 actions.
 */
export function filterOf(filters: ActionFilters): string {
    const { status, type, machine, createdAfter, createdBefore } = filters;
    const equal = (name: string, values: readonly string[] = []) => {
        const part = values.map((value) => `${name} eq ${quote(value)}`).join(" or ");
        const isUsable = values.length > 0 && !values.some(hasWildcard) && part.length <= maxPart;
        return isUsable ? [values.length > 1 ? `(${part})` : part] : [];
    };
    const ofType = type?.some(hasWildcard) ? undefined : typeFilter(type ?? []);
    return [
        ...equal("status", status && statusesOf(status)),
        ...(ofType === undefined ? [] : [ofType]),
        ...equal("machineId", machine?.every(isMachineId) ? machine.map((id) => id.toLowerCase()) : []),
        ...(createdAfter === undefined ? [] : [`creationDateTimeUtc ge ${utc(createdAfter)}`]),
        ...(createdBefore === undefined ? [] : [`creationDateTimeUtc le ${utc(createdBefore)}`]),
    ].join(" and ");
}
