import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

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

/** A file that the processes of one user share. */
export function cacheFile(name: string, environment: NodeJS.ProcessEnv = process.env): string {
    return join(cacheFolder(environment), "pulumi-defender-cancellation", name);
}

function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
    // A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
    if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) {
        return XDG_CACHE_HOME;
    }
    if (process.platform === "win32") {
        return LOCALAPPDATA ?? join(homeFolder(), "AppData", "Local");
    }
    return process.platform === "darwin" ? join(homeFolder(), "Library", "Caches") : join(homeFolder(), ".cache");
}

function homeFolder(): string {
    try {
        return homedir();
    } catch {
        // A container's user without HOME and without an entry in /etc/passwd. The store says what that leads to.
        return "/";
    }
}
