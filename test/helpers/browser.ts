import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser of this system: Debian's package `chromium`, or a similar one. Undefined if there is none. */
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

/** Starts the browser without a window. It has no sandbox, because in a container root may not create one. */
export function startBrowser(executablePath: string): Promise<Browser> {
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}
