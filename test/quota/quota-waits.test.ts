import test from "ava";
import { scheduleOf } from "../../provider/quota/quota-schedule.ts";
import { emptyUsage, hourMs, minuteMs, type QuotaUsage } from "../../provider/quota/quota-usage.ts";
import {
    isNormalPace,
    isWorthLogging,
    maxWaitsByDefault,
    tooLong,
    waitLine,
} from "../../provider/quota/quota-waits.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const configured = [
    { calls: 100, periodMs: minuteMs },
    { calls: 1_500, periodMs: hourMs },
];
const calls = (count: number, at: number): QuotaUsage => ({ ...emptyUsage, answered: Array<number>(count).fill(at) });
const pausedFor = (ms: number): QuotaUsage => ({ ...emptyUsage, pause: { until: now + ms, at: now, untimed: 0 } });
const byDefault = { ...maxWaitsByDefault, since: now };
const schedule = (usage: QuotaUsage) => scheduleOf(usage, configured, now);

const lines: readonly [what: string, usage: QuotaUsage, waiting: number, line: string][] = [
    [
        "the minute's quota",
        calls(100, now - 19_000),
        12,
        "waiting 41 s for the API's quota (100 a minute); 12 requests wait",
    ],
    [
        "the hour's quota",
        calls(1_500, now - 10 * minuteMs),
        1,
        "waiting 51 min for the API's quota (1500 an hour); 1 request waits",
    ],
    [
        "a quota of another period",
        { ...calls(5, now), learnt: [{ calls: 5, periodMs: 10_000, share: 5, at: now }] },
        2,
        "waiting 10 s for the API's quota (5 in 10 s); 2 requests wait",
    ],
    [
        "a quota that others use too",
        { ...calls(40, now), learnt: [{ calls: 100, periodMs: minuteMs, share: 40, at: now }] },
        2,
        "waiting 60 s for the API's quota (100 a minute, 40 of them for us: others use it too); 2 requests wait",
    ],
    [
        "a long pause",
        pausedFor(3_600_000),
        1,
        "the API asks for a pause of 60 min; 1 request waits; in 15 min one request tests whether the API accepts requests again",
    ],
    ["a pause", pausedFor(120_000), 12, "the API asks for a pause of 120 s; 12 requests wait"],
];

for (const [what, usage, waiting, line] of lines) {
    test(`a wait for ${what} is said in human words`, (t) => {
        t.is(waitLine(schedule(usage), waiting, now), line);
    });
}

test("a wait for a limit that is not known names none", (t) => {
    const unknown = { ...schedule(calls(100, now - 19_000)), heldBy: undefined };
    t.is(waitLine(unknown, 1, now), "waiting 41 s for the API's quota; 1 request waits");
});

test("only a wait for the configured quota of a minute, which no others use, is the normal pace", (t) => {
    const shared = { calls: 100, periodMs: minuteMs, share: 40, at: now };
    const isNormal = (usage: QuotaUsage) => isNormalPace(schedule(usage), configured);
    t.true(isNormal(calls(100, now - 19_000)));
    t.false(isNormal(calls(1_500, now - 10 * minuteMs)));
    t.false(isNormal({ ...calls(40, now), learnt: [shared] }));
    t.false(isNormal({ ...calls(50, now), learnt: [{ ...shared, calls: 50, share: 50 }] }));
    t.false(isNormal(pausedFor(120_000)));
    t.false(isNormal(emptyUsage));
});

test("a short wait is not worth a line, nor is one that was said", (t) => {
    t.false(isWorthLogging(schedule(emptyUsage), 0, now));
    t.false(isWorthLogging(schedule(pausedFor(3_000)), 0, now));
    t.true(isWorthLogging(schedule(pausedFor(3_001)), 0, now));
    t.false(isWorthLogging(schedule(pausedFor(9_000)), now + 8_000, now));
    t.false(isWorthLogging(schedule(pausedFor(11_000)), now + 8_000, now));
    t.true(isWorthLogging(schedule(pausedFor(11_001)), now + 8_000, now));
    t.true(isWorthLogging(schedule(pausedFor(90_000)), now + 8_000, now));
});

test("a long pause is waited for until a request may ask, for as long as one may wait since it began to", (t) => {
    const asked = pausedFor(86_400_000);
    t.is(tooLong(schedule(asked), byDefault, 0, now), undefined);
    const later = now + 15 * minuteMs;
    const pause = { until: now + 86_400_000, at: later, since: now, untimed: 0 };
    const refusedAgain = scheduleOf({ ...emptyUsage, pause }, configured, later);
    const error = tooLong(refusedAgain, byDefault, 0, later);
    t.is(error?.code, "ERR_DEFENDER_THROTTLED");
    t.is(
        error?.message,
        "A request was not sent: the API asks for a pause of 1425 min, longer than the 15 min it may wait. " +
            "Run again after 2026-05-05 07:30:00Z. Its first request tests whether the API accepts requests again",
    );
    t.is(
        tooLong(refusedAgain, { ...byDefault, since: now + 15 * minuteMs }, 0, later)?.code,
        undefined,
        "who has come since waits on",
    );
});

test("a wait for the quota is not counted as one for a pause that came later", (t) => {
    const pause = { until: now + 86_400_000, at: now, since: now, untimed: 0 };
    const held = scheduleOf({ ...emptyUsage, pause }, configured, now);
    t.is(tooLong(held, { ...byDefault, since: now - hourMs }, 0, now), undefined);
});

test("an hour's quota that is used up is waited for, by default", (t) => {
    t.is(tooLong(schedule(calls(1_500, now)), byDefault, 0, now), undefined);
});

test("who has too many others before it is turned away at once", (t) => {
    const used = schedule(calls(1_500, now - 1_000));
    t.is(tooLong(used, byDefault, 1_499, now), undefined);
    t.regex(
        tooLong(used, byDefault, 1_500, now)?.message ?? "",
        /the API's quota \(1500 an hour\) is used up for 121 min, longer than the 62 min .* after 2026-05-05 09:00:07Z$/,
    );
    t.is(tooLong(schedule(emptyUsage), byDefault, 1_499, now), undefined);
});

test("a pause and the quota have a bound each", (t) => {
    const patientInPauses = { maxPauseMs: 60_000, maxQuotaMs: 5_000, since: now };
    t.is(tooLong(schedule(pausedFor(10_000)), patientInPauses, 0, now), undefined);
    const learnt = [{ calls: 100, periodMs: minuteMs, share: 40, at: now }];
    const shared = schedule({ ...calls(40, now), learnt });
    const wait = (maxQuotaMs: number) =>
        tooLong(shared, { maxPauseMs: 0, maxQuotaMs, since: now }, 0, now)?.message ?? "";
    t.is(shared.slotFor(0).at, now, "others may go and leave all to us");
    t.regex(wait(60_059), /100 a minute, 40 of them for us: others use it too\) is used up for 60 s/);
    t.is(wait(60_060), "", "a wait that is just as long as it may be");
});

test("a bound of the caller's own turns it away sooner", (t) => {
    const longest = { maxPauseMs: 10_000, maxQuotaMs: 10_000, since: now };
    t.regex(
        tooLong(schedule(pausedFor(11_000)), longest, 0, now)?.message ?? "",
        /pause of 11 s, longer than the 10 s/,
    );
    t.regex(tooLong(schedule(calls(100, now)), longest, 0, now)?.message ?? "", /\(100 a minute\) is used up for 60 s/);
    t.is(tooLong(schedule(calls(99, now)), longest, 0, now), undefined);
});

test("a pause may be waited for just as long as the caller said, and half a minute longer for its probe", (t) => {
    const longest = { maxPauseMs: 10_000, maxQuotaMs: 0, since: now };
    t.is(tooLong(schedule(pausedFor(10_000)), longest, 0, now), undefined);
    const message = tooLong(schedule(pausedFor(10_001)), longest, 0, now)?.message;
    t.regex(message ?? "", /pause of 10 s, longer than the 10 s it may wait\. Run again after 2026-05-05 07:00:11Z$/);
    const probe = 15 * minuteMs;
    const patience = (maxPauseMs: number) => tooLong(schedule(pausedFor(hourMs)), { ...longest, maxPauseMs }, 0, now);
    t.is(patience(probe - 30_000), undefined);
    t.regex(patience(probe - 30_001)?.message ?? "", /after 2026-05-05 07:15:00Z\. Its first request tests whether /);
});

/** All calls of a learnt limit were just made. It is doubted, so a probe may be sent after 15 minutes. */
const doubted = schedule({ ...calls(5, now), learnt: [{ calls: 5, periodMs: hourMs, share: 5, at: now }] });

test("a limit that a probe will test is waited for until then, since the request began to wait", (t) => {
    t.is(doubted.probeAt, now + 15 * minuteMs);
    const wait = (maxQuotaMs: number, since = now) =>
        tooLong(doubted, { maxPauseMs: 0, maxQuotaMs, since }, 0, now)?.message;
    t.is(wait(15 * minuteMs), undefined);
    t.is(
        wait(15 * minuteMs - 1),
        "A request was not sent: the API's quota (5 an hour) is used up for 61 min, longer than the 15 min it may " +
            "wait. Run again after 2026-05-05 07:15:00Z. Its first request tests whether the API accepts requests again",
    );
    t.is(wait(20 * minuteMs, now - 5 * minuteMs), undefined);
    t.regex(wait(20 * minuteMs, now - 5 * minuteMs - 1) ?? "", /is used up for 61 min, longer than the 20 min /);
});

test("a limit that no probe will test is waited for anew each time, however long the request has waited", (t) => {
    const used = schedule(calls(100, now));
    t.is(used.probeAt, undefined);
    t.is(tooLong(used, { maxPauseMs: 0, maxQuotaMs: 2 * minuteMs, since: now - hourMs }, 0, now), undefined);
});

test("who has too many others before it is turned away in a pause, too", (t) => {
    const usage = { ...calls(1_500, now - 1_000), pause: { until: now + 2 * hourMs, at: now, untimed: 0 } };
    const held = schedule(usage);
    t.is(held.heldBy, "pause");
    const patient = { ...byDefault, maxPauseMs: 2 * hourMs };
    t.is(tooLong(held, patient, 1_499, now), undefined);
    t.regex(tooLong(held, patient, 1_500, now)?.message ?? "", /\(1500 an hour\) is used up for 121 min/);
});

test("when a request's turn and the limit that holds now give the same time, that limit is named", (t) => {
    const learnt = [{ calls: 100, periodMs: minuteMs, share: 40, at: now }];
    const shared = schedule({ ...calls(40, now), learnt });
    t.is(shared.slotFor(60).at, shared.at);
    t.regex(
        tooLong(shared, { maxPauseMs: 0, maxQuotaMs: 0, since: now }, 60, now)?.message ?? "",
        /100 a minute, 40 of them for us: others use it too\) is used up for 60 s/,
    );
});
