import * as pulumi from "@pulumi/pulumi";
import type { Guard } from "../../guard/guard.ts";
import { memoryCount } from "../../guard/run-count.ts";
import { DefenderError, errorLine } from "../../model/errors.ts";
import type { Planner, ResourcePlan } from "../../plan/plan-resource.ts";
import { type PreviewLine, previewLine, severityOf } from "../../plan/preview-line.ts";
import { createRepeatedPlans, type RepeatedPlans } from "../../plan/repeated-plans.ts";
import { readSettings, type Settings } from "../../session/config.ts";
import { startBound } from "../../session/preview-bound.ts";
import { introduceGuard, openPreviewSession, withWaits } from "../../session/preview-session.ts";
import { createWaits } from "../../session/waits.ts";
import { systemClock } from "../../system/clock.ts";
import { type ProviderConfig, providerConfigOf } from "../defender-provider.ts";
import { openBatch } from "./batch.ts";
import { credentialSecrets, warnOfClearSecrets } from "./clear-secrets.ts";
import { known } from "./known.ts";
import { logLine } from "./log-line.ts";

/** A registered resource and its plan. */
interface Registrant {
    /** The plan is logged on this resource. */
    readonly resource: pulumi.Resource;
    readonly plan: ResourcePlan;
}

type Join = (registrant: Promise<Registrant | undefined>) => Promise<void>;

// One batch for each run of a program, identified by the run's monitor. A process may run several programs, one after
// another or at once, and a registration that failed in one of them never resolves.
const batches = new WeakMap<object, Join>();

/**
 * Plans a resource together with all others of the program, in one batch of reads. In previews only.
 *
 * Once the resource is registered, `plan` resolves to its line, or to undefined if it has none. It may reject where the
 * registration failed. Then nothing is logged, because the engine reports the reason, and a line on a resource without
 * a URN would block all later lines.
 */
export function joinPreviewBatch(resource: pulumi.Resource, plan: Promise<ResourcePlan | undefined>): void {
    const run = pulumi.runtime.getMonitor() ?? pulumi.runtime;
    const join = batches.get(run) ?? newBatch(run);
    batches.set(run, join);
    void join(plan.then((one) => one && { resource, plan: one }));
}

function newBatch(run: object): Join {
    // The program must not end before its lines are logged.
    const release = pulumi.runtime.rpcKeepAlive();
    const plans: Promise<void>[] = [];
    return openBatch<Registrant>({
        take: (registrants) => void plans.push(planAll(registrants)),
        end: () => {
            batches.delete(run);
            void Promise.allSettled(plans).finally(release);
        },
    });
}

/** Plans the resources of each provider together. */
async function planAll(registrants: readonly Registrant[]): Promise<void> {
    const groups = Map.groupBy(registrants, ({ resource }) => providerConfigOf(resource));
    const repeated = repeatedPlansOfRun();
    await Promise.all([...groups].map(([config, group]) => planWith(config, group, repeated)));
    const stack = pulumi.runtime.getStackResource() ?? registrants[0]?.resource;
    if (stack) {
        for (const line of repeated.takeOthers()) {
            logLine("warn", line, stack);
        }
    }
}

/** One value for a run of the program, however many batches and providers it has. Without a stack, one for each call. */
function oneForRun<Value>(create: () => Value): () => Value {
    const values = new WeakMap<pulumi.Resource, Value>();
    return () => {
        const stack = pulumi.runtime.getStackResource();
        const value = (stack && values.get(stack)) ?? create();
        if (stack) {
            values.set(stack, value);
        }
        return value;
    };
}

/** Counts the cancel requests of the run. */
const countOfRun = oneForRun(memoryCount);

/** Explains a cause once in the run. */
const repeatedPlansOfRun = oneForRun(createRepeatedPlans);

/** The name of a resource. The SDK has this property but does not declare it, so it may be missing. */
function nameOf(resource: pulumi.Resource): string | undefined {
    return (resource as { readonly __name?: string }).__name;
}

async function planWith(
    ofProvider: pulumi.Output<ProviderConfig> | undefined,
    registrants: readonly Registrant[],
    repeated: RepeatedPlans,
): Promise<void> {
    const values = ofProvider && (await known(ofProvider));
    const config = !ofProvider
        ? (key: string) => pulumi.runtime.getConfig(key)
        : values && ((key: string) => values[key]);
    // Read separately and first, so that a strict preview also fails on wrong settings.
    const mode = process.env.DEFENDER_PREFLIGHT || config?.("defender:preflight");
    if (mode === "off") {
        return;
    }
    const logOn = (resource: pulumi.Resource, plan: PreviewLine) => {
        const severity = severityOf(plan.verdict, mode === "strict");
        const { line, isStatus } = repeated.show(nameOf(resource), plan, severity === "error");
        logLine(severity, line, resource, isStatus);
    };
    const open = registrants.filter(({ plan }) => typeof plan === "function");
    for (const { resource, plan } of registrants) {
        if (typeof plan !== "function") {
            logOn(resource, plan);
        }
    }
    try {
        if (!config) {
            throw new DefenderError("ERR_DEFENDER_CONFIGURATION", "the provider's settings are not known yet");
        }
        const settings = readSettings(config, process.env);
        await readWith(settings, { open, isOwn: ofProvider !== undefined, logOn });
    } catch (error) {
        for (const { resource } of open) {
            logOn(resource, previewLine({ kind: "couldNotLook", why: errorLine(error) }));
        }
    }
}

interface Reading {
    readonly open: readonly Registrant[];
    /** Whether the settings are those of an explicit provider. */
    readonly isOwn: boolean;
    logOn(resource: pulumi.Resource, line: PreviewLine): void;
}

async function readWith(settings: Settings, { open, isOwn, logOn }: Reading): Promise<void> {
    const [first] = open;
    if (!first) {
        return;
    }
    if (!isOwn) {
        warnOfClearSecrets(credentialSecrets, first.resource);
    }
    const waits = createWaits();
    const { cutOff, ended, explain, release } = startBound(settings.preflightMs, systemClock, waits);
    try {
        const session = openPreviewSession(settings, { stop: cutOff, cutOff, runCount: countOfRun(), waits });
        await introduceOnce(session.guard, pulumi.runtime.getStackResource() ?? first.resource);
        const planner: Planner = { session: withWaits(session, waits), explain };
        const unanswered = ended.then(() => previewLine({ kind: "couldNotLook", why: explain(undefined) }));
        await Promise.all(
            open.map(async ({ resource, plan }) => {
                const line = typeof plan === "function" ? plan(planner) : plan;
                logOn(resource, await Promise.race([line, unanswered]));
            }),
        );
    } finally {
        release();
    }
}

const introducedTo = new WeakSet<pulumi.Resource>();

/** Introduces the guard once in a preview, on the stack. */
async function introduceOnce(guard: Guard, stack: pulumi.Resource): Promise<void> {
    if (introducedTo.has(stack)) {
        return;
    }
    introducedTo.add(stack);
    await introduceGuard(guard, (severity, line) => logLine(severity, line, stack));
}
