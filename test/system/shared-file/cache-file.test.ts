import { homedir } from "node:os";
import { posix, win32 } from "node:path";
import test from "ava";
import { cacheFile } from "../../../provider/system/shared-file/cache-file.ts";

const own = "pulumi-defender-cancellation";

test("the shared files are in the user's cache folder of each system", (t) => {
    t.is(cacheFile("q.json", {}, "linux"), posix.join(homedir(), ".cache", own, "q.json"));
    t.is(cacheFile("q.json", {}, "darwin"), posix.join(homedir(), "Library/Caches", own, "q.json"));
    const LOCALAPPDATA = "C:\\Users\\Ann Lee\\AppData\\Local";
    t.is(cacheFile("q.json", { LOCALAPPDATA }, "win32"), `${LOCALAPPDATA}\\${own}\\q.json`);
});

test("XDG_CACHE_HOME counts on each system, and a path that is empty or relative counts on none", (t) => {
    t.is(cacheFile("q.json", { XDG_CACHE_HOME: "/cache" }, "linux"), `/cache/${own}/q.json`);
    t.is(cacheFile("q.json", { XDG_CACHE_HOME: "D:\\cache" }, "win32"), `D:\\cache\\${own}\\q.json`);
    t.is(cacheFile("q.json", { XDG_CACHE_HOME: "cache" }, "linux"), posix.join(homedir(), ".cache", own, "q.json"));
    const byProfile = win32.join(homedir(), "AppData", "Local", own, "q.json");
    for (const LOCALAPPDATA of ["", "AppData"]) {
        t.is(cacheFile("q.json", { LOCALAPPDATA }, "win32"), byProfile);
    }
});
