import { foldType } from "../provider/model/action-type.ts";
import { foldStatus, type MachineAction } from "../provider/model/machine-action.ts";
import { shortText } from "../provider/text/sanitize.ts";
import { momentValue } from "./spans.ts";
import { isLike } from "./wildcard.ts";

/** Which machine actions to select. An action must match all given filters, and one value of each list. */
export interface ActionFilters {
    readonly id?: readonly string[];
    readonly status?: readonly string[];
    readonly type?: readonly string[];
    readonly requestor?: readonly string[];
    readonly requestorComment?: readonly string[];
    readonly machine?: readonly string[];
    /** Milliseconds since the epoch. */
    readonly createdAfter?: number;
    readonly createdBefore?: number;
    readonly top?: number;
}

/** One of the given filters. */
export interface FilterPart {
    /** The option and its value, as on the command line. */
    readonly option: string;
    /** What an action is that this filter excludes, such as "by another requestor". */
    readonly excluded: string;
    readonly holds: (action: MachineAction) => boolean;
    /** The property that the filter compares, for people; undefined for times. */
    readonly nameOf?: (action: MachineAction) => string;
}

/** The statuses of an action that is not final. */
export const openStatuses: readonly string[] = ["Pending", "InProgress"];

/** The statuses that a list of statuses names. `open` names two. */
export function statusesOf(given: readonly string[]): string[] {
    return given.flatMap((status) => (status.toLowerCase() === "open" ? openStatuses : [foldStatus(status)]));
}

/** The maximum length of a value that a message repeats. */
const maxValue = 80;

/**
 * The given filters, except `id` and `top`. An action must match all of them. The status comes last, so that an action
 * which only its status excludes is told apart.
 */
export function partsOf(filters: ActionFilters): FilterPart[] {
    const { status, type, requestor, requestorComment, machine, createdAfter, createdBefore } = filters;
    const any = (values: readonly string[], seen: string | undefined) =>
        seen !== undefined && values.some((value) => isLike(seen, value));
    const created = ({ creationDateTimeUtc }: MachineAction) => Date.parse(creationDateTimeUtc ?? "");
    return [
        ...part(requestor, "--requestor", "by another requestor", (values) => ({
            holds: (action) => any(values, action.requestor),
            nameOf: (action) => action.requestor ?? "an unknown requestor",
        })),
        ...part(type, "--type", "of another type", (values) => {
            const patterns = values.map(foldPattern);
            return {
                holds: (action) => any(patterns, action.type && foldType(action.type)),
                nameOf: (action) => action.type ?? "an unknown type",
            };
        }),
        ...part(machine, "--machine", "on another machine", (values) => ({
            holds: (action) =>
                [action.machineId, action.computerDnsName, hostOf(action)].some((name) => any(values, name)),
            nameOf: nameOfMachine,
        })),
        ...part(requestorComment, "--requestor-comment", "with another comment", (values) => ({
            holds: (action) => any(values, action.requestorComment),
            nameOf: (action) => action.requestorComment ?? "no comment",
        })),
        ...part(createdAfter, "--created-after", "issued before that time", (time) => ({
            holds: (action) => created(action) >= time,
        })),
        ...part(createdBefore, "--created-before", "issued after that time", (time) => ({
            holds: (action) => created(action) <= time,
        })),
        ...part(status, "--status", "with another status", (values) => {
            const statuses = statusesOf(values);
            return { holds: (action) => any(statuses, action.status), nameOf: (action) => action.status };
        }),
    ];
}

function part<Value extends number | readonly string[]>(
    value: Value | undefined,
    name: string,
    excluded: string,
    rest: (value: Value) => Omit<FilterPart, "option" | "excluded">,
): FilterPart[] {
    return value === undefined ? [] : [{ option: `${name} ${valueInWords(value)}`, excluded, ...rest(value) }];
}

function valueInWords(value: number | readonly string[]): string {
    if (typeof value === "number") {
        return momentValue(value);
    }
    const text = shortText(value.join(","), maxValue);
    return /\s/.test(text) ? JSON.stringify(text) : text;
}

/** The machine of an action, for people: the computer's name, otherwise the machine's id, otherwise the action's id. */
export function nameOfMachine({ computerDnsName, machineId, id }: MachineAction): string {
    return computerDnsName ?? machineId ?? id;
}

function hostOf({ computerDnsName }: MachineAction): string | undefined {
    return computerDnsName?.split(".")[0];
}

/** Types are compared by letters and digits only, so each part of the pattern is folded, and each * is kept. */
export function foldPattern(pattern: string): string {
    return pattern.split("*").map(foldType).join("*");
}
