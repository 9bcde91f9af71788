import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** A file that the processes of one user share, in the user's cache folder. */
export function cacheFile(
    name: string,
    environment: NodeJS.ProcessEnv = process.env,
    platform: NodeJS.Platform = process.platform,
): string {
    const { join } = platform === "win32" ? win32 : posix;
    return join(cacheFolder(environment, platform), "pulumi-defender-cancellation", name);
}

function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
    const { isAbsolute, join } = platform === "win32" ? win32 : posix;
    // A relative path must be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
    if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) {
        return XDG_CACHE_HOME;
    }
    if (platform === "win32") {
        return LOCALAPPDATA && isAbsolute(LOCALAPPDATA) ? LOCALAPPDATA : join(homeFolder(), "AppData", "Local");
    }
    return platform === "darwin" ? join(homeFolder(), "Library", "Caches") : join(homeFolder(), ".cache");
}

function homeFolder(): string {
    try {
        return homedir();
    } catch {
        // A container's user may have neither HOME nor an entry in /etc/passwd. Then the store logs that it cannot use
        // the file.
        return "/";
    }
}
