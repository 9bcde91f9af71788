import { createDefenderClient, type DefenderClient } from "../api/defender-client.ts";
import { createHttp, type Http } from "../api/http.ts";
import type { CancelContext } from "../cancel/cancel-context.ts";
import type { RequestJournal } from "../cancel/request-journal.ts";
import { createSendQueue, type SendQueue } from "../cancel/send-queue.ts";
import { createDayCount } from "../guard/day-count.ts";
import { createGuard } from "../guard/guard.ts";
import { fileCount, processCount, type RunCount } from "../guard/run-count.ts";
import { createLastSeen } from "../machines/last-seen.ts";
import { createMachineReader, type MachineReader } from "../machines/machine-reader.ts";
import { createMachinesClient } from "../machines/machines-client.ts";
import { DefenderError } from "../model/errors.ts";
import { packageVersion } from "../model/package-version.ts";
import { createObserver } from "../observe/observer.ts";
import { createPoller } from "../observe/poller.ts";
import { createVerifiedList } from "../observe/verified-list.ts";
import { createQuota } from "../quota/quota.ts";
import { fileStore, type QuotaKey, type QuotaStore, quotaFile } from "../quota/quota-file.ts";
import { hourMs, type Limit, minuteMs } from "../quota/quota-usage.ts";
import { type Credentials, createCredentials, type FreshToken, readIdentity } from "../sign-in/credentials.ts";
import { createOwnNames } from "../sign-in/own-names.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { proxyProblem } from "../system/network/proxy.ts";
import { cacheFile } from "../system/shared-file/cache-file.ts";
import { cutOffSignal, stopSignal } from "../system/stop.ts";
import { type Log, printLine } from "../text/print.ts";
import type { Settings } from "./config.ts";
import { createWaits, type Waits } from "./waits.ts";

/** The dependencies of the process, as opposed to one resource. A test replaces those that it is about. */
export interface SessionDependencies {
    readonly clock?: Clock;
    /** Aborted when the run must stop. Then nothing more is sent. */
    readonly stop?: AbortSignal;
    /** Aborted when no answer is needed any more. This also ends a request that is under way. */
    readonly cutOff?: AbortSignal;
    /** Takes a line for the stack. */
    readonly log?: Log;
    /** Takes a line about a wait at the quota's normal pace. Default: `log`. */
    readonly logPace?: Log | undefined;
    readonly quotaStore?: QuotaStore;
    /** Counts the cancel requests of the run. Default: the run is this process. */
    readonly runCount?: RunCount;
    /** The maximum number of lists of machines to read. */
    readonly maxMachineLists?: number;
    /** Whether a list that is a few seconds old may show an action as final. Only for previews. */
    readonly servesFinal?: boolean;
    /** How long reads are gathered before a request goes out, in milliseconds. */
    readonly gatherMs?: number;
    /** Stores each cancel request before it is sent. */
    readonly journal?: RequestJournal;
    /** The command that goes on with what this process leaves open, for messages. Default: "`pulumi up`". */
    readonly goOn?: string;
    /** Records each wait for the sign-in and for the quota. */
    readonly waits?: Waits;
}

/** The context of the core, and the client below it for callers that only read. */
export interface Session extends CancelContext {
    readonly client: DefenderClient;
    readonly machines: MachineReader;
    readonly http: Http;
    readonly credentials: Credentials;
}

/**
 * Opens a session: one client and one observer for one API and one credential. Throws `ERR_DEFENDER_CONFIGURATION` if
 * the proxy variable of the environment cannot be read.
 */
export function openSession(settings: Settings, ties: SessionDependencies = {}): Session {
    const { clock = systemClock, stop = stopSignal(), log = printLine, cutOff, runCount = processCount() } = ties;
    const { waits = createWaits() } = ties;
    const isAtAuthority = ["client secret", "client certificate", "workload identity"].includes(
        settings.credential.kind,
    );
    const problem = proxyProblem([settings.apiUrl, ...(isAtAuthority ? [settings.authorityHost] : [])]);
    if (problem !== undefined) {
        throw new DefenderError("ERR_DEFENDER_CONFIGURATION", problem);
    }
    const credentials = createCredentials(() => waits.during("sign-in", () => freshToken(settings, cutOff)), clock);
    const limits = quotaLimitsOf(settings);
    const apiHost = new URL(settings.apiUrl).host;
    const quota = createQuota({
        limits,
        store: ties.quotaStore ?? fileStore(quotaFile(quotaKeyOf(settings)), log),
        clock,
        log,
        logPace: ties.logPace,
        stop,
        // A test that sets `gatherMs` does not wait here.
        gather: ties.gatherMs === undefined ? undefined : async () => {},
    });
    const http = createHttp({
        apiUrl: settings.apiUrl,
        credentials,
        quota: { ...quota, acquire: (options) => waits.during("the quota", () => quota.acquire(options)) },
        clock,
        userAgent: `pulumi-defender-cancellation/${packageVersion}`,
        stop,
        cutOff,
    });
    const client = createDefenderClient(http);
    const ownNames = createOwnNames(credentials.identity);
    const machines = createMachineReader(createMachinesClient(http), { clock, maxLists: ties.maxMachineLists });
    const dayCount = createDayCount({
        list: createVerifiedList(client, log, "a cancellation that counts for maxPerDay"),
        identify: ownNames.known,
        clock,
        ofRun: runCount.day,
    });
    const { guardFile, approvals } = settings;
    const guard = createGuard({ guardFile, approvals, machines, count: runCount, dayCount, clock, log });
    return {
        http,
        credentials,
        ownNames,
        ...coreOver({
            client,
            machines,
            guard,
            nextSlot: quota.nextSlot,
            clock,
            stop,
            log,
            logPace: ties.logPace,
            gatherMs: ties.gatherMs,
            servesFinal: ties.servesFinal,
        }),
        async identify() {
            const { appId, tenantId } = await credentials.identity();
            return { appId, tenantId, apiHost, packageVersion };
        },
        journal: ties.journal,
        goOn: ties.goOn,
        visibilityMs: settings.visibilityMs,
        paceMs: (requests) => Math.max(...limits.map(({ calls, periodMs }) => Math.floor(requests / calls) * periodMs)),
    };
}

/**
 * The count of a run. All providers of a run have the same engine, but each has its own process, so they share a file.
 * Without an engine, the process is the run.
 */
export function countOfRun(engine: string | undefined): RunCount {
    return engine === undefined ? processCount() : fileCount(cacheFile("runs.json"), engine);
}

/** The parts from which the core is built. */
export interface CoreParts extends Pick<Session, "client" | "machines" | "guard" | "nextSlot" | "clock" | "stop"> {
    readonly gatherMs?: number | undefined;
    readonly servesFinal?: boolean | undefined;
    readonly log: Log;
    readonly logPace?: Log | undefined;
}

/** Builds the core over one client. */
export function coreOver(
    parts: CoreParts,
): Omit<Session, "http" | "credentials" | "identify" | "ownNames" | "visibilityMs" | "paceMs"> {
    const { client, machines, guard, nextSlot, clock, stop, log, logPace, gatherMs, servesFinal = false } = parts;
    const observer = createObserver(
        client,
        createVerifiedList(client, log, "a re-issue"),
        clock,
        gatherMs === undefined ? { servesFinal } : { gatherMs, servesFinal },
    );
    const lastSeen = createLastSeen(machines);
    const queue: SendQueue = createSendQueue({
        observer,
        prefetch: guard.prefetch,
        lastSeen,
        nextSlot,
        isProofOwed: () => poller.isProofOwed(),
        clock,
        log,
        logPace,
        stop,
    });
    const poller = createPoller(observer, queue, clock, stop);
    return { client, machines, guard, nextSlot, clock, stop, observer, lastSeen, queue, poller, send: client.cancel };
}

async function freshToken(settings: Settings, cutOff: AbortSignal | undefined): Promise<FreshToken> {
    const { credential } = settings;
    if (credential.kind === "access token") {
        return { token: credential.accessToken, expiresAt: undefined };
    }
    // Loaded late, because a ready token does not need it.
    const { signIn } = await import("../sign-in/sign-in.ts");
    return signIn(credential, settings, cutOff);
}

/** The configured limits of the quota. */
export function quotaLimitsOf({ requestsPerMinute, requestsPerHour }: Settings): readonly Limit[] {
    return [
        { calls: requestsPerMinute, periodMs: minuteMs },
        { calls: requestsPerHour, periodMs: hourMs },
    ];
}

/**
 * Identifies the quota. The API counts by tenant and app ("Destination+TenantID+AppID"), so all processes that sign in
 * as the same app share a quota.
 */
export function quotaKeyOf({ apiUrl, credential }: Settings): QuotaKey {
    const apiHost = new URL(apiUrl).host;
    switch (credential.kind) {
        case "access token": {
            const { tenantId, appId } = readIdentity(credential.accessToken);
            return { apiHost, tenantId, appId };
        }
        case "managed identity":
            return { apiHost, tenantId: undefined, appId: credential.clientId ?? credential.kind };
        case "Azure CLI":
            return { apiHost, tenantId: credential.tenantId, appId: credential.kind };
        default:
            return { apiHost, tenantId: credential.tenantId, appId: credential.clientId };
    }
}

// On globalThis, so that two copies of the package in one process still share their reads.
const sessionsKey = Symbol.for("pulumi-defender-cancellation/sessions");
const shared = globalThis as { [sessionsKey]?: Map<string, CancelContext> };

/**
 * The session of this process for these settings. All resources with these settings share it. `engine` identifies the
 * run of this process; undefined if no engine started it. `logPace` takes the lines about waits at the quota's normal
 * pace; default: they are printed.
 */
export function sharedSession(settings: Settings, engine: string | undefined, logPace?: Log): CancelContext {
    shared[sessionsKey] ??= new Map();
    const key = JSON.stringify(settings);
    const session =
        shared[sessionsKey].get(key) ??
        openSession(settings, {
            cutOff: cutOffSignal(),
            runCount: countOfRun(engine),
            logPace,
        });
    shared[sessionsKey].set(key, session);
    return session;
}
