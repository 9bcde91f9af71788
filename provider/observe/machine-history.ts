import type { Observation } from "../api/defender-client.ts";
import { listQuery, maxQuery, partsThatFit, quote } from "../api/pages.ts";
import { isSameType } from "../model/action-type.ts";
import { errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { createBatcher } from "../system/batcher.ts";
import { utc } from "../system/clock.ts";
import type { VerifiedList } from "./verified-list.ts";

/** An action, to find what was issued on its machine later. */
export interface HistoryQuestion {
    readonly id: string;
    readonly type: string;
    readonly machineId: string;
    /** When the action was created; milliseconds since the epoch. */
    readonly createdAt: number;
}

/** An action and its machine's later actions in one list, or why the list does not show them. */
export type MachineHistory =
    | {
          /** The action itself. If a list lacks it, the list may lack other actions too and does not count. */
          readonly observation: Observation;
          /** All actions on its machine since it was created, including the action itself. */
          readonly onMachine: readonly MachineAction[];
      }
    | {
          readonly observation?: never;
          /** Why the list cannot be used. */
          readonly because: string;
      };

/** The API's creation times were seen to shift by 0.8 s between two reads. */
const shiftMs = 5_000;

/**
 * Reads the histories of many machines in few lists: questions that are asked at about the same time share a list. An
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
            return part.map((question) => rows.then((read) => historyOf(question, read)));
        });
    }, gatherMs);
}

/** Many actions of one machine ask about the same rows, so they are grouped once. */
interface Rows {
    readonly byId: ReadonlyMap<string, readonly Observation[]>;
    readonly byMachine: ReadonlyMap<string | undefined, readonly MachineAction[]>;
}

/** The rows, or why they cannot be used. */
async function readAll(list: VerifiedList, part: readonly HistoryQuestion[]): Promise<Rows | string> {
    const machines = new Set<string | undefined>(part.map(({ machineId }) => machineId.toLowerCase()));
    const rows: Observation[] = [];
    try {
        for await (const page of list(filterFor(part))) {
            if (page.some(({ action }) => !machines.has(action.machineId?.toLowerCase()))) {
                return "a list of its machine's actions shows other machines, so the API ignored the filter";
            }
            rows.push(...page);
        }
        return {
            byId: Map.groupBy(rows, ({ action }) => action.id),
            byMachine: Map.groupBy(
                rows.map(({ action }) => action),
                ({ machineId }) => machineId?.toLowerCase(),
            ),
        };
    } catch (error) {
        return errorLine(error);
    }
}

function historyOf({ id, type, machineId }: HistoryQuestion, rows: Rows | string): MachineHistory {
    if (typeof rows === "string") {
        return { because: rows };
    }
    const [observation, second] = rows.byId.get(id) ?? [];
    if (!observation || second) {
        return { because: `a list of its machine's actions ${second ? "repeats" : "lacks"} the action itself` };
    }
    if (!isSameType(observation.action.type, type)) {
        return {
            because: `a list of its machine's actions shows it as ${observation.action.type ?? "an action without type"}`,
        };
    }
    const onMachine = rows.byMachine.get(machineId.toLowerCase()) ?? [];
    if (observation.action.machineId?.toLowerCase() !== machineId.toLowerCase()) {
        return { because: "a list of its machine's actions shows it on another machine" };
    }
    return { observation, onMachine };
}

function filterFor(questions: readonly HistoryQuestion[]): string {
    const since = Math.min(...questions.map(({ createdAt }) => createdAt)) - shiftMs;
    const machines = [...new Set(questions.map(({ machineId }) => machineId))];
    const either = machines.map((machineId) => `machineId eq ${quote(machineId)}`).join(" or ");
    return `creationDateTimeUtc ge ${utc(since)} and (${either})`;
}
