import test from "ava";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import { unlessOutage } from "../../provider/lifecycles/outage.ts";
import { DefenderError } from "../../provider/model/errors.ts";

test("an outage ends the readings of the next 15 s, and not those after a clock that was set back", async (t) => {
    let now = Date.parse("2026-05-04T12:00:00Z");
    const context = { clock: { now: () => now } } as unknown as CancelContext;
    let asked = 0;
    const read = async () => {
        asked++;
        const failure = new DefenderError("ERR_DEFENDER_SERVER", "the API answered 500");
        return { result: { machineActionId: "", action: undefined, record: {}, failure } };
    };
    for (const id of ["1", "2", "3"]) {
        await unlessOutage(id, "refresh", context, read);
    }
    await t.throwsAsync(unlessOutage("4", "refresh", context, read), { message: /^no request was sent/ });
    now += 15_000;
    await unlessOutage("4", "refresh", context, read);
    now -= 24 * 3_600_000;
    await unlessOutage("5", "refresh", context, read);
    t.is(asked, 5);
});
