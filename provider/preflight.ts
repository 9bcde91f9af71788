import * as pulumi from "@pulumi/pulumi";
import type { CancelContext } from "./cancel.ts";
import { isNotFound } from "./cancel-failures.ts";
import { readSettings } from "./config.ts";
import { declarationDigest, shortDigest } from "./declaration.ts";
import { errorLine } from "./errors.ts";
import { forecast } from "./forecast.ts";
import { isGuid } from "./machine-action.ts";
import { isProven } from "./outputs.ts";
import { sharedSession } from "./session.ts";

/** The resource that a line is about, as far as preflight knows it. */
export type PreflightResource = pulumi.CustomResource & {
    readonly status: pulumi.Output<string>;
    readonly outcome: pulumi.Output<string | undefined>;
};

/** The declared inputs that preflight judges by. */
export interface PreflightArgs {
    readonly machineActionId: pulumi.Input<string>;
    readonly ifAlreadyFinal?: pulumi.Input<string>;
}

interface Candidate {
    readonly resource: PreflightResource;
    readonly machineActionId: string;
    readonly ifAlreadyFinal: string | undefined;
}

/** How long declarations are gathered before one batch of reads, in milliseconds. */
const gatherMs = 20;

/** How long preflight may hold a preview, in milliseconds. */
const longestLookMs = 10_000;

// One gathering for each stack: a process may run several programs, one after another or at once.
const gatherings = new Map<string, Candidate[]>();

/**
 * In a preview, says on the resource's own line what `up` would do to the action. It reads in the program's own
 * process, all resources of the program in one batch, and sends nothing. It stays silent where the stack already holds
 * the proof, where the id is not known yet, and where the inputs are wrong, which the lifecycle's check reports.
 */
export function preflight(resource: PreflightResource, args: PreflightArgs): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    pulumi.all([args.machineActionId, args.ifAlreadyFinal]).apply(([machineActionId, ifAlreadyFinal]) => {
        if (typeof machineActionId === "string" && isGuid(machineActionId)) {
            gather({ resource, machineActionId: machineActionId.toLowerCase(), ifAlreadyFinal });
        }
    });
}

function gather(candidate: Candidate): void {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    const gathering = gatherings.get(stack);
    if (gathering) {
        gathering.push(candidate);
        return;
    }
    const candidates = [candidate];
    gatherings.set(stack, candidates);
    // The program must not end while its lines are on their way.
    const done = pulumi.runtime.rpcKeepAlive();
    setTimeout(() => {
        gatherings.delete(stack);
        void look(candidates).finally(done);
    }, gatherMs);
}

async function look(candidates: readonly Candidate[]): Promise<void> {
    let session: CancelContext;
    let say: Say;
    try {
        const config = new pulumi.Config("defender");
        const settings = readSettings((key) => config.get(key.slice("defender:".length)), process.env);
        if (settings.preflight === "off") {
            return;
        }
        session = sharedSession(settings);
        say = (resource, line, isFine) =>
            void pulumi.log[isFine ? "info" : settings.preflight === "strict" ? "error" : "warn"](line, resource);
    } catch (error) {
        for (const { resource } of candidates) {
            void pulumi.log.warn(`could not look: ${errorLine(error)}`, resource);
        }
        return;
    }
    const bounded = bound(longestLookMs);
    const isKnown = await bounded(Promise.all(candidates.map(({ resource }) => isProvenInStack(resource)))).catch(
        () => [],
    );
    await Promise.all(
        candidates.filter((_, index) => !isKnown[index]).map((candidate) => lookAt(candidate, session, say, bounded)),
    );
}

type Say = (resource: pulumi.Resource, line: string, isFine: boolean) => void;
type Bounded = <T>(work: Promise<T>) => Promise<T>;

async function lookAt(
    { resource, machineActionId, ifAlreadyFinal }: Candidate,
    { observer, clock }: CancelContext,
    say: Say,
    bounded: Bounded,
): Promise<void> {
    try {
        const { action } = await bounded(observer.observe(machineActionId));
        const { line, isFine } = forecast(action, ifAlreadyFinal === "accept", clock.now());
        const digest = shortDigest(declarationDigest([{ machineActionId, ifAlreadyFinal }]));
        say(resource, `${line} [digest ${digest}]`, isFine);
    } catch (error) {
        const line = isNotFound(error)
            ? `not found: the API knows no machine action ${machineActionId}`
            : `could not look: ${errorLine(error)}`;
        say(resource, line, false);
    }
}

/**
 * Whether the stack holds the proof already, and the preview leaves the resource as it is: only then does a preview
 * know the status. Waits for the resource to be registered.
 */
async function isProvenInStack(resource: PreflightResource): Promise<boolean> {
    let proven = false;
    const seen = pulumi.all([resource.status, resource.outcome]).apply(([status, outcome]) => {
        proven = isProven({ status, outcome });
    });
    // Resolves once the callback has run, or was passed over because the status is not known.
    await pulumi.isSecret(seen);
    return proven;
}

/** Rejects whatever is not done when the time, counted from now for all, is up. */
function bound(milliseconds: number): Bounded {
    const deadline = AbortSignal.timeout(milliseconds);
    return (work) =>
        new Promise((resolve, reject) => {
            const late = () => reject(new Error(`no answer within ${milliseconds / 1000} s`));
            deadline.addEventListener("abort", late, { once: true });
            work.then(resolve, reject).finally(() => deadline.removeEventListener("abort", late));
        });
}
