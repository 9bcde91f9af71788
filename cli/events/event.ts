import { cleanText } from "../safe-text.ts";
import type { EventKind, EventState, Severity } from "./event-words.ts";

/**
 * Something that happened to a declared cancellation, or to an undeclared one, in the form from which each format is
 * made. All its texts are clean, and cut to a length that each receiver accepts.
 */
export interface CancellationEvent {
    readonly kind: EventKind;
    /** A UUID. The same record gives the same id; another state of the record gives another one. */
    readonly id: string;
    readonly state: EventState;
    readonly severity: Severity;
    /** Names the machine action, the machine and the state. */
    readonly message: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** Milliseconds since the epoch; undefined where the record has no such time. */
    readonly startedAt: number | undefined;
    /** Milliseconds since the epoch; undefined where the record has no such time. */
    readonly endedAt: number | undefined;
    /** The number of machine actions that the event is about. */
    readonly count: number;
    /** What all events of one declaration have in common. */
    readonly correlation: string;
    /** The machine action; for a run, the resource. */
    readonly target: string;
    /** The type of the machine action; undefined for the run of a set. */
    readonly actionType: string | undefined;
    readonly machineId: string | undefined;
    readonly computerDnsName: string | undefined;
    /** The hash of the file that the action is about. */
    readonly relatedFile: string | undefined;
    readonly oldStatus: string | undefined;
    readonly newStatus: string | undefined;
    /** The user or the application as Defender or the operator names it. */
    readonly actor: string | undefined;
    /** The app registration that sent the request. */
    readonly appId: string | undefined;
    readonly tenantId: string | undefined;
    readonly apiHost: string | undefined;
    /** The exchange of the last cancel request; undefined if none was sent. */
    readonly request: { readonly correlationId: string | undefined; readonly status: number | undefined } | undefined;
    /** What has no place of its own in the formats. */
    readonly more: Readonly<Record<string, string | number>>;
}

/**
 * The maximum length of a text in an event. A column of Log Analytics takes 64 KB
 * (https://learn.microsoft.com/azure/azure-monitor/service-limits), and all texts of an event are in one column.
 */
const maxText = 1_000;

/** Stands for a name that an edited record lacks. */
export const unnamed = "unnamed";

/** The texts of an event that come from elsewhere. */
const foreignTexts = [
    "actionType",
    "machineId",
    "computerDnsName",
    "relatedFile",
    "oldStatus",
    "newStatus",
    "actor",
    "appId",
    "tenantId",
    "apiHost",
] as const;

type ForeignText = (typeof foreignTexts)[number];

/** An event with its texts as they were found. A text, a time and the request may be left out. */
export interface FoundEvent
    extends Pick<CancellationEvent, "kind" | "id" | "state" | "severity" | "message" | "at" | "count">,
        Partial<Pick<CancellationEvent, ForeignText | "startedAt" | "endedAt" | "request">> {
    readonly correlation: string | undefined;
    readonly target: string | undefined;
    readonly more: Readonly<Record<string, string | number | undefined>>;
}

/** The event with its texts clean. Of its message, the parts that come from elsewhere must be clean already. */
export function cleanEvent(found: FoundEvent): CancellationEvent {
    const texts = Object.fromEntries(foreignTexts.map((name) => [name, clean(found[name])])) as Pick<
        CancellationEvent,
        ForeignText
    >;
    const { startedAt, endedAt, request } = found;
    return {
        ...found,
        ...texts,
        startedAt,
        endedAt,
        correlation: clean(found.correlation) ?? unnamed,
        target: clean(found.target) ?? unnamed,
        request: request && { ...request, correlationId: clean(request.correlationId) },
        more: present(found.more),
    };
}

/** Foreign text, clean and cut; undefined for an empty one, because the API writes an empty text for none. */
export function clean(text: string | undefined): string | undefined {
    return (text === undefined ? "" : cleanText(text, maxText).trim()) || undefined;
}

/** The values that are there, with their texts clean. A value of another form, which only an edited record has, is left out. */
function present(values: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
    const pairs = Object.entries(values).flatMap(([name, value]): [string, string | number][] => {
        const known = typeof value === "string" ? clean(value) : Number.isFinite(value) ? value : undefined;
        return known === undefined ? [] : [[name, known]];
    });
    return Object.fromEntries(pairs);
}
