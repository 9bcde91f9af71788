import { type Listening, listen } from "../http/listening.ts";
import { isLoopback } from "../http/loopback.ts";
import { addressesOf } from "../http/own-addresses.ts";
import type { RecordedRequest } from "../http/request-record.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import { createPageFeed, type PageSources } from "./page-feed.ts";
import { createPageListener } from "./page-listener.ts";
import type { PageOptions } from "./page-options.ts";
import { createPageStreams } from "./page-streams.ts";

/** A live page that accepts requests. */
export interface LivePage extends Listening {
    recordRequest(request: RecordedRequest): void;
    recordSignIn(signIn: RecordedSignIn): void;
}

/** Starts the live page on an address of its own. */
export async function startPage(options: PageOptions, sources: PageSources): Promise<LivePage> {
    const { host = "127.0.0.1", port = 0, intervalMs = 500 } = options;
    const feed = createPageFeed(sources);
    const streams = createPageStreams(feed, intervalMs, sources.now);
    const hosts = isLoopback(host) ? ["127.0.0.1", "localhost", "[::1]", hostInUrl(host)] : undefined;
    const listener = createPageListener({ streams, hosts });
    const listening = await listen(listener, { host, port, certificate: undefined }).catch((cause: unknown) => {
        const isInUse = cause instanceof Error && (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
        const why = isInUse ? "this port is in use" : cause instanceof Error ? cause.message : String(cause);
        throw new Error(
            `The live page cannot be served on ${hostInUrl(host)}:${port}: ${why}. Choose another address: with the ` +
                "option `page`, or --page-address of the command.",
            { cause },
        );
    });
    // A phone cannot open the address that stands for all of this machine's, nor loopback.
    const [outside] = addressesOf(host);
    return {
        url: outside === undefined ? listening.url.toLowerCase() : `http://${outside}:${new URL(listening.url).port}`,
        recordRequest: feed.recordRequest,
        recordSignIn: feed.recordSignIn,
        async close() {
            streams.close();
            await listening.close();
        },
    };
}

function hostInUrl(host: string): string {
    return host.includes(":") ? `[${host}]` : host.toLowerCase();
}
