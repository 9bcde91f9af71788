import type { MachineReader } from "../machines/machine-reader.ts";
import { describeAction, isFinal, type MachineAction } from "../model/machine-action.ts";
import type { Expectation } from "../schema/input-rules.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../text/print.ts";
import { type Approval, approvalPair } from "./approvals.ts";
import type { DayCount } from "./day-count.ts";
import { isProtection, needsMachine, type Refusal, refusalsOf } from "./decision.ts";
import { describeRefusals, type GuardEvaluation, refused } from "./guard-errors.ts";
import type { GuardFile } from "./guard-file.ts";
import { createPlaces } from "./places.ts";
import type { RunCount } from "./run-count.ts";

/** One cancellation to authorize. */
export interface GuardQuestion {
    /** The observed action. */
    readonly action: MachineAction;
    /** The declared expectation. */
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    /** The declaration digest. */
    readonly digest: string;
}

/** The guard's part of the evidence; empty where no guard is set. */
export interface GuardStamp {
    /** SHA-256 of the guard's bytes, in hexadecimal. */
    readonly guardSha256?: string;
    /** The approved declaration digest, where an approval was needed. */
    readonly approvedDigest?: string;
}

/** The permission to send one cancel request. */
export interface Authorization {
    readonly stamp: GuardStamp;
    /**
     * When the readings behind it become too old, milliseconds since the epoch; undefined where it needs no readings.
     */
    readonly validUntil?: number;
    /** Records that the request was sent. */
    use(): void;
    /** Returns the places of an unused authorization. Never rejects. */
    end(): Promise<void>;
}

/** Applies the rules of the pipeline's owner to the observed action, before every cancel request. */
export interface Guard {
    /** The guard of this run in one line, then one line for each warning to its owner. */
    introduce(): Promise<readonly [string, ...string[]]>;
    /**
     * Reads the machines and the count of the day, where the rules need them, for all of these actions at once.
     * `authorize` uses these readings for two minutes. Never rejects.
     */
    prefetch(actions: readonly MachineAction[]): Promise<void>;
    /** Throws `ERR_DEFENDER_GUARD` when the guard cannot be used, `ERR_DEFENDER_DENIED` when a rule refuses. */
    authorize(question: GuardQuestion): Promise<Authorization>;
    /**
     * For a preview: what {@link authorize} would decide. Like the run, it takes a place of `maxPerRun` and `maxPerDay` for
     * each action that passes, and never gives it back: a preview has a guard of its own. Throws `ERR_DEFENDER_GUARD`.
     */
    evaluate(question: GuardQuestion): Promise<GuardEvaluation>;
}

export interface GuardOptions {
    readonly guardFile: string | undefined;
    readonly approvals: readonly Approval[];
    readonly machines: MachineReader;
    readonly count: RunCount;
    readonly dayCount: DayCount;
    readonly clock: Clock;
    readonly log: Log;
}

// On globalThis, so that two copies of the package in one process read a guard once.
const filesKey = Symbol.for("pulumi-defender-cancellation/guards");
const shared = globalThis as { [filesKey]?: Map<string, Promise<GuardFile>> };

/** Reads each guard once in a process: a change of the file takes effect in the next process. */
function load(path: string): Promise<GuardFile> {
    shared[filesKey] ??= new Map();
    // Imported late, so that a process without a guard does not load the YAML parser.
    const file =
        shared[filesKey].get(path) ?? import("./guard-file.ts").then(({ readGuardFile }) => readGuardFile(path));
    shared[filesKey].set(path, file);
    return file;
}

/**
 * How old an authorization may become while its request waits for the quota, in milliseconds. A quota of one call a
 * minute keeps within it.
 */
const maxPermitMs = 75_000;

/** The number of approvals that are logged one by one. */
const maxNamed = 10;

export function createGuard({ guardFile, approvals, machines, count, dayCount, clock, log }: GuardOptions): Guard {
    const places = createPlaces(count, dayCount);
    const approved = new Map(approvals.map(({ digest, pairs }) => [digest, new Set(pairs)]));
    let introduced: Promise<void> | undefined;
    let approvedSoFar = 0;

    async function introduce(): Promise<readonly [string, ...string[]]> {
        if (guardFile === undefined) {
            return ["no guard is set (DEFENDER_GUARD): only the token limits what this program can cancel"];
        }
        const { path, sha256, rules, doubts } = await load(guardFile);
        const about = `guard ${path} (SHA-256 ${sha256.slice(0, 12)})`;
        return [`${about}: ${Object.keys(rules).join(", ")}`, ...doubts.map((doubt) => `${about}: ${doubt}`)];
    }

    async function logOnce(): Promise<void> {
        for (const line of await introduce()) {
            log(line);
        }
    }

    async function applyRules({ rules }: GuardFile, question: GuardQuestion): Promise<GuardEvaluation> {
        const { action, expect, notAfter, digest } = question;
        const facts = needsMachine(rules) ? await machines.factsOf(action.machineId) : undefined;
        const all = refusalsOf(rules, { action, facts, expect, notAfter, now: clock.now() }).map((one) =>
            isProtection(one) ? { ...one, pair: approvalPair(digest, action.machineId, one.rule) } : one,
        );
        const isLifted = ({ pair }: Refusal) => pair !== undefined && approved.get(digest.toLowerCase())?.has(pair);
        return {
            refusals: all.filter((one) => !isLifted(one)),
            lifted: all.filter(isLifted),
            pairs: all.flatMap(({ pair }) => pair ?? []),
        };
    }

    function logApproved(action: MachineAction, lifted: readonly Refusal[]): void {
        approvedSoFar++;
        if (approvedSoFar <= maxNamed) {
            const more = approvedSoFar === maxNamed ? "; further approvals are not logged" : "";
            log(
                `guard: machine action ${action.id} (${describeAction(action)}) is protected and was approved: ` +
                    `${describeRefusals(lifted)}${more}`,
            );
        }
    }

    return {
        introduce,

        async prefetch(actions) {
            const file = guardFile === undefined ? undefined : await load(guardFile).catch(() => undefined);
            const open = actions.filter(({ status }) => !isFinal(status));
            if (file && open.length > 0) {
                await Promise.all([
                    ...(needsMachine(file.rules) ? open.map(({ machineId }) => machines.factsOf(machineId)) : []),
                    ...(file.rules.maxPerDay === undefined ? [] : [dayCount.prefetch()]),
                ]);
            }
        },

        async authorize(question) {
            // All requests wait for these lines, so that none of a set overtakes a more urgent one.
            introduced ??= logOnce();
            await introduced;
            if (guardFile === undefined) {
                return { stamp: {}, use() {}, async end() {} };
            }
            const file = await load(guardFile);
            const { refusals, lifted, pairs } = await applyRules(file, question);
            const remaining = refusals.length > 0 ? refusals : await places.take(file, question.action.id);
            if (remaining.length > 0) {
                throw refused(question, { refusals: remaining, lifted, pairs }, file.path);
            }
            if (lifted.length > 0) {
                logApproved(question.action, lifted);
            }
            let isOpen = true;
            const isDated = needsMachine(file.rules) || file.rules.maxPerDay !== undefined;
            return {
                ...(isDated ? { validUntil: clock.now() + maxPermitMs } : {}),
                stamp: {
                    guardSha256: file.sha256,
                    ...(lifted.length > 0 ? { approvedDigest: question.digest } : {}),
                },
                use() {
                    isOpen = false;
                },
                async end() {
                    if (isOpen) {
                        isOpen = false;
                        await places.giveBack(file, question.action.id);
                    }
                },
            };
        },

        async evaluate(question) {
            if (guardFile === undefined) {
                return { refusals: [], lifted: [], pairs: [] };
            }
            const file = await load(guardFile);
            const evaluation = await applyRules(file, question);
            const { refusals } = evaluation;
            return {
                ...evaluation,
                refusals: refusals.length > 0 ? refusals : await places.take(file, question.action.id),
            };
        },
    };
}
