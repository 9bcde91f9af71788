import { createHttp, type Http, type HttpOptions } from "../../provider/api/http.ts";
import { createQuota } from "../../provider/quota/quota.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { type Credentials, createCredentials } from "../../provider/sign-in/credentials.ts";
import { type Clock, systemClock } from "../../provider/system/clock.ts";

/** Credentials that hold one ready token. */
export function readyToken(token: string): Credentials {
    return createCredentials(async () => ({ token, expiresAt: undefined }), systemClock);
}

/** The real client with a quota that a test does not reach, and everything else as given. */
export function httpTo(apiUrl: string, changes: Partial<HttpOptions> = {}): Http {
    const { clock = systemClock as Clock, stop = new AbortController().signal } = changes;
    return createHttp({
        apiUrl,
        credentials: readyToken("client-token"),
        quota: createQuota({
            limits: [{ calls: 10_000, periodMs: 60_000 }],
            store: memoryStore(),
            clock,
            log: () => {},
            stop,
        }),
        userAgent: "test/1",
        clock,
        stop,
        ...changes,
    });
}
