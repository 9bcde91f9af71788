import { isAtHighRisk, isOfHighValue, notesOn } from "../../provider/machines/machine-notes.ts";
import type { MachineFacts } from "../../provider/machines/machine-reader.ts";
import { foldType } from "../../provider/model/action-type.ts";
import { timeOf } from "../state/moments.ts";
import type { Uncovered } from "./find-uncovered.ts";

/** An undeclared cancellation, with the reasons for its rank. */
export interface Ranked extends Uncovered {
    readonly reasons: readonly string[];
    /** The severity; a higher weight is worse. */
    readonly weight: number;
}

interface Mark {
    readonly weight: number;
    readonly reason: string;
}

/** Actions that hold an attacker back. An attacker would want to cancel them. */
const containment = new Set(["isolate", "restrictcodeexecution", "stopandquarantinefile"]);

/** The facts about the machine of each action, by the action's id. */
export type FactsByAction = ReadonlyMap<string, MachineFacts>;

/** Sorts by weight, the worst first. Cancellations of equal weight are sorted by time, the latest first. */
export function rank(uncovered: readonly Uncovered[], facts: FactsByAction = new Map()): Ranked[] {
    return uncovered
        .map((one) => weigh(one, facts.get(one.action.id)))
        .sort((one, other) => other.weight - one.weight || latest(other) - latest(one));
}

function weigh(one: Uncovered, facts: MachineFacts | undefined): Ranked {
    const { action, why, isDeclared, isOurs } = one;
    const { type = "", status } = action;
    const marks: Mark[] = [
        { weight: isDeclared ? 1 : 0, reason: why },
        ...(containment.has(foldType(type)) ? [{ weight: 4, reason: `${type} holds an attacker back` }] : []),
        ...(isOurs ? [{ weight: 4, reason: "under our own identity" }] : []),
        ...(status === "Cancelled" ? [] : [{ weight: 0, reason: `its cancellation was requested, it is ${status}` }]),
        ...(facts ? machineMarks(facts) : []),
    ];
    return {
        ...one,
        reasons: marks.map(({ reason }) => reason),
        weight: marks.reduce((sum, { weight }) => sum + weight, 0),
    };
}

function machineMarks({ machine }: MachineFacts): Mark[] {
    if (!machine) {
        // An unknown machine may be under attack.
        return [{ weight: 1, reason: "its machine is not known" }];
    }
    const notes = notesOn(machine);
    const weight = (isAtHighRisk(machine) ? 4 : 0) + (isOfHighValue(machine) ? 2 : 0);
    return notes === "" ? [] : [{ weight, reason: notes }];
}

/** A cancellation without a time counts as the latest, because it may be the latest. */
function latest({ cancelledAt }: Uncovered): number {
    return timeOf(cancelledAt) ?? Number.MAX_SAFE_INTEGER;
}
