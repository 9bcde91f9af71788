import type { IncomingMessage } from "node:http";
import { ApiError } from "./errors.ts";

const maxBody = 1_000_000;

/** Reads a request's body; throws 413 when it is too long. */
export async function readRequestText(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length <= maxBody) {
            chunks.push(chunk);
        }
    }
    if (length > maxBody) {
        throw new ApiError(413, "RequestTooLarge", `A request body has at most ${maxBody} bytes.`);
    }
    return Buffer.concat(chunks).toString();
}
