import { timeOf } from "../state/moments.ts";
import { type CancellationEntry, effectOnMachine } from "../state/records.ts";
import { type EventState, type Severity, stateWords, worse } from "./event-words.ts";

/** How bad an effect is, for any outcome. An effect that the record does not prove raises nothing. */
const severityOfEffect: Readonly<Record<string, Severity>> = { ran: "high", unknown: "medium" };

/** The state that the record of one action proves, and its severity. A state is success only with a proof. */
export function stateOfEntry(entry: CancellationEntry): { readonly state: EventState; readonly severity: Severity } {
    const state = provenState(entry);
    const { severity } = stateWords[state];
    return { state, severity: worse(severity, severityOfEffect[effectOnMachine(entry)] ?? "informational") };
}

function provenState(entry: CancellationEntry): EventState {
    const { outcome, effect, status, adoptedFrom } = entry;
    switch (outcome) {
        case "secret":
            return "secret";
        case "unproven":
            return stateWithoutProof(entry);
        case "cancelled":
            return status === "Cancelled" ? cancelledState(effect) : "unreadable";
        case "adopted":
            return adoptedFrom === "ourselves" ? "adoptedFromOurselves" : "adoptedFromOthers";
        case "expired":
            return "expired";
        case "tooLate":
            return "tooLate";
        default:
            return "unreadable";
    }
}

function cancelledState(effect: string): EventState {
    switch (effect) {
        case "prevented":
            return "prevented";
        case "ran":
            return "ran";
        case "secret":
            return "secret";
        default:
            return "effectUnknown";
    }
}

function stateWithoutProof(entry: CancellationEntry): EventState {
    const [requested, confirmed] = [entry.requestedAtUtc, entry.confirmedAtUtc].map(timeOf);
    if (confirmed !== undefined && (requested === undefined || requested <= confirmed)) {
        return "drifted";
    }
    if (entry.status === "Succeeded" || entry.status === "Failed") {
        return "tooLate";
    }
    return requested === undefined ? "notRequested" : "unproven";
}
