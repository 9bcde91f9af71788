import { firstOf } from "../text/first-of.ts";
import type { MachineFacts } from "./machine-reader.ts";
import type { Machine } from "./machines-client.ts";

/** The machine of an action that would be cancelled. */
export interface LookedAt {
    /** A name for people to read. */
    readonly name: string;
    readonly facts: MachineFacts;
}

/** The maximum number of names in one line: a longer list is not read. */
const maxNamed = 10;

/**
 * Facts about a machine that matter before a cancellation, in words; empty for a machine without risk or special value.
 */
export function noteOf({ machine, unknown }: MachineFacts): string {
    if (!machine) {
        return `; its machine is not known: ${unknown}`;
    }
    const notes = notesOn(machine);
    return notes === "" ? "" : `; ${notes}`;
}

/** The facts about a machine that was read, for the start of a remark. */
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

/** Whether Defender considers the machine at high risk. */
export function isAtHighRisk({ riskScore }: Machine): boolean {
    return gradeOf(riskScore) === high;
}

/** Whether the owner of the machine gave it a high value. */
export function isOfHighValue({ deviceValue }: Machine): boolean {
    return deviceValue?.toLowerCase() === "high";
}

/**
 * The risk of a fleet in one line. An isolation of the wrong scope hits machines without risk. An isolation that an
 * attacker wants cancelled is on a machine of high risk.
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
const untold = "not returned";
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
