import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Session } from "../../provider/session/session.ts";
import { counted } from "../../provider/text/counted.ts";
import type { Found } from "../action-filters.ts";
import { type ActionFilters, nameOfMachine, openStatuses, partsOf } from "../filter-parts.ts";
import type { CliHost } from "../host.ts";
import { countsOf, namesOf } from "../in-words.ts";
import { type Tally, tallyOf } from "../why-none-matches.ts";

/** What was searched for, and what was found. */
export interface Search {
    readonly found: Found;
    /** With the implied filter for actions that are not final. */
    readonly filters: ActionFilters;
}

/** Actions that are not new in the file, for one reason. */
export interface LeftOut {
    readonly reason: string;
    readonly actions: readonly MachineAction[];
    /** The property on which the reason depends, for people. */
    readonly nameOf?: (action: MachineAction) => string;
    /** Whether the actions match all filters that the reason does not name, so that a reader wants their names. */
    readonly isNear: boolean;
}

/**
 * Why actions are not among those to add: already in the file, beyond `--top`, or excluded by a filter, which may be the
 * implied one for actions that are not final. Each action has one reason, its first. `tally`: the actions of the
 * tenant to sort. Those that the search has read are at hand.
 */
export function leftOut(
    search: Search | undefined,
    known: ReadonlySet<string>,
    tally: readonly MachineAction[],
): LeftOut[] {
    if (search === undefined) {
        return [];
    }
    const { filters, found } = search;
    const { matching, actions } = found;
    const isChosen = new Set(actions.map(({ id }) => id));
    const inFile = new Map(
        [...actions, ...tally].filter(({ id }) => known.has(id)).map((action) => [action.id, action]),
    );
    const beyondTop = matching.filter(({ id }) => !isChosen.has(id) && !known.has(id));
    const isMatching = new Set(matching.map(({ id }) => id));
    const parts = partsOf(filters);
    const groups = Map.groupBy(
        tally.filter(({ id }) => !isMatching.has(id) && !known.has(id)),
        (action) => parts.find(({ holds }) => !holds(action)),
    );
    const filtered = parts.flatMap((part): LeftOut[] => {
        const isStatus = part.option.startsWith("--status ");
        const isOpen = isStatus && filters.status?.join() === "open";
        const excluded = groups.get(part) ?? [];
        const reason = isOpen ? (excluded.every(isOver) ? "final" : "not open") : part.excluded;
        return [{ ...part, reason, actions: excluded, isNear: isStatus }];
    });
    return [
        { reason: "already in the file", actions: [...inFile.values()], isNear: true },
        { reason: `beyond --top ${filters.top}`, actions: beyondTop, isNear: true },
        ...filtered,
    ].filter((one) => one.actions.length > 0);
}

function isOver({ status }: MachineAction): boolean {
    return !openStatuses.includes(status);
}

/** A line with the sum, and one for each reason. Without any, no line. `span`: the time of the actions, for people. */
export function leftOutLines(all: readonly LeftOut[], { span }: Pick<Tally, "span">): string[] {
    const sum = all.reduce((total, { actions }) => total + actions.length, 0);
    const lines = all.map(({ reason, actions, nameOf, isNear }) => {
        const values = nameOf ? ` (${countsOf(actions, nameOf)})` : "";
        const names = isNear ? `: ${namesOf(actions.map(nameOfMachine))}` : "";
        return `  ${actions.length} ${reason}${values}${names}`;
    });
    return sum === 0 ? [] : [`left out ${counted(sum, "machine action")} ${span}:`, ...lines];
}

/** Lines about what was left out, also of the actions that the search did not read. Reads one list, unless it went by ids. */
export async function describeLeftOut(
    search: Search | undefined,
    known: ReadonlySet<string>,
    session: Session,
    { clock }: CliHost,
): Promise<string[]> {
    if (search === undefined) {
        return [];
    }
    const { found, filters } = search;
    const tally = filters.id
        ? { span: "of these ids", actions: found.listed }
        : await tallyOf(session, filters, clock.now());
    return typeof tally === "string"
        ? [`left out ${tally}`]
        : leftOutLines(leftOut(search, known, tally.actions), tally);
}
