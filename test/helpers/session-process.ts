// A process of its own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.

import { errorLine } from "../../provider/model/errors.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import type { SessionQuestion, SessionReply } from "./session.ts";

let ahead = 0;
const clock = { now: () => Date.now() + ahead, sleep: () => Promise.resolve() };

function session() {
    const settings = readSettings(() => undefined, process.env);
    return openSession(settings, { clock, quotaStore: memoryStore(), stop: new AbortController().signal });
}

let opened: ReturnType<typeof session> | undefined;

process.on("message", async ({ machineActionId, aheadMs = 0 }: SessionQuestion) => {
    let reply: SessionReply;
    try {
        ahead += aheadMs;
        opened ??= session();
        const { action } = await opened.observer.read(machineActionId);
        const { appId, tenantId } = await opened.identify();
        reply = { status: action.status, appId, tenantId };
    } catch (error) {
        reply = { error: errorLine(error), stack: String((error as { stack?: unknown }).stack) };
    }
    process.send?.(reply);
});
process.on("disconnect", () => process.exit());
