import * as pulumi from "@pulumi/pulumi";
import type { CancelContext } from "./cancel/cancel.ts";
import { isNotFound } from "./cancel/cancel-failures.ts";
import { readSettings } from "./config.ts";
import { shortDigest } from "./declaration.ts";
import { declaredTarget } from "./declared-target.ts";
import { type ProviderConfig, providerConfigOf } from "./defender-provider.ts";
import { errorLine } from "./errors.ts";
import { type Forecast, forecast } from "./forecast.ts";
import { isGuid } from "./machine-action.ts";
import { isProven } from "./outputs.ts";
import { openSession } from "./session.ts";

/** The resource that a line is about, as far as preflight knows it. */
export type PreflightResource = pulumi.CustomResource & {
    readonly status: pulumi.Output<string>;
    readonly outcome: pulumi.Output<string | undefined>;
};

/** The declared inputs that preflight judges by. */
export type PreflightArgs = { readonly machineActionId: pulumi.Input<string> } & Readonly<
    Partial<Record<"expect" | "notAfter" | "ifAlreadyFinal" | "onReissue" | "reissueWindowHours", unknown>>
>;

interface Candidate {
    readonly resource: PreflightResource;
    readonly machineActionId: string;
    /** The other inputs; undefined where the preview does not know all of them. */
    readonly policy: Readonly<Record<string, unknown>> | undefined;
}

/** How long a round stays open for further declarations once all of it is registered, in milliseconds. */
const gatherMs = 20;

/** How long a round waits for the next registration, and then for its answers, in milliseconds. */
const longestWaitMs = 5_000;

// One for each stack: a process may run several programs, one after another or at once.
const rounds = new Map<string, (candidate: Candidate) => Promise<void>>();

/**
 * In a preview, says on the resource's own line what `up` would do to the action. It reads in the program's own
 * process, all resources of the program in one batch, and sends nothing. It stays silent where the stack already holds
 * the proof, where the id is not known yet, and where the inputs are wrong, which the lifecycle's check reports.
 */
export function preflight(resource: PreflightResource, args: PreflightArgs): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    const { expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours } = args;
    const policy = known(pulumi.output({ expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours }));
    pulumi.output(args.machineActionId).apply(async (machineActionId) => {
        if (typeof machineActionId === "string" && isGuid(machineActionId)) {
            void gather({ resource, machineActionId: machineActionId.toLowerCase(), policy: await policy });
        }
    });
}

function gather(candidate: Candidate): Promise<void> {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    const join = rounds.get(stack) ?? openRound(stack);
    return join(candidate);
}

/** A round: declarations whose actions are read together, when all of them are registered. */
function openRound(stack: string): (candidate: Candidate) => Promise<void> {
    // The program must not end while its lines are on their way.
    const release = pulumi.runtime.rpcKeepAlive();
    const ready: Candidate[] = [];
    let pending = 0;
    const isOpen = () => rounds.get(stack) === join;
    const close = () => {
        if (isOpen()) {
            rounds.delete(stack);
            clearTimeout(overdue);
            void look(ready).finally(release);
        }
    };
    let overdue = setTimeout(close, longestWaitMs);
    async function join(candidate: Candidate): Promise<void> {
        pending++;
        const isUnproven = await needsLook(candidate.resource);
        pending--;
        // The engine registers one resource after another: many take their time.
        clearTimeout(overdue);
        overdue = setTimeout(close, longestWaitMs);
        if (!isOpen()) {
            // This round did not wait so long.
            return isUnproven ? gather(candidate) : undefined;
        }
        if (isUnproven) {
            ready.push(candidate);
        }
        setTimeout(() => pending === 0 && close(), gatherMs);
    }
    rounds.set(stack, join);
    return join;
}

/**
 * Whether there is something to say: not where the stack holds the proof and the preview leaves the resource as it is
 * (only then does a preview know the status), and not where the registration failed: the engine says why, and a line
 * on a resource without a URN would hold up all lines that follow. Waits for the registration.
 */
async function needsLook(resource: PreflightResource): Promise<boolean> {
    let proven = false;
    try {
        const seen = pulumi.all([resource.status, resource.outcome]).apply(([status, outcome]) => {
            proven = isProven({ status, outcome });
        });
        // Resolves once the callback has run, or was passed over because the status is not known.
        await pulumi.isSecret(seen);
        return !proven;
    } catch {
        return false;
    }
}

/** Looks for all candidates: those of one provider together, in one batch. */
async function look(candidates: readonly Candidate[]): Promise<void> {
    const groups = Map.groupBy(candidates, ({ resource }) => providerConfigOf(resource));
    await Promise.all([...groups].map(([config, group]) => lookWith(config, group)));
}

async function lookWith(
    ofProvider: pulumi.Output<ProviderConfig> | undefined,
    candidates: readonly Candidate[],
): Promise<void> {
    const values = ofProvider && (await known(ofProvider));
    const config = !ofProvider
        ? (key: string) => pulumi.runtime.getConfig(key)
        : values && ((key: string) => values[key]);
    // Read by itself first: a strict preview fails on settings that are wrong, too.
    const mode = process.env.DEFENDER_PREFLIGHT || config?.("defender:preflight");
    const say: Say = (resource, line, verdict) => {
        const fails = verdict === "unexpected" || (verdict !== "fine" && mode === "strict");
        void pulumi.log[verdict === "fine" ? "info" : fails ? "error" : "warn"](line, resource);
    };
    // Nobody waits longer for a preview; requests that go on unheard would hold up its end.
    const cutOff = AbortSignal.timeout(longestWaitMs);
    let session: CancelContext;
    try {
        if (!config) {
            throw new Error("the provider's settings are not known yet");
        }
        const settings = readSettings(config, process.env);
        if (settings.preflight === "off") {
            return;
        }
        session = openSession(settings, { stop: cutOff, cutOff });
    } catch (error) {
        for (const { resource } of candidates) {
            say(resource, `could not look: ${errorLine(error)}`, "would fail");
        }
        return;
    }
    await Promise.all(candidates.map((candidate) => lookAt(candidate, session, say, cutOff)));
}

/** The value of an Output; undefined where the preview does not know all of it. */
async function known<T>(output: pulumi.Output<T>): Promise<T | undefined> {
    let value: T | undefined;
    // Resolves once the callback has run, or was passed over because something is not known.
    await pulumi.isSecret(
        output.apply((all) => {
            value = all;
        }),
    );
    return value;
}

type Say = (resource: pulumi.Resource, line: string, verdict: Forecast["verdict"]) => void;

async function lookAt(
    candidate: Candidate,
    { observer, clock }: CancelContext,
    say: Say,
    cutOff: AbortSignal,
): Promise<void> {
    const { resource, machineActionId, policy } = candidate;
    try {
        const { action, date } = await observer.observe(machineActionId);
        const target = declaredTarget(machineActionId, policy ?? {}, {});
        const now = Math.max(clock.now(), Date.parse(date ?? "") || 0);
        const { line, verdict } = forecast(action, target, now);
        const digest = policy ? shortDigest(target.digest) : "known when all inputs are";
        say(resource, `${line} [digest ${digest}]`, verdict);
    } catch (error) {
        const why = cutOff.aborted ? `no answer within ${longestWaitMs / 1000} s` : errorLine(error);
        const line = isNotFound(error)
            ? `not found: the API knows no machine action ${machineActionId}`
            : `could not look: ${why}`;
        say(resource, line, "would fail");
    }
}
