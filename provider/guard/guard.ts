import type { Clock } from "../clock.ts";
import { DefenderError, errorLine } from "../errors.ts";
import type { Expectation } from "../input-rules.ts";
import { describeAction, isFinal, type MachineAction } from "../machine-action.ts";
import { isProtection, needsMachine, type Refusal, refusalsOf } from "./decision.ts";
import { denied, describeRefusals } from "./denials.ts";
import type { GuardFile } from "./guard-file.ts";
import type { MachineReader } from "./machine-facts.ts";
import type { RunCount } from "./run-count.ts";

/** One cancellation that somebody wants to send. */
export interface GuardQuestion {
    /** As it was observed. */
    readonly action: MachineAction;
    /** As it was declared. */
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    /** The declaration digest. */
    readonly digest: string;
}

/** What the evidence says of the guard; nothing where there is none. */
export interface GuardStamp {
    /** Of the guard's bytes, in hexadecimal. */
    readonly guardSha256?: string;
    /** The declaration digest that was approved, where that was needed. */
    readonly approvedDigest?: string;
}

/** One cancel request may go out. */
export interface Permit {
    readonly stamp: GuardStamp;
    /** The request goes out. */
    use(): void;
    /** Unused, it gives its place in the run back. Never rejects. */
    end(): Promise<void>;
}

/** What the guard would say to a cancellation. */
export interface GuardForecast {
    readonly refusals: readonly Refusal[];
    /** What stood against it, had it not been approved. */
    readonly lifted: readonly Refusal[];
}

/** The owner of the pipeline's last word, on what is observed: asked before every cancel request. */
export interface Guard {
    /** What holds in this run, in words: the first line, then what its owner should look at. */
    introduce(): Promise<readonly [string, ...string[]]>;
    /** Looks at the machines of these actions together, where a rule asks for them. Never rejects. */
    prepare(actions: readonly MachineAction[]): Promise<void>;
    /** Throws `ERR_DEFENDER_GUARD` when the guard cannot be used, `ERR_DEFENDER_DENIED` when a rule stands against it. */
    admit(question: GuardQuestion): Promise<Permit>;
    /** What {@link admit} would say, for a preview. Throws `ERR_DEFENDER_GUARD`. */
    foresee(question: GuardQuestion): Promise<GuardForecast>;
}

export interface GuardOptions {
    readonly guardFile: string | undefined;
    readonly approvedDigests: readonly string[];
    readonly machines: MachineReader;
    readonly count: RunCount;
    readonly clock: Clock;
    readonly say: (line: string) => void;
}

// On globalThis: two copies of the package in one process read it once.
const filesKey = Symbol.for("pulumi-defender-cancellation/guards");
const shared = globalThis as { [filesKey]?: Map<string, Promise<GuardFile>> };

/** A guard is read once in a process: what is changed meanwhile counts for the next. */
function load(path: string): Promise<GuardFile> {
    shared[filesKey] ??= new Map();
    // Loaded late: without a guard nobody needs YAML.
    const file =
        shared[filesKey].get(path) ?? import("./guard-file.ts").then(({ readGuardFile }) => readGuardFile(path));
    shared[filesKey].set(path, file);
    return file;
}

/** More approvals than these are not named one by one. */
const mostNamed = 10;

export function createGuard({ guardFile, approvedDigests, machines, count, clock, say }: GuardOptions): Guard {
    let introduced: Promise<void> | undefined;
    let approvedSoFar = 0;

    async function introduce(): Promise<readonly [string, ...string[]]> {
        if (guardFile === undefined) {
            return ["no guard is set (DEFENDER_GUARD): the token alone limits what this program can cancel"];
        }
        const { path, sha256, rules, doubts } = await load(guardFile);
        const about = `guard ${path} (SHA-256 ${sha256.slice(0, 12)})`;
        return [`${about}: ${Object.keys(rules).join(", ")}`, ...doubts.map((doubt) => `${about}: ${doubt}`)];
    }

    async function sayOnce(): Promise<void> {
        for (const line of await introduce()) {
            say(line);
        }
    }

    async function judge({ rules }: GuardFile, question: GuardQuestion): Promise<GuardForecast> {
        const { action, expect, notAfter, digest } = question;
        const facts = needsMachine(rules) ? await machines.factsOf(action.machineId) : undefined;
        const all = refusalsOf(rules, { action, facts, expect, notAfter, now: clock.now() });
        const isApproved = approvedDigests.includes(digest.toLowerCase());
        return isApproved
            ? { refusals: all.filter((one) => !isProtection(one)), lifted: all.filter(isProtection) }
            : { refusals: all, lifted: [] };
    }

    /** The last of the rules: only what none of the others refuses takes a place. */
    async function takePlace({ path, rules }: GuardFile): Promise<Refusal[]> {
        const { maxPerRun } = rules;
        try {
            return maxPerRun === undefined || (await count.take(maxPerRun))
                ? []
                : [
                      {
                          rule: "maxPerRun",
                          because: `this run has its ${maxPerRun} cancel requests, allowed are ${maxPerRun}`,
                      },
                  ];
        } catch (error) {
            throw new DefenderError(
                "ERR_DEFENDER_GUARD",
                `the guard ${path} has maxPerRun, but the count of this run cannot be kept: ${errorLine(error)}. Nothing ` +
                    "is sent",
            );
        }
    }

    function sayApproved(action: MachineAction, lifted: readonly Refusal[]): void {
        approvedSoFar++;
        if (approvedSoFar <= mostNamed) {
            const more = approvedSoFar === mostNamed ? "; further ones are not named" : "";
            say(
                `guard: machine action ${action.id} (${describeAction(action)}) is protected and was approved: ` +
                    `${describeRefusals(lifted)}${more}`,
            );
        }
    }

    return {
        introduce,

        async prepare(actions) {
            const file = guardFile === undefined ? undefined : await load(guardFile).catch(() => undefined);
            if (file && needsMachine(file.rules)) {
                const open = actions.filter(({ status }) => !isFinal(status));
                await Promise.all(open.map(({ machineId }) => machines.factsOf(machineId)));
            }
        },

        async admit(question) {
            // All wait for it: none of a set gets ahead of those that are to be sent first.
            introduced ??= sayOnce();
            await introduced;
            if (guardFile === undefined) {
                return { stamp: {}, use() {}, async end() {} };
            }
            const file = await load(guardFile);
            const { refusals, lifted } = await judge(file, question);
            const standing = refusals.length > 0 ? refusals : await takePlace(file);
            if (standing.length > 0) {
                throw denied(question, standing, file.path);
            }
            if (lifted.length > 0) {
                sayApproved(question.action, lifted);
            }
            let isOpen = file.rules.maxPerRun !== undefined;
            return {
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
                        // Where that fails the place stays taken: fewer requests, never more.
                        await count.giveBack().catch(() => {});
                    }
                },
            };
        },

        async foresee(question) {
            if (guardFile === undefined) {
                return { refusals: [], lifted: [] };
            }
            const file = await load(guardFile);
            const { refusals, lifted } = await judge(file, question);
            return { refusals: refusals.length > 0 ? refusals : await takePlace(file), lifted };
        },
    };
}
