import { isReissueCounts } from "../../../provider/schema/stored-state.ts";
import { readableTime } from "../../../provider/system/clock.ts";
import { stateOfEntry } from "../../events/entry-state.ts";
import type { EventState } from "../../events/event-words.ts";
import { isUnresolved } from "../../events/reissue-events.ts";
import { type CancellationEntry, effectOnMachine } from "../../state/records.ts";

/**
 * How a reader should take a value. `good` is proven and wanted, `plain` needs no attention, `check` is uncertain, and
 * `bad` is not what the declaration wanted. The page shows each with a sign as well as a colour.
 */
export type Tone = "good" | "plain" | "check" | "bad";

/** From the mildest to the worst. */
export const tones: readonly Tone[] = ["good", "plain", "check", "bad"];

export interface Toned {
    readonly text: string;
    readonly tone: Tone;
}

/** How the cancellation ended, in plain words. Only a proven cancellation before execution is good. */
export function outcomeInWords(entry: CancellationEntry): Toned {
    const { outcome, status = "unknown status", failure } = entry;
    const { state } = stateOfEntry(entry);
    const words: Readonly<Partial<Record<EventState, Toned>>> = {
        prevented: { text: "Cancelled", tone: "good" },
        effectUnknown: { text: "Cancelled", tone: "plain" },
        ran: { text: "Cancelled", tone: "plain" },
        adoptedFromOurselves: { text: "Cancelled by an earlier run", tone: "plain" },
        adoptedFromOthers: { text: "Cancelled by another party", tone: "plain" },
        expired: { text: "Timed out", tone: "plain" },
        tooLate: { text: `Too late: ${status}${outcome === "tooLate" ? ", acknowledged" : ""}`, tone: "bad" },
        unproven: { text: `Not proven: ${status}`, tone: "check" },
        notRequested: { text: `No cancel request sent: ${status}`, tone: "bad" },
        drifted: { text: `No longer cancelled: ${status}`, tone: "bad" },
        secret: { text: "Secret", tone: "check" },
    };
    const { text, tone } = words[state] ?? { text: `Unknown outcome: ${outcome}`, tone: "check" };
    return failure === undefined ? { text, tone } : { text: `${text} (${failure})`, tone: worseTone(tone, "check") };
}

/** What happened on the machine, in plain words. */
export function effectInWords(entry: CancellationEntry): Toned {
    const effect = effectOnMachine(entry);
    switch (effect) {
        case "prevented":
            return { text: "Prevented", tone: "good" };
        case "ran":
            return { text: "Ran", tone: "bad" };
        case "unknown":
            return { text: "May have run", tone: "check" };
        case "unproven":
            return { text: "Not known", tone: "check" };
        case "secret":
            return { text: "Secret", tone: "check" };
        default:
            return { text: `Unknown effect: ${effect}`, tone: "check" };
    }
}

/** How often the action was issued again, and the statuses of the later actions. Empty if it was not. */
export function reissuesInWords(entry: CancellationEntry): Toned {
    const { reissues, result } = entry;
    const count = isReissueCounts(result.reissueCounts) ? result.reissueCounts.total : reissues.length;
    if (count === 0) {
        return { text: "", tone: "plain" };
    }
    const statuses = [...new Set(reissues.map(({ status }) => status))].join(", ");
    const isOpen = reissues.some((reissue) => isUnresolved(entry, reissue));
    return { text: `${count} ${statuses || "unknown status"}`, tone: isOpen ? "bad" : "plain" };
}

/** Who issued the action, and the reason that they gave. */
export function requestorInWords({ requestor, requestorComment }: CancellationEntry): string {
    return [requestor, requestorComment && `“${requestorComment}”`].filter(Boolean).join(" ");
}

/** The worse of two tones. */
export function worseTone(one: Tone, other: Tone): Tone {
    return tones.indexOf(one) >= tones.indexOf(other) ? one : other;
}

/** The day, "2026-11-29", if all these times are on the same; otherwise undefined. */
export function commonDay(times: readonly (string | undefined)[]): string | undefined {
    const days = new Set(times.filter((time) => time !== undefined).map((time) => readableTime(time).slice(0, 10)));
    const [day = ""] = days;
    return days.size === 1 && /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined;
}

/** {@link readableTime}, without the day if that is the given one. */
export function timeInWords(time: string | undefined, day: string | undefined): string {
    const text = readableTime(time);
    return day !== undefined && text.startsWith(`${day} `) ? text.slice(day.length + 1).replace("Z", "") : text;
}
