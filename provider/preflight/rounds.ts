import * as pulumi from "@pulumi/pulumi";
import type { CancelContext } from "../cancel/cancel.ts";
import { readSettings } from "../config.ts";
import { type ProviderConfig, providerConfigOf } from "../defender-provider.ts";
import { DefenderError, errorLine } from "../errors.ts";
import { openSession } from "../session.ts";
import { credentialSecrets, warnOfClearSecrets } from "./clear-secrets.ts";
import type { Forecast } from "./forecast.ts";

/** What a resource wants to look at, and to say about it, in a preview. */
export interface PreflightLook {
    /** On whose line it is said. */
    readonly resource: pulumi.Resource;
    /**
     * Whether there is something to say. Resolves once the resource is registered; false where the registration failed:
     * the engine says why, and a line on a resource without a URN would hold up all lines that follow.
     */
    needed(): Promise<boolean>;
    look(round: Round): Promise<void>;
}

/** What the looks of one provider have in common. */
export interface Round {
    readonly session: CancelContext;
    say(line: string, verdict: Forecast["verdict"]): void;
    /** Why there was no answer, for a line. */
    explain(error: unknown): string;
}

/** How long a round stays open for further declarations once all of it is registered, in milliseconds. */
const gatherMs = 20;

/** How long a round waits for the next registration, and then for its answers, in milliseconds. */
const longestWaitMs = 5_000;

// One for each stack: a process may run several programs, one after another or at once.
const rounds = new Map<string, (look: PreflightLook) => Promise<void>>();

/** Takes a look together with all others of the program, in one batch of reads. In previews only. */
export function gather(look: PreflightLook): Promise<void> {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    const join = rounds.get(stack) ?? openRound(stack);
    return join(look);
}

/** A round: declarations whose actions are read together, when all of them are registered. */
function openRound(stack: string): (look: PreflightLook) => Promise<void> {
    // The program must not end while its lines are on their way.
    const release = pulumi.runtime.rpcKeepAlive();
    const ready: PreflightLook[] = [];
    let pending = 0;
    const isOpen = () => rounds.get(stack) === join;
    const close = () => {
        if (isOpen()) {
            rounds.delete(stack);
            clearTimeout(overdue);
            void lookAtAll(ready).finally(release);
        }
    };
    let overdue = setTimeout(close, longestWaitMs);
    async function join(look: PreflightLook): Promise<void> {
        pending++;
        const isNeeded = await look.needed();
        pending--;
        // The engine registers one resource after another: many take their time.
        clearTimeout(overdue);
        overdue = setTimeout(close, longestWaitMs);
        if (!isOpen()) {
            // This round did not wait so long.
            clearTimeout(overdue);
            return isNeeded ? gather(look) : undefined;
        }
        if (isNeeded) {
            ready.push(look);
        }
        setTimeout(() => pending === 0 && close(), gatherMs);
    }
    rounds.set(stack, join);
    return join;
}

/** Those of one provider together, in one batch. */
async function lookAtAll(looks: readonly PreflightLook[]): Promise<void> {
    const groups = Map.groupBy(looks, ({ resource }) => providerConfigOf(resource));
    await Promise.all([...groups].map(([config, group]) => lookWith(config, group)));
}

async function lookWith(
    ofProvider: pulumi.Output<ProviderConfig> | undefined,
    looks: readonly PreflightLook[],
): Promise<void> {
    const values = ofProvider && (await known(ofProvider));
    const config = !ofProvider
        ? (key: string) => pulumi.runtime.getConfig(key)
        : values && ((key: string) => values[key]);
    // Read by itself first: a strict preview fails on settings that are wrong, too.
    const mode = process.env.DEFENDER_PREFLIGHT || config?.("defender:preflight");
    const sayOn = (resource: pulumi.Resource) => (line: string, verdict: Forecast["verdict"]) => {
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
        const [first] = looks;
        if (!ofProvider && first) {
            warnOfClearSecrets(credentialSecrets, first.resource);
        }
        session = openSession(settings, { stop: cutOff, cutOff });
    } catch (error) {
        for (const { resource } of looks) {
            sayOn(resource)(`could not look: ${errorLine(error)}`, "would fail");
        }
        return;
    }
    const explain = (error: unknown) => (cutOff.aborted ? unanswered(error) : errorLine(error));
    await Promise.all(looks.map((look) => look.look({ session, say: sayOn(look.resource), explain })));
}

/** Nobody waited for the answer: what went wrong before, if anything did. */
function unanswered(error: unknown): string {
    const before = error instanceof DefenderError && error.cause instanceof DefenderError ? error.cause : undefined;
    return `no answer within ${longestWaitMs / 1000} s${before ? `, and before that ${errorLine(before)}` : ""}`;
}

/** The value of an Output; undefined where the preview does not know all of it. */
export async function known<T>(output: pulumi.Output<T>): Promise<T | undefined> {
    let value: T | undefined;
    // Resolves once the callback has run, or was passed over because something is not known.
    await pulumi.isSecret(
        output.apply((all) => {
            value = all;
        }),
    );
    return value;
}
