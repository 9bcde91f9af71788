import type { RecordedRequest, Simulator } from "../../simulator/index.ts";

/** A cancel request that the API carried out, whatever it told the client. */
export interface Accepted {
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** Whether the client was told that it was refused: it then has nothing to record. */
    readonly toldRefused: boolean;
}

/** What the API itself saw, judged request by request as they come in. */
export interface Ledger {
    /** Takes each request when it has been answered. */
    note(request: RecordedRequest): void;
    /** To be called before an action is resumed: until now it was Cancelled. */
    beforeResumption(id: string): void;
    /** A later action that does the same as a declared one; `by` the same requestor. */
    reissued(id: string, laterId: string): void;
    /** What the client is about at this moment. */
    phase: "update" | "reading";
    /** The last cancel request for each action that was carried out. */
    readonly accepted: ReadonlyMap<string, Accepted>;
    readonly requests: Readonly<Record<"get" | "list" | "cancel", number>>;
    /** Requests that the API refused because the quota was used up, without a fault. */
    readonly overQuota: () => number;
    /** Cancel requests that were carried out. */
    readonly acceptedInAll: () => number;
    /** Cancel requests for an action whose earlier one was carried out: late enough, and after a look that showed it open. */
    readonly sentAgain: () => number;
    /** What must not be, in words: second requests beside the rules, requests that nobody declared. */
    readonly doubled: readonly string[];
    readonly unwanted: readonly string[];
    /** The final statuses that an action had within a stretch of time: none when it was open all along. */
    finalStatuses(id: string, from: number, until: number): ReadonlySet<string>;
}

export interface LedgerOptions {
    readonly simulator: Simulator;
    readonly now: () => number;
    /** The actions that are declared. */
    readonly declared: ReadonlySet<string>;
    /** Those of them whose re-issues by the same requestor are to be cancelled too. */
    readonly fenced: ReadonlySet<string>;
    /** How long a request of unknown outcome is watched at least before it is sent again, in milliseconds. */
    readonly patienceMs: number;
}

interface Spell {
    readonly status: string;
    readonly from: number;
    readonly until: number;
}

const finals: ReadonlySet<string> = new Set(["Cancelled", "Succeeded", "Failed", "TimeOut"]);

/** A ledger that is still empty. */
export function createLedger({ simulator, now, declared, fenced, patienceMs }: LedgerOptions): Ledger {
    const accepted = new Map<string, Accepted>();
    /** Since the action was last resumed. */
    const atWork = new Map<string, { readonly at: number; readonly nth: number }>();
    const shownOpen = new Map<string, { readonly at: number; readonly nth: number }>();
    const past = new Map<string, Spell[]>();
    const mayBeCancelled = new Set(declared);
    const requests = { get: 0, list: 0, cancel: 0 };
    const doubled: string[] = [];
    const unwanted: string[] = [];
    let nth = 0;
    let overQuota = 0;
    let acceptedInAll = 0;
    let sentAgain = 0;

    /** The last spell begins with the final status that the action has now, if it has one. */
    function spellsOf(id: string): readonly Spell[] {
        const row = simulator.action(id);
        const earlier = past.get(id) ?? [];
        return row === undefined || !finals.has(row.status)
            ? earlier
            : [...earlier, { status: row.status, from: Date.parse(row.lastUpdateDateTimeUtc), until: Infinity }];
    }

    const isOpen = (id: string, at: number) => spellsOf(id).every(({ from, until }) => at < from || at >= until);

    function judge({ at, actionId = "", status, fault }: RecordedRequest): void {
        if (!mayBeCancelled.has(actionId)) {
            unwanted.push(`${actionId}, which nobody declared`);
        } else if (ledger.phase !== "update") {
            unwanted.push(`${actionId}, by a command that only reads`);
        }
        const before = atWork.get(actionId);
        if (before === undefined) {
            return;
        }
        const look = shownOpen.get(actionId);
        const hasLooked = look !== undefined && look.nth > before.nth && look.at >= before.at;
        if (hasLooked && at - before.at >= patienceMs) {
            sentAgain++;
        } else {
            const why = hasLooked ? "too early" : "without a look that showed it open";
            doubled.push(
                `${actionId}, ${at - before.at} ms after the first, ${why}; ${status} ${JSON.stringify(fault)}`,
            );
        }
    }

    const ledger: Ledger = {
        phase: "reading",
        accepted,
        requests,
        doubled,
        unwanted,
        overQuota: () => overQuota,
        acceptedInAll: () => acceptedInAll,
        sentAgain: () => sentAgain,
        note(request) {
            nth++;
            const { operation, actionId, at, carriedOut, fault, status, ids = [] } = request;
            if (operation === "get" || operation === "list" || operation === "cancel") {
                requests[operation]++;
            }
            if (status === 429 && fault === undefined) {
                overQuota++;
            }
            if (operation === "get" || operation === "list") {
                for (const id of ids.filter((one) => atWork.has(one) && isOpen(one, at))) {
                    shownOpen.set(id, { at, nth });
                }
            } else if (operation === "cancel" && actionId !== undefined) {
                judge(request);
                if (carriedOut) {
                    acceptedInAll++;
                    accepted.set(actionId, { at, toldRefused: status >= 400 && status < 500 });
                    atWork.set(actionId, { at, nth });
                }
            }
        },
        beforeResumption(id) {
            past.set(
                id,
                spellsOf(id).map((spell) => ({ ...spell, until: Math.min(spell.until, now()) })),
            );
            atWork.delete(id);
        },
        reissued(id, laterId) {
            if (fenced.has(id)) {
                mayBeCancelled.add(laterId);
            }
        },
        finalStatuses: (id, from, until) =>
            new Set(
                spellsOf(id)
                    .filter((spell) => spell.from <= until && spell.until >= from)
                    .map(({ status }) => status),
            ),
    };
    return ledger;
}
