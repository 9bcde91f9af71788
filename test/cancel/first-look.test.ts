import test from "ava";
import { firstLook, isRequestUnderWay } from "../../provider/cancel/first-look.ts";
import type { MachineAction } from "../../provider/machine-action.ts";
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
            const look = firstLook(targetOf(id, { earlier }), context, maySend);
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
            await t.throwsAsync(firstLook(targetOf(id), context, true), {
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
            await t.throwsAsync(firstLook(targetOf(id), context, true), { code: "ERR_DEFENDER_UNAUTHORIZED" });
        },
        { token: "another-token" },
    );
});

const now = Date.parse("2026-05-05T07:00:00Z");
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
const minute = 60_000;

/** Whether a cancellation that the API dates then is taken for one that is under way. */
function isUnderWay(requestedAt: number | undefined, confirmedAt?: number, date?: string): boolean {
    const action: MachineAction = {
        id,
        status: "Pending",
        cancellationDateTimeUtc: requestedAt === undefined ? undefined : utc(requestedAt),
        commands: [],
    };
    const record = { confirmedAtUtc: confirmedAt === undefined ? undefined : utc(confirmedAt) };
    const sighting = { action, raw: {}, correlationId: undefined, date, call: 1, beganAt: now, receivedAt: now };
    return isRequestUnderWay(sighting, record, now);
}

test("a cancellation that the API dates a moment ago is under way", (t) => {
    t.false(isUnderWay(undefined));
    t.true(isUnderWay(now));
    t.true(isUnderWay(now - 14 * minute));
    t.false(isUnderWay(now - 15 * minute));
    // Clocks differ a little, never by much.
    t.true(isUnderWay(now + minute / 2));
    t.false(isUnderWay(now + minute));
});

test("what was proven since is over: an action that goes on after that was resumed", (t) => {
    t.false(isUnderWay(now - minute, now - minute));
    t.false(isUnderWay(now - minute, now));
    t.true(isUnderWay(now, now - minute));
});

test("the API's own clock decides how long ago that was", (t) => {
    const ahead = new Date(now + 60 * minute).toUTCString();
    t.false(isUnderWay(now, undefined, ahead));
    t.true(isUnderWay(now + 59 * minute, undefined, ahead));
    t.true(isUnderWay(now, undefined, "no date"));
});
