import type { ServerResponse } from "node:http";
import type { FeedMessage, PageFeed } from "./page-feed.ts";
import type { PageMessage } from "./page-message.ts";

/** The open pages. */
export interface PageStreams {
    /** Sends a page its first message, then each change. `lastId`: the last message that it got from an earlier stream. */
    open(response: ServerResponse, lastId: string | undefined): void;
    /** Tells every page that the simulator has ended, and ends the streams. */
    close(): void;
}

/** Reads the feed every `intervalMs` while at least one page is open, and sends each page what it does not have. */
export function createPageStreams(feed: PageFeed, intervalMs: number, now: () => number): PageStreams {
    /** The id of the last message that each page was sent. */
    const pages = new Map<ServerResponse, string | undefined>();
    let timer: NodeJS.Timeout | undefined;
    let closed = false;

    function send(response: ServerResponse, { id, message }: FeedMessage): void {
        pages.set(response, id);
        response.write(`id: ${id}\ndata: ${JSON.stringify(message)}\n\n`);
    }

    function update(): void {
        feed.refresh();
        // Most pages have the same state, and get the same message.
        const messages = new Map<string | undefined, FeedMessage>();
        for (const [response, lastId] of pages) {
            // A page that reads slowly gets its changes later, in one message.
            if (!response.writableNeedDrain) {
                const next = messages.get(lastId) ?? feed.messageAfter(lastId);
                messages.set(lastId, next);
                send(response, next);
            }
        }
    }

    function forget(response: ServerResponse): void {
        pages.delete(response);
        if (pages.size === 0) {
            clearInterval(timer);
            timer = undefined;
        }
    }

    return {
        open(response, lastId) {
            response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
            if (closed) {
                response.end();
                return;
            }
            response.write(`retry: ${reconnectMs}\n\n`);
            response.once("close", () => forget(response));
            feed.refresh();
            send(response, feed.messageAfter(lastId));
            timer ??= setInterval(update, intervalMs);
        },
        close() {
            closed = true;
            const message: PageMessage = { at: now(), kind: "ended" };
            for (const response of [...pages.keys()]) {
                response.end(`data: ${JSON.stringify(message)}\n\n`);
                forget(response);
            }
        },
    };
}

/** How long a browser waits before it opens a stream again. */
const reconnectMs = 1_000;
