import { randomUUID } from "node:crypto";
import test from "ava";
import { cancelledActions } from "../../cli/audit/cancelled-actions.ts";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import type { Session } from "../../provider/session/session.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

test("an answer without a time does not hide that this machine's clock is ahead", async (t) => {
    const clock = recordedClock();
    const hour = 3_600_000;
    const dates = [new Date(clock.now() - hour).toUTCString(), "unknown"];
    await using api = await startApiServer(({ url }, nth) => ({
        headers: { date: dates[nth - 1] ?? "unknown" },
        body: {
            value: [{ id: randomUUID(), status: "Cancelled" }],
            "@odata.count": 2,
            ...(nth === 1 ? { "@odata.nextLink": `${api.url}${url}&$skip=1` } : {}),
        },
    }));
    const client = createDefenderClient(httpTo(api.url, { clock }));
    const { actions, aheadMs } = await cancelledActions({ client } as Session, t.log);
    t.is(actions.length, 2);
    t.true(aheadMs >= hour && aheadMs < hour + 60_000, `${aheadMs}`);
});
