import { randomUUID } from "node:crypto";
import type { ActionSeed } from "../../simulator/action-seed.ts";
import type { Simulator } from "../../simulator/index.ts";
import { appId } from "../helpers/interruptible.ts";
import { tokenOf } from "../helpers/stage.ts";

export const token = tokenOf(appId);
export const missing = randomUUID();
export const playbook = "soar@contoso.example";
export const disruption = "disruption@contoso.example";
const past = "2026-01-01T00:00:00Z";
const future = "2096-01-01T00:00:00Z";
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const fence = { onReissue: "cancel", notAfter: future, expect: { requestor: playbook } } as const;

/** What one run must do with one resource. */
export interface Expected {
    /** What is said about it; nothing when absent. */
    readonly says?: RegExp;
    readonly fails?: true;
    /** Cancel requests for its action and for the re-issues of that. Default 0. */
    readonly sends?: number;
}

/** One resource: what it declares, and what each run must make of it. */
export interface Row {
    readonly name: string;
    /** Absent: there is no such action. */
    readonly seed?: ActionSeed;
    readonly args?: Readonly<Record<string, unknown>>;
    /** What happened before the first run. */
    readonly before?: (simulator: Simulator, id: string) => Promise<void>;
    /** What a preview says, and whether `up` would do well. */
    readonly preview: readonly ["fine" | "would fail" | "unexpected", RegExp];
    readonly up: Expected;
    /** Outcome, whose cancellation was adopted, and effect, as they are stored then; absent: not in state. */
    readonly stored?: readonly (string | undefined)[];
    /** What happens then. */
    readonly meanwhile?: (simulator: Simulator, id: string) => void;
    /** The drift that the next refreshes show; none when absent. */
    readonly drift?: RegExp;
    readonly refreshSays?: RegExp;
    /** The `up --refresh` after that; absent: as it was, without a cancel request. */
    readonly repair?: Expected;
    /** As {@link stored}, where that run has changed it. */
    readonly repaired?: readonly (string | undefined)[];
}

const reissue = (requestor?: string) => (simulator: Simulator, id: string) => void simulator.reissue(id, requestor);
const cancelled = ["cancelled", undefined, "prevented"] as const;
const adopted = ["adopted", "others", "unknown"] as const;
const wouldCancel = [
    "fine",
    /^would cancel: Isolate on \S+, Pending, created just now, requested by soar@contoso/,
] as const;
const alreadyCancelled = ["fine", /^already cancelled: Isolate on \S+ by soc@contoso\.example at /] as const;
const mayHaveRun = /(?:cancelled|adopted): it may have run, in part or whole\. If that is not wanted: submit Unisolate/;
const isCancelled = {
    seed: { status: "Cancelled" },
    preview: alreadyCancelled,
    up: { says: mayHaveRun },
    stored: adopted,
};
const isPending = { seed: {}, preview: wouldCancel, up: { sends: 1 }, stored: cancelled };
const sameAgain = /^Isolate resumed by the same requestor soar@contoso\.example: issued again as \S+ \(Pending\)$/;
const othersAgain = /^Isolate issued again by another party disruption@contoso\.example: \S+ \(Pending\)$/;
export const isReissued = {
    fails: true,
    says: /ERR_DEFENDER_REISSUED: .* stays Cancelled, but: Isolate .* \(Pending\)/,
} as const;

/** Asks for a cancellation as an earlier run would, or somebody who copies its tag. */
const cancelledBy =
    (bearer: string, name: string) =>
    async (simulator: Simulator, id: string): Promise<void> => {
        const { ok } = await fetch(`${simulator.url}/api/machineactions/${id}/cancel`, {
            method: "POST",
            headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
            body: JSON.stringify({ Comment: `INC-4711 [pulumi incident/test/${name} 0123456789ab]` }),
        });
        if (!ok) {
            throw new Error(`could not cancel ${id}`);
        }
    };

export const rows: readonly Row[] = [
    // Outcomes and effects.
    { name: "pending", ...isPending },
    {
        name: "in-progress",
        seed: { behaviour: "in-progress-then-cancelled", settleMs: 200 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, says: mayHaveRun },
        stored: ["cancelled", undefined, "unknown"],
    },
    {
        name: "not-started",
        seed: {
            type: "LiveResponse",
            behaviour: "in-progress-then-cancelled",
            settleMs: 200,
            commands: [{ index: 0, startTime: null, endTime: null, commandStatus: "Created" }],
        },
        preview: ["fine", /^would cancel: LiveResponse on \S+, InProgress/],
        up: { sends: 1 },
        stored: cancelled,
    },
    {
        name: "completed",
        seed: { behaviour: "cancelled-though-completed", settleMs: 200 },
        preview: ["fine", /^would cancel: LiveResponse on \S+, InProgress/],
        up: { sends: 1, says: /cancelled: it did run\. If that is not wanted: look at what its commands did/ },
        stored: ["cancelled", undefined, "ran"],
    },
    {
        name: "expired",
        seed: { status: "TimeOut" },
        preview: ["fine", /^expired: Isolate on \S+ timed out and never reached the machine/],
        up: {},
        stored: ["expired", undefined, "prevented"],
    },
    {
        name: "too-late",
        seed: { status: "Succeeded" },
        preview: ["would fail", /^too late: Isolate on \S+ Succeeded at \S+; submit Unisolate to reverse it/],
        up: { fails: true, says: /ERR_DEFENDER_TOO_LATE: .* ended as Succeeded .* submit Unisolate to reverse it/ },
    },
    {
        name: "too-late-accepted",
        seed: { status: "Succeeded", type: "RestrictCodeExecution" },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^too late: RestrictCodeExecution on \S+ Succeeded at/],
        up: { says: /tooLate: it did run\. If that is not wanted: submit UnrestrictCodeExecution to reverse it/ },
        stored: ["tooLate", undefined, "ran"],
    },
    {
        name: "failed-accepted",
        seed: { status: "Failed" },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^too late: Isolate on \S+ Failed at/],
        up: { says: /tooLate: it may have run, in part or whole/ },
        stored: ["tooLate", undefined, "unknown"],
    },
    {
        name: "lost-race",
        seed: { behaviour: "in-progress-then-succeeded", settleMs: 200 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, fails: true, says: /ERR_DEFENDER_TOO_LATE: .* ended as Succeeded/ },
        stored: [undefined, undefined, undefined],
        drift: /^Succeeded$/,
        repair: { fails: true, says: /ERR_DEFENDER_TOO_LATE/ },
    },
    {
        name: "lost-race-accepted",
        seed: { behaviour: "in-progress-then-succeeded", settleMs: 200 },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, says: /tooLate: it did run\. If that is not wanted: submit Unisolate/ },
        stored: ["tooLate", undefined, "ran"],
    },
    { name: "adopted", ...isCancelled },
    {
        name: "adopted-ourselves",
        ...isCancelled,
        seed: {},
        before: cancelledBy(token, "adopted-ourselves"),
        preview: ["fine", new RegExp(`^already cancelled: Isolate on \\S+ by ${appId} at `)],
        stored: ["adopted", "ourselves", "unknown"],
    },
    {
        name: "tag-copied",
        ...isCancelled,
        seed: {},
        before: cancelledBy(tokenOf("11111111-2222-4333-8444-555555555555"), "tag-copied"),
        preview: ["fine", /^already cancelled: Isolate on \S+ by 11111111-2222-4333-8444-555555555555 at /],
    },
    {
        name: "not-found",
        preview: ["would fail", /^not found: the API knows no machine action [\w-]+$/],
        up: { fails: true, says: /ERR_DEFENDER_NOT_FOUND: machine action \S+ is not known to the API/ },
    },
    {
        name: "not-confirmed",
        seed: { behaviour: "never-final" },
        args: { confirmWithinSeconds: 1 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, fails: true, says: /ERR_DEFENDER_NOT_CONFIRMED: .* is still InProgress, 1 s after/ },
        stored: [undefined, undefined, undefined],
        meanwhile: (simulator, id) => simulator.finish(id, "Cancelled"),
        repaired: ["cancelled", undefined, "unknown"],
    },
    {
        name: "unknown-status",
        seed: { status: "Queued" },
        preview: ["fine", /^would cancel: Isolate on \S+, Queued/],
        up: { sends: 1, says: mayHaveRun },
        stored: ["cancelled", undefined, "unknown"],
    },

    // What the reviewer approved, and until when.
    { name: "expected", ...isPending, args: { expect: { type: "isolate", requestor: playbook.toUpperCase() } } },
    {
        name: "unexpected",
        seed: { requestor: disruption },
        args: { expect: { type: "Isolate", requestor: playbook } },
        preview: [
            "unexpected",
            /^expectation differs: .*: requestor is "disruption@contoso\.example", expected "soar@contoso\.example"/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_UNEXPECTED: .* requestor is "disruption.*", expected "soar@/ },
    },
    {
        name: "past",
        seed: {},
        args: { notAfter: past },
        preview: [
            "would fail",
            /^notAfter has passed \(2026-01-01T00:00:00\.000Z\): would not cancel Isolate on \S+, Pending/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER: .* notAfter was 2026-01-01T00:00:00\.000Z, now it is/ },
    },
    { name: "past-but-cancelled", ...isCancelled, args: { notAfter: past } },

    // Drift of the action itself.
    {
        name: "resumed",
        ...isPending,
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { sends: 1, says: mayHaveRun },
        repaired: ["cancelled", undefined, "unknown"],
    },
    {
        name: "resumed-past",
        ...isCancelled,
        args: { notAfter: past },
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER/ },
        repaired: [undefined, undefined, undefined],
    },
    {
        name: "ran-after-all",
        ...isPending,
        meanwhile: (simulator, id) => simulator.finish(id, "Succeeded"),
        drift: /^Succeeded$/,
        repair: { fails: true, says: /ERR_DEFENDER_TOO_LATE/ },
        repaired: [undefined, undefined, undefined],
    },

    // Re-issues and their fences.
    { name: "reissue-drift", ...isPending, meanwhile: reissue(), drift: sameAgain, repair: isReissued },
    { name: "reissue-by-others", ...isPending, meanwhile: reissue(disruption), drift: othersAgain, repair: isReissued },
    { name: "reissue-ignored", ...isPending, args: { onReissue: "ignore" }, meanwhile: reissue() },
    { name: "reissue-cancel", ...isPending, args: fence, meanwhile: reissue(), drift: sameAgain, repair: { sends: 1 } },
    {
        name: "reissue-cancel-by-others",
        ...isPending,
        args: fence,
        meanwhile: reissue(disruption),
        drift: othersAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-past",
        ...isCancelled,
        args: { ...fence, notAfter: past },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-twice",
        ...isPending,
        args: fence,
        meanwhile(simulator, id) {
            simulator.reissue(id);
            simulator.reissue(id);
        },
        drift: /^Isolate resumed by the same requestor .* \(Pending\), and 1 more$/,
        repair: { ...isReissued, sends: 1 },
    },
    {
        name: "reissue-after-80-hours",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(80) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-on-day-10",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-in-long-window",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        args: { reissueWindowHours: 300 },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "unknown-machine",
        seed: { machineId: null },
        preview: ["fine", /^would cancel: Isolate, Pending, created just now/],
        up: { sends: 1 },
        stored: cancelled,
        refreshSays: /^re-issues of machine action \S+ cannot be looked for: the API does not tell its machine$/,
    },
];
