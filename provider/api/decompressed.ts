import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";

/**
 * The only encoding that requests accept. Servers disagree on the meaning of `deflate`, and the other encodings save
 * nothing here.
 */
export const acceptedEncoding = "gzip";

export interface Decompressed {
    readonly chunks: AsyncIterable<Uint8Array>;
    /** Whether the source failed, as opposed to its decompression. */
    failedOnTheWay(): boolean;
}

/**
 * Removes the Content-Encoding of a body. Known encodings are decoded even if the request did not ask for them, because
 * proxies add compression. `encoding` is called when the body begins.
 */
export async function decompressed(
    source: AsyncIterable<Uint8Array>,
    encoding: () => string | undefined,
): Promise<Decompressed | { readonly instead: string; readonly isExcess: false }> {
    const iterator = source[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    for (let size = 0; size < 2; ) {
        const { done, value } = await iterator.next();
        if (done) {
            break;
        }
        head.push(value);
        size += value.length;
    }
    const name = (encoding() ?? "").trim().toLowerCase();
    const first = Buffer.concat(head);
    // An empty body is not compressed, even under a Content-Encoding.
    if (first.length === 0 || name === "" || name === "identity") {
        return { chunks: resumed(head, iterator), failedOnTheWay: () => true };
    }
    const decoder = decoderOf(name, first);
    if (!decoder) {
        return { instead: `a body in the encoding ${JSON.stringify(name.slice(0, 40))}`, isExcess: false };
    }
    let failed = false;
    async function* compressed(): AsyncGenerator<Uint8Array> {
        try {
            yield* resumed(head, iterator);
        } catch (error) {
            failed = true;
            throw error;
        }
    }
    // The callback does nothing, because the iteration over the decoder throws the errors.
    return {
        chunks: pipeline(Readable.from(compressed()), decoder, () => {}),
        failedOnTheWay: () => failed,
    };
}

/**
 * Iterates over a body from its start, although its head has already been read. This is not a generator, because a
 * generator would cost extra time for each chunk.
 */
function resumed(head: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
    const iterator: AsyncIterator<Uint8Array> = {
        next() {
            const value = head.shift();
            return value ? Promise.resolve({ done: false, value }) : rest.next();
        },
        return: async (value) => (await rest.return?.(value)) ?? { done: true, value },
    };
    return { [Symbol.asyncIterator]: () => iterator };
}

function decoderOf(name: string, first: Buffer): Transform | undefined {
    switch (name) {
        case "gzip":
        case "x-gzip":
            return createGunzip();
        case "deflate":
            return hasZlibHeader(first) ? createInflate() : createInflateRaw();
        case "br":
            return createBrotliDecompress();
        default:
            return undefined;
    }
}

/** Whether the data has the header of RFC 1950, section 2.2. Many servers send deflate without this header. */
function hasZlibHeader([method = 0, flags = 0]: Buffer): boolean {
    return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
