import test from "ava";
import { readInitially } from "../../provider/cancel/run-cancellation.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

test("up waits out a 404 of an action that nobody has seen; a refresh does not, nor does who saw it", async (t) => {
    const seen = { status: "Pending", type: "Isolate", machineId: undefined };
    for (const [maySend, earlier, waitsMs] of [
        [true, undefined, 60_000],
        [true, { ...seen, status: undefined }, 60_000],
        [true, seen, 0],
        [false, undefined, 0],
        [false, seen, 0],
    ] as const) {
        await withApi([], async ({ context, clock }) => {
            const look = readInitially(targetOf(id, { earlier }), context, maySend);
            await t.throwsAsync(look, { code: "ERR_DEFENDER_NOT_FOUND" });
            // Twice as long each time, and no longer than is left.
            t.deepEqual(clock.sleeps, waitsMs === 0 ? [] : [2_000, 4_000, 8_000, 16_000, 30_000]);
            t.is(
                clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
                waitsMs,
            );
        });
    }
});

test("a stop ends the wait, and the failure says that nothing was requested", async (t) => {
    const stop = new AbortController();
    await withApi(
        [],
        async ({ context, clock }) => {
            await t.throwsAsync(readInitially(targetOf(id), context, true), {
                code: "ERR_DEFENDER_INTERRUPTED",
                message: /before its cancellation was requested/,
            });
            t.is(clock.sleeps.length, 1);
        },
        { stop: stop.signal, clock: recordedClock(() => stop.abort()) },
    );
});

test("any other failure is not waited out", async (t) => {
    await withApi(
        [{ id }],
        async ({ context }) => {
            await t.throwsAsync(readInitially(targetOf(id), context, true), { code: "ERR_DEFENDER_UNAUTHORIZED" });
        },
        { token: "another-token" },
    );
});
