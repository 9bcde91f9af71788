/**
 * A process of its own that uses a quota's file:
 *
 * - `call FILE URL COUNT CALLS PERIOD_MS`: sends COUNT requests under the quota, and prints how many were refused;
 * - `hold FILE`: is killed while it holds the lock;
 * - `idle FILE`: uses the quota once, reports that, and then does nothing; `idle` without a file only waits.
 */

import { createQuota } from "../../provider/quota/quota.ts";
import { fileStore } from "../../provider/quota/quota-file.ts";
import { systemClock } from "../../provider/system/clock.ts";

const [mode, file = "", url = "", count, calls, periodMs] = process.argv.slice(2);
const log = (line: string) => console.error(line);
const stop = new AbortController().signal;

function openQuota(limit = { calls: 10, periodMs: 1_000 }) {
    return createQuota({ limits: [limit], store: fileStore(file, log), clock: systemClock, log, stop });
}

async function callAll(): Promise<void> {
    const quota = openQuota({ calls: Number(calls), periodMs: Number(periodMs) });
    let refused = 0;
    async function call(): Promise<void> {
        using lease = await quota.acquire();
        const { status, headers } = await fetch(url);
        if (status === 429) {
            refused++;
            await lease.refused({ retryAfter: headers.get("retry-after") ?? undefined, message: "" });
        }
    }
    await Promise.all(Array.from({ length: Number(count) }, call));
    console.log(refused);
}

switch (mode) {
    case "call":
        await callAll();
        break;
    case "hold":
        await fileStore(file, log).update(() => process.kill(process.pid, "SIGKILL") as never);
        break;
    default:
        if (file) {
            using _ = await openQuota().acquire();
        }
        setInterval(() => {}, 60_000);
        console.log("ready");
}
