import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Links that open one download each without a token, as the links of a storage account do. */
export interface DownloadLinks {
    /** The path and query of a link to a download, which ends with its slash-separated name. */
    sign(name: string): string;
    /** Whether the query of a link opens this path now. */
    opens(path: string, query: string): boolean;
}

/** The first part of the path of each download. */
export const downloadsPath = "/investigation-actions-data/";

/** As documented for the results of a live response. */
const validForMs = 30 * 60_000;

/** Signs with a key of its own, on a clock (ms since the epoch). */
export function createDownloadLinks(now: () => number): DownloadLinks {
    const key = randomBytes(32);
    const signatureOf = (path: string, expiry: string): Buffer =>
        createHmac("sha256", key).update(`${path}\n${expiry}`).digest();

    return {
        sign(name) {
            const path = `${downloadsPath}${name}`;
            const se = new Date(now() + validForMs).toISOString().replace(/\.\d+Z$/, "Z");
            const sig = signatureOf(path, se).toString("base64");
            return `${path}?${new URLSearchParams({ se, sp: "r", sv: "2019-07-07", sr: "b", sig })}`;
        },
        opens(path, query) {
            const parameters = new URLSearchParams(query);
            const expiry = parameters.get("se") ?? "";
            const given = Buffer.from(parameters.get("sig") ?? "", "base64");
            const right = signatureOf(path, expiry);
            return given.length === right.length && timingSafeEqual(given, right) && Date.parse(expiry) > now();
        },
    };
}
