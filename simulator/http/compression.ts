import { promisify } from "node:util";
import { constants, deflate, deflateRaw, gzip } from "node:zlib";
import type { Reply } from "./reply.ts";

/** Which answers are compressed, of those whose client accepts it. `now and then`: each seventh, as production's are. */
export type Compression = "always" | "never" | "now and then";

/** The bytes of a body, and the headers that describe their encoding. */
export interface EncodedBody {
    bytes: Buffer;
    headers: Readonly<Record<string, string>>;
}

/** Encodes the body of a reply for a client that sent this Accept-Encoding. */
export type BodyEncoder = (reply: Reply, accepted: string | undefined) => EncodedBody | Promise<EncodedBody>;

/** In the order in which they take turns. Some servers send deflate without the header of zlib. */
const forms = [
    { encoding: "deflate", compress: promisify(deflate) },
    { encoding: "deflate", compress: promisify(deflateRaw) },
    { encoding: "gzip", compress: promisify(gzip) },
] as const;

const everyNth: Readonly<Record<Compression, number>> = {
    always: 1,
    never: Number.POSITIVE_INFINITY,
    "now and then": 7,
};

/** Compresses answers in a fixed pattern: it depends on the number of answers that could have been compressed before. */
export function createEncoder(compression: Compression): BodyEncoder {
    const nth = everyNth[compression];
    let candidates = 0;
    let compressed = 0;
    return (reply, accepted) => {
        const bytes = Buffer.from(reply.body);
        if (nth === Number.POSITIVE_INFINITY || !isCompressible(reply)) {
            return { bytes, headers: {} };
        }
        const usable = forms.filter(({ encoding }) => accepts(accepted ?? "", encoding));
        candidates += usable.length > 0 ? 1 : 0;
        const form = candidates % nth === 0 ? usable[compressed % usable.length] : undefined;
        if (form === undefined) {
            return { bytes, headers: {} };
        }
        compressed += 1;
        const headers = { "content-encoding": form.encoding, vary: "Accept-Encoding" };
        // The fastest level, because long lists would otherwise take several times as long.
        return form.compress(bytes, { level: constants.Z_BEST_SPEED }).then((packed) => ({ bytes: packed, headers }));
    };
}

/** Only the API's own answers are compressed, not its errors, and not what a fault puts in their place. */
function isCompressible({ status, granted, body, headers }: Reply): boolean {
    return granted !== undefined && status === granted.status && body !== "" && headers["odata-version"] !== undefined;
}

function accepts(acceptEncoding: string, encoding: string): boolean {
    return acceptEncoding
        .toLowerCase()
        .split(",")
        .some((entry) => {
            const [name, ...parameters] = entry.split(";").map((part) => part.trim());
            return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
        });
}
