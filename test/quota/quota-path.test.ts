import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import test from "ava";
import { quotaFile } from "../../provider/quota/quota-file.ts";

const key = { apiHost: "api.security.microsoft.com", tenantId: "a-tenant", appId: "an-app" };

test("each quota has a file of its own in the user's cache folder, whose name tells nothing", (t) => {
    const environment = { XDG_CACHE_HOME: "/cache" };
    const file = quotaFile(key, environment);
    t.regex(file, /^\/cache\/pulumi-defender-cancellation\/quota-[0-9a-f]{24}\.json$/);
    t.is(quotaFile({ ...key, tenantId: "A-TENANT" }, environment), file);
    t.is(
        basename(file),
        "quota-6f7f51a3bdcbf5c2b2a311bd.json",
        "the same with each release, because releases share it",
    );
    const others = [{ apiHost: "eu.api.security.microsoft.com" }, { tenantId: "another" }, { appId: undefined }];
    t.is(new Set([file, ...others.map((other) => quotaFile({ ...key, ...other }, environment))]).size, 4);
    if (process.platform === "linux") {
        t.is(dirname(dirname(quotaFile(key, {}))), join(homedir(), ".cache"));
        t.is(dirname(dirname(quotaFile(key, { XDG_CACHE_HOME: "relative" }))), join(homedir(), ".cache"));
    }
});
