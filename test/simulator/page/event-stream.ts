import type { PageMessage } from "../../../simulator/page/page-message.ts";

/** One event of a stream, as a browser would see it. */
export interface StreamEvent {
    id: string | undefined;
    message: PageMessage;
}

/** A page that is open without a browser. */
export interface OpenStream {
    response: Response;
    /** The next event; undefined when the server has ended the stream. */
    next(): Promise<StreamEvent | undefined>;
    /** Reads events up to the first one that fits. Throws when the stream ends before. */
    until(fits: (message: PageMessage) => boolean): Promise<StreamEvent>;
    close(): void;
}

/** Opens the stream of a live page by hand. */
export async function openStream(pageUrl: string | undefined, lastId?: string): Promise<OpenStream> {
    const abort = new AbortController();
    const response = await fetch(`${pageUrl}/events`, {
        signal: abort.signal,
        headers: { accept: "text/event-stream", ...(lastId === undefined ? {} : { "last-event-id": lastId }) },
    });
    const events = eventsOf(response);
    const stream: OpenStream = {
        response,
        next: async () => (await events.next()).value ?? undefined,
        async until(fits) {
            for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
                if (fits(event.message)) {
                    return event;
                }
            }
            throw new Error("The stream ended.");
        },
        close: () => abort.abort(),
    };
    return stream;
}

async function* eventsOf({ body }: Response): AsyncGenerator<StreamEvent, undefined> {
    let text = "";
    for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
            const fields = new Map(block.split("\n").map((line) => [line.split(": ")[0], line.replace(/^\w+: /, "")]));
            const data = fields.get("data");
            if (data !== undefined) {
                yield { id: fields.get("id"), message: JSON.parse(data) as PageMessage };
            }
        }
    }
}
