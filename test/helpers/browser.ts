import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser of this system: Debian's package `chromium`, or one like it. Undefined where there is none. */
export function browserPath(): string | undefined {
    const folders = (process.env.PATH ?? "").split(delimiter);
    return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** Starts it without a window. It has no sandbox of its own: in a container, root may not set one up. */
export function startBrowser(executablePath: string): Promise<Browser> {
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}
