import { isProven } from "../../provider/model/outputs.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { Simulator } from "../../simulator/index.ts";
import { declaredOf, type SoakFleet } from "./fleet.ts";
import type { Ledger } from "./ledger.ts";

/** What the state holds of one action, in the words of the outputs. */
export interface Held {
    readonly outputs: Properties;
    /** Why it fell short, where it did: codes or whole messages. */
    readonly failures: readonly string[];
}

/** What must not be, in words. */
export interface Problems {
    /** Accepted cancel requests that the state does not know of. */
    readonly lost: string[];
    /** States that say something else than the API. */
    readonly wrong: string[];
    /** What fell short without a reason by name. */
    readonly unnamed: string[];
}

export interface Sides {
    readonly fleet: SoakFleet;
    readonly simulator: Simulator;
    readonly ledger: Ledger;
    /** What the state holds, by action. */
    readonly held: ReadonlyMap<string, Held>;
}

/** Records of a set are to the second, and a request takes its time from here to there. */
const slackMs = 5_000;

const code = /ERR_DEFENDER_[A-Z_]+/;

const time = (value: unknown): number => (typeof value === "string" ? Date.parse(value) : Number.NaN);

interface HeldReissue {
    readonly id: string;
    readonly status: string;
    readonly requestedAtUtc?: string;
}
const reissuesOf = ({ outputs }: Held): readonly HeldReissue[] =>
    Array.isArray(outputs.reissues) ? (outputs.reissues as HeldReissue[]) : [];

/**
 * Holds the state after an update against the API's own view. `thrownAwayAt`: until then results were lost with the
 * process that had them; what was requested before is found again by the next update that looks, as cancelled by us.
 */
export function holdAgainstState({ fleet, ledger, held }: Sides, thrownAwayAt: number, problems: Problems): void {
    const byReissue = new Map([...held.values()].flatMap((one) => reissuesOf(one).map((later) => [later.id, later])));
    for (const [id, { at, toldRefused }] of ledger.accepted) {
        const one = held.get(id);
        const requestedAt = time((one?.outputs ?? byReissue.get(id))?.requestedAtUtc);
        const isOurs = one?.outputs.adoptedFrom === "ourselves";
        if (!(requestedAt >= at - slackMs || isOurs || toldRefused || at <= thrownAwayAt)) {
            problems.lost.push(`${id}: requested at ${new Date(at).toISOString()}, held: ${JSON.stringify(one)}`);
        }
    }
    for (const id of declaredOf(fleet)) {
        const one = held.get(id);
        if (!one || !isProven(one.outputs)) {
            if (!one?.failures.some((text) => code.test(text))) {
                problems.unnamed.push(`${id}: ${JSON.stringify(one)}`);
            }
            continue;
        }
        const provenAt = time(one.outputs.confirmedAtUtc);
        const were = ledger.finalStatuses(id, provenAt - slackMs, provenAt + 1_000);
        if (!were.has(String(one.outputs.status))) {
            problems.wrong.push(`${id}: was ${[...were].join() || "open"}, held: ${JSON.stringify(one)}`);
        }
    }
}

/** Once nothing happens any more and everything was tried again: state and API say the same, and nothing is left open. */
export function holdAtTheEnd(sides: Sides, problems: Problems): void {
    const { fleet, simulator, ledger, held } = sides;
    for (const id of declaredOf(fleet)) {
        const one = held.get(id);
        const row = simulator.action(id);
        const log = (list: string[], what: string) =>
            list.push(`${what} ${id}: ${row?.status}, held: ${JSON.stringify(one)}`);
        if (!one || !row) {
            log(problems.lost, "nothing is known of");
            continue;
        }
        // A single one of which nothing was achieved is not in state.
        if (one.outputs.status !== undefined && one.outputs.status !== row.status) {
            log(problems.wrong, "another status in state than");
        }
        const isFinal = ["Cancelled", "Succeeded", "Failed", "TimeOut"].includes(row.status);
        if (!isFinal && !fleet.endless.has(id)) {
            log(problems.wrong, "left open:");
        }
        const isOurs = one.outputs.outcome === "cancelled" || one.outputs.adoptedFrom === "ourselves";
        if (row.status === "Cancelled" && ledger.accepted.has(id) && isAsked(row.cancellationComment) && !isOurs) {
            log(problems.lost, "ours, and not known as ours:");
        }
        const needed: Readonly<Record<string, boolean>> = {
            ERR_DEFENDER_TOO_LATE: row.status === "Succeeded" || row.status === "Failed",
            ERR_DEFENDER_NOT_CONFIRMED: fleet.endless.has(id),
            ERR_DEFENDER_REISSUED: reissuesOf(one).some(({ status }) => status !== "Cancelled" && status !== "TimeOut"),
        };
        const codes = one.failures.map((text) => code.exec(text)?.[0] ?? text);
        if (codes.some((one) => !needed[one])) {
            log(problems.wrong, "failed without need:");
        }
    }
}

/** Whether the cancellation that the action shows is one that this stack asked for. */
function isAsked(comment: string | null): boolean {
    return comment?.includes("[pulumi ") ?? false;
}
