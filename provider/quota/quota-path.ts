import { createHash } from "node:crypto";
import { cacheFile } from "../system/shared-file/cache-file.ts";

/** Whose quota it is: the API counts by destination, tenant and app. */
export interface QuotaKey {
    readonly apiHost: string;
    readonly tenantId: string | undefined;
    readonly appId: string | undefined;
}

/** The file of one quota, in the user's cache folder. */
export function quotaFile(key: QuotaKey, environment: NodeJS.ProcessEnv = process.env): string {
    const text = JSON.stringify(
        [key.apiHost, key.tenantId ?? null, key.appId ?? null].map((part) => part?.toLowerCase()),
    );
    const name = createHash("sha256").update(text).digest("hex").slice(0, 24);
    return cacheFile(`quota-${name}.json`, environment);
}
