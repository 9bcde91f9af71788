import test from "ava";
import { isRequestUnderWay } from "../../provider/cancel/cancellation-state.ts";
import type { MachineAction } from "../../provider/machine-action.ts";
import { id } from "../helpers/core.ts";

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
    return isRequestUnderWay(sighting, record);
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
