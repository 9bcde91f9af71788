import { firstOf } from "../text/first-of.ts";
import type { MachineFacts } from "./machine-reader.ts";
import type { Machine } from "./machines-client.ts";

/** The machine of an action that would be cancelled. */
export interface LookedAt {
    /** As people know it. */
    readonly name: string;
    readonly facts: MachineFacts;
}

/** A reader does not read more names in one line. */
const maxNamed = 10;

/** What is worth knowing of one machine before a cancellation, in words; empty for one without risk or special value. */
export function noteOf({ machine, unknown }: MachineFacts): string {
    if (!machine) {
        return `; its machine is not known: ${unknown}`;
    }
    const notes = notesOn(machine);
    return notes === "" ? "" : `; ${notes}`;
}

/** The same of a machine that is known, to begin a remark with. */
export function notesOn(machine: Machine): string {
    const { riskScore, machineTags = [] } = machine;
    const notes = [
        ...(gradeOf(riskScore) === calm ? [] : [`risk score ${shown(riskScore)}`]),
        ...(isOfHighValue(machine) ? [`device value ${high}`] : []),
    ];
    if (notes.length > 0 && machineTags.length > 0) {
        notes.push(`tags ${machineTags.slice(0, 5).join(", ")}`);
    }
    return notes.length > 0 ? `its machine: ${notes.join(", ")}` : "";
}

/** Whether Defender takes the machine for attacked. */
export function isAtHighRisk({ riskScore }: Machine): boolean {
    return gradeOf(riskScore) === high;
}

/** Whether its owner marked the machine as worth more than others. */
export function isOfHighValue({ deviceValue }: Machine): boolean {
    return deviceValue?.toLowerCase() === "high";
}

/**
 * The risk of a fleet in one line: a wrong scope hits machines without risk; the isolation that an attacker wants
 * cancelled sits on one of high risk.
 */
export function summaryOf(machines: readonly LookedAt[]): string {
    const groups = Map.groupBy(machines, ({ facts }) => (facts.machine ? gradeOf(facts.machine.riskScore) : unseen));
    const counts = [...groups]
        .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
        .map(([grade, some]) => `${some.length.toLocaleString("en-US")} ${grade}${detailOf(grade, some)}`);
    return counts.length > 0 ? `machines by risk score: ${counts.join(", ")}` : "";
}

const calm = "none or low";
const high = "HIGH";
const untold = "not told";
const unseen = "not known";
const order: readonly string[] = [calm, "medium", untold, unseen, high];

function gradeOf(riskScore: string | undefined): string {
    switch (riskScore?.toLowerCase()) {
        case "none":
        case "informational":
        case "low":
            return calm;
        case "medium":
            return "medium";
        case "high":
            return high;
        default:
            return untold;
    }
}

function shown(riskScore: string | undefined): string {
    return gradeOf(riskScore) === high ? high : (riskScore ?? untold);
}

function detailOf(grade: string, some: readonly LookedAt[]): string {
    if (grade === unseen) {
        return ` (${some[0]?.facts.unknown})`;
    }
    if (grade !== high) {
        return "";
    }
    const names = some.map(({ name }) => name);
    return `: ${firstOf(names, maxNamed).join(", ")}`;
}
