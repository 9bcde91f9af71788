import type { Observation } from "../api/defender-client.ts";
import { listQuery, maxQuery, partsThatFit, quote } from "../api/pages.ts";
import { isSameType } from "../model/action-type.ts";
import { errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { createBatcher } from "../system/batcher.ts";
import { utc } from "../system/clock.ts";
import type { VerifiedList } from "./verified-list.ts";

/** An action whose machine is looked at, for what was issued there later. */
export interface HistoryQuestion {
    readonly id: string;
    readonly type: string;
    readonly machineId: string;
    /** When the action was created; milliseconds since the epoch. */
    readonly createdAt: number;
}

/** What one list showed of an action and of its machine. */
export type MachineHistory =
    | {
          /** The action itself. Only a list that shows it is believed in what it does not show. */
          readonly observation: Observation;
          /** All actions on its machine since then, itself among them. */
          readonly onMachine: readonly MachineAction[];
      }
    | {
          readonly observation?: never;
          /** Why the list is no answer. */
          readonly because: string;
      };

/** The API's creation times were seen to shift by 0.8 s between two reads. */
const shiftMs = 5_000;

/**
 * Looks at the machines of many actions in few lists: questions that are asked at about the same time share one. An
 * answer comes only from a list that began after the question was asked.
 */
export function createMachineHistory(
    list: VerifiedList,
    gatherMs: number,
): (question: HistoryQuestion) => Promise<MachineHistory> {
    return createBatcher((questions) => {
        const fits = (part: readonly HistoryQuestion[]) =>
            listQuery(filterFor(part), { isCounted: true }).length <= maxQuery;
        return partsThatFit(questions, questions.length, fits).flatMap((part) => {
            const rows = readAll(list, part);
            return part.map((question) => rows.then((all) => historyOf(question, all)));
        });
    }, gatherMs);
}

/** The rows, or why there are none. */
async function readAll(list: VerifiedList, part: readonly HistoryQuestion[]): Promise<Observation[] | string> {
    const machines = new Set<string | undefined>(part.map(({ machineId }) => machineId.toLowerCase()));
    const rows: Observation[] = [];
    try {
        for await (const page of list(filterFor(part))) {
            if (page.some(({ action }) => !machines.has(action.machineId?.toLowerCase()))) {
                return "a list of its machine's actions shows other machines: the filter was ignored";
            }
            rows.push(...page);
        }
        return rows;
    } catch (error) {
        return errorLine(error);
    }
}

function historyOf({ id, type, machineId }: HistoryQuestion, rows: Observation[] | string): MachineHistory {
    if (typeof rows === "string") {
        return { because: rows };
    }
    const [observation, second] = rows.filter(({ action }) => action.id === id);
    if (!observation || second) {
        return { because: `a list of its machine's actions ${second ? "repeats" : "lacks"} the action itself` };
    }
    if (!isSameType(observation.action.type, type)) {
        return {
            because: `a list of its machine's actions shows it as ${observation.action.type ?? "an action without type"}`,
        };
    }
    if (observation.action.machineId?.toLowerCase() !== machineId.toLowerCase()) {
        return { because: "a list of its machine's actions shows it on another machine" };
    }
    const onMachine = rows.filter(({ action }) => action.machineId?.toLowerCase() === machineId.toLowerCase());
    return { observation, onMachine: onMachine.map(({ action }) => action) };
}

function filterFor(questions: readonly HistoryQuestion[]): string {
    const since = Math.min(...questions.map(({ createdAt }) => createdAt)) - shiftMs;
    const machines = [...new Set(questions.map(({ machineId }) => machineId))];
    const either = machines.map((machineId) => `machineId eq ${quote(machineId)}`).join(" or ");
    return `creationDateTimeUtc ge ${utc(since)} and (${either})`;
}
