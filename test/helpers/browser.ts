import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { ExecutionContext } from "ava";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser of this system: Debian's package `chromium`, or a similar one. Undefined if there is none. */
function browserPath(): string | undefined {
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

/** The browser for a test, which passes without one, except in CI. `what`: the page that is then not opened. */
export function browserFor(t: ExecutionContext, what: string): string | undefined {
    const path = browserPath();
    if (path === undefined) {
        const missing = `no Chromium on the PATH (Debian: apt-get install chromium): ${what} was not opened`;
        if (process.env.CI) {
            t.fail(missing);
        } else {
            t.log(missing);
            t.pass();
        }
    }
    return path;
}

/** Starts the browser without a window. It has no sandbox, because in a container root may not create one. */
export function startBrowser(executablePath: string): Promise<Browser> {
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}
