import type { IncomingMessage } from "node:http";
import { ApiError } from "./errors.ts";

const longestBody = 1_000_000;

/** Reads a request's body; throws 413 when it is too long. */
export async function readRequestText(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length <= longestBody) {
            chunks.push(chunk);
        }
    }
    if (length > longestBody) {
        throw new ApiError(413, "RequestTooLarge", `A request body has at most ${longestBody} bytes.`);
    }
    return Buffer.concat(chunks).toString();
}
