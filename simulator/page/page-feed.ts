import { randomUUID } from "node:crypto";
import type { QuotaLedger } from "../access/quota.ts";
import type { Fleet } from "../actions/fleet.ts";
import type { RecordedRequest } from "../http/request-record.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import type { PageMessage, PageRequest } from "./page-message.ts";
import { applicationName, pageQuotas, pageRequest, pageSignIn } from "./page-requests.ts";
import { createPageRows } from "./page-rows.ts";

/** The parts of the simulator that the page shows. */
export interface PageSources {
    readonly fleet: Pick<Fleet, "rows" | "find" | "isOnline">;
    readonly quotas: Pick<QuotaLedger, "uses">;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
}

/** A message of the stream. The id stands for all that the page shows after it. */
export interface FeedMessage {
    readonly id: string;
    readonly message: PageMessage;
}

/** What the page shows, as messages: first the whole, then what changed since a message. */
export interface PageFeed {
    recordRequest(request: RecordedRequest): void;
    recordSignIn(signIn: RecordedSignIn): void;
    /** Reads the simulator. */
    refresh(): void;
    /** What changed since the message with this id; the whole state if the id is not one of this feed. */
    messageAfter(id: string | undefined): FeedMessage;
}

/** The number of requests that the page shows. */
const shownRequests = 30;

interface Versioned<Value> {
    readonly version: number;
    readonly value: Value;
}

export function createPageFeed({ fleet, quotas, now }: PageSources): PageFeed {
    const run = randomUUID();
    /** Newest first; not yet in words, because no page may be open. */
    const requests: Versioned<() => PageRequest>[] = [];
    let uses = quotas.uses();
    const rows = createPageRows({
        rows: () => fleet.rows(),
        isOnline: (machineId) => fleet.isOnline(machineId),
        nameOf: (id) => (id === "" ? undefined : applicationName(uses, id)),
    });
    let version = 0;
    let rowsVersion = 0;
    let shownQuotas = { version: 0, text: "[]" };

    function record(describe: () => PageRequest): void {
        let described: PageRequest | undefined;
        const value = (): PageRequest => {
            described ??= describe();
            return described;
        };
        requests.unshift({ version: version + 1, value });
        requests.length = Math.min(requests.length, shownRequests);
    }

    function versionOf(id: string | undefined): number | undefined {
        const [, sameRun, number] = /^(.{36})\.(\d{1,15})$/.exec(id ?? "") ?? [];
        return sameRun === run && Number(number) <= version ? Number(number) : undefined;
    }

    return {
        recordRequest(request) {
            const action = request.actionId === undefined ? undefined : fleet.find(request.actionId);
            const [status, machine] = [action?.status, action?.computerDnsName];
            record(() => pageRequest(request, status, machine));
        },
        recordSignIn: (signIn) => record(() => pageSignIn(signIn)),
        refresh() {
            const next = version + 1;
            uses = quotas.uses();
            if (rows.refresh(next)) {
                rowsVersion = next;
            }
            const text = JSON.stringify(pageQuotas(uses));
            if (text !== shownQuotas.text) {
                shownQuotas = { version: next, text };
            }
            if ([rowsVersion, shownQuotas.version, requests[0]?.version].includes(next)) {
                version = next;
            }
        },
        messageAfter(id) {
            const known = versionOf(id);
            const after = known ?? -1;
            const newRequests = requests.filter((request) => request.version > after && request.version <= version);
            const message: PageMessage = {
                at: now(),
                kind: known === undefined ? "whole" : "change",
                ...(rowsVersion > after ? { rows: rows.since(after), totals: rows.totals() } : {}),
                ...(shownQuotas.version > after ? { quotas: pageQuotas(uses) } : {}),
                ...(newRequests.length > 0 || known === undefined
                    ? { requests: newRequests.map(({ value }) => value()) }
                    : {}),
            };
            return { id: `${run}.${version}`, message };
        },
    };
}
