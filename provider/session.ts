import { createRequire } from "node:module";
import type { CancelContext } from "./cancel.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Settings } from "./config.ts";
import { readyToken } from "./credentials.ts";
import { createDefenderClient } from "./defender-client.ts";
import { stopSignal } from "./engine-process.ts";
import { createHttp } from "./http.ts";
import { createObserver } from "./observer.ts";

const { version: packageVersion } = createRequire(import.meta.url)("pulumi-defender-cancellation/package.json") as {
    version: string;
};

/** What belongs to the process and not to one resource. A test replaces the clock or the stop signal. */
export interface ProcessTies {
    readonly clock?: Clock;
    readonly stop?: AbortSignal;
}

/** Builds what the core works with: one client and one observer for one API and one credential. */
export function openSession(settings: Settings, ties: ProcessTies = {}): CancelContext {
    const credentials = readyToken(settings.accessToken);
    const stop = ties.stop ?? stopSignal();
    const http = createHttp({
        apiUrl: settings.apiUrl,
        credentials,
        userAgent: `pulumi-defender-cancellation/${packageVersion}`,
        stop,
    });
    const client = createDefenderClient(http);
    return {
        observer: createObserver(client),
        send: client.cancel,
        async identify() {
            const { appId, tenantId } = await credentials.identity();
            return { appId, tenantId, apiHost: new URL(settings.apiUrl).host, packageVersion };
        },
        clock: ties.clock ?? systemClock,
        stop,
        visibilityMs: settings.visibilityMs,
    };
}

// On globalThis: two copies of the package in one process still share their reads.
const sessionsKey = Symbol.for("pulumi-defender-cancellation/sessions");
const shared = globalThis as { [sessionsKey]?: Map<string, CancelContext> };

/** The session of this process for these settings: all resources that use them share it. */
export function sharedSession(settings: Settings): CancelContext {
    shared[sessionsKey] ??= new Map();
    const key = JSON.stringify(settings);
    const session = shared[sessionsKey].get(key) ?? openSession(settings);
    shared[sessionsKey].set(key, session);
    return session;
}
