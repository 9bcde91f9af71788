import type { IncomingMessage } from "node:http";
import { ApiError } from "./errors.ts";

const maxBody = 1_000_000;
/** The API accepts files of 20 MB. */
const maxForm = 21_000_000;

/** Reads a request's body; throws 413 when it is too long. A form is read with one character for each byte. */
export async function readRequestText(request: IncomingMessage): Promise<string> {
    const isForm = /^multipart\//i.test(request.headers["content-type"] ?? "");
    const limit = isForm ? maxForm : maxBody;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length <= limit) {
            chunks.push(chunk);
        }
    }
    if (length > limit) {
        throw new ApiError(413, "RequestTooLarge", `A request body has at most ${limit} bytes.`);
    }
    return Buffer.concat(chunks).toString(isForm ? "latin1" : "utf8");
}
