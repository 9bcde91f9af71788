import { listedActions } from "../provider/api/defender-client.ts";
import { errorLine } from "../provider/model/errors.ts";
import { type MachineAction, newestFirst } from "../provider/model/machine-action.ts";
import type { Session } from "../provider/session/session.ts";
import { readableTime } from "../provider/system/clock.ts";
import { counted } from "../provider/text/counted.ts";
import { filterOf } from "./action-filters.ts";
import { type ActionFilters, type FilterPart, partsOf } from "./filter-parts.ts";
import { countsOf, requestorOf } from "./in-words.ts";

/** How far back to search if the filters name no start, in milliseconds. */
const dayMs = 24 * 3_600_000;

/** The actions of a time, also those that the other filters exclude. */
export interface Tally {
    /** The time, for people, such as "in the last 24 hours". */
    readonly span: string;
    readonly actions: readonly MachineAction[];
}

/**
 * All actions of the time that the filters name, and of at least a day. Reads one list. A message instead of the actions
 * if that fails: this is only for a remark, so its failure must not change how the command ends.
 */
export async function tallyOf(
    { client }: Session,
    { createdAfter = Number.POSITIVE_INFINITY, createdBefore = Number.POSITIVE_INFINITY }: ActionFilters,
    now: number,
): Promise<Tally | string> {
    const isEarlier = createdBefore < now - dayMs;
    const from = Math.min(createdAfter, (isEarlier ? createdBefore : now) - dayMs);
    const span =
        from === createdAfter
            ? `since ${readableTime(from)}`
            : isEarlier
              ? `in the 24 hours before ${readableTime(createdBefore)}`
              : "in the last 24 hours";
    const filter = filterOf({ createdAfter: from, ...(isEarlier ? { createdBefore } : {}) });
    const actions = await listedActions(client, filter).catch(errorLine);
    return typeof actions === "string" ? `${span}: not known: ${actions}` : { span, actions };
}

/**
 * Why no action matches the filters: what was looked for, which actions there are without the filters, which filter
 * excludes them, and what to do. In an incident, "0 machine actions" alone would read as an all-clear. `listed`: the
 * actions that the search has read, if `filters` name ids. Otherwise, this reads one list.
 */
export async function whyNoneMatches(
    session: Session,
    filters: ActionFilters,
    listed: readonly MachineAction[],
    now: number,
): Promise<string[]> {
    const parts = partsOf(filters);
    const lookedFor = parts.length === 0 ? [] : [`looked for: ${parts.map(({ option }) => option).join(" ")}`];
    const tally = filters.id ? { span: "with these ids", actions: listed } : await tallyOf(session, filters, now);
    if (typeof tally === "string") {
        return [...lookedFor, tally];
    }
    const { span, actions } = tally;
    if (actions.length === 0) {
        const times = parts.some(({ option }) => option.startsWith("--created"))
            ? ", and the times of the filters"
            : "";
        return [...lookedFor, `${span}: no machine action at all. Check the tenant${times}`];
    }
    const counts = [
        countsOf(actions, ({ type }) => type ?? "an unknown type"),
        `by ${countsOf(actions, requestorOf)}`,
        countsOf(actions, ({ status }) => status),
    ].join("; ");
    return [
        ...lookedFor,
        `${span}, without the filters: ${counted(actions.length, "machine action")}: ${counts}`,
        ...whichExcludes(parts, actions, counts),
    ];
}

/** `counts`: what the line before says. */
function whichExcludes(parts: readonly FilterPart[], actions: readonly MachineAction[], counts: string): string[] {
    const alone = parts.filter(({ holds }) => !actions.some(holds));
    if (alone.length > 0) {
        return alone.map(({ option, nameOf }) => {
            const excludes = `${option} excludes all of them: correct it, or leave it out`;
            if (nameOf === undefined) {
                const [newest] = actions.toSorted(newestFirst);
                return `${excludes}; the newest was issued ${readableTime(newest?.creationDateTimeUtc)}`;
            }
            const values = countsOf(actions, nameOf);
            return counts.includes(values) ? excludes : `${excludes}; there is ${values}`;
        });
    }
    const without = parts.flatMap((part) => {
        const others = parts.filter((one) => one !== part);
        const { length } = actions.filter((action) => others.every(({ holds }) => holds(action)));
        return length > 0 ? [`${length} without ${part.option}`] : [];
    });
    if (without.length > 0) {
        return [`no filter alone excludes all of them: leave one out: ${without.join(", ")}`];
    }
    return parts.length > 0 ? ["no action matches all of these filters, nor all but one of them: leave out some"] : [];
}
