import test from "ava";
import { limitNamed, pauseAsked, type QuotaRefusal, withRefusal } from "../../provider/quota/quota-refusal.ts";
import {
    emptyUsage,
    hourMs,
    minuteMs,
    type QuotaUsage,
    withAnswer,
    withLease,
} from "../../provider/quota/quota-usage.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const configured = [
    { calls: 100, periodMs: minuteMs },
    { calls: 1_500, periodMs: hourMs },
];
const words = (calls: number, period = "00:01:00") =>
    `API calls quota exceeded! Maximum allowed ${calls} per ${period} for the key Destination+TenantID+AppID. ` +
    "You can send requests again in 8 seconds.";
const refusal = (changes: Partial<QuotaRefusal> = {}): QuotaRefusal => ({
    retryAfter: "8",
    message: words(45),
    ...changes,
});

/** So many calls, each answered at once. */
const answered = (count: number, at = now - 1_000): QuotaUsage => ({
    ...emptyUsage,
    answered: Array.from({ length: count }, () => at),
});
const refuse = (usage: QuotaUsage, said: QuotaRefusal, at = now) =>
    withRefusal(withLease(usage, "lease", at), "lease", said, configured, at);

const pauses: readonly [Partial<QuotaRefusal>, number | undefined][] = [
    [{ retryAfter: "30", message: "" }, 30_000],
    [{ retryAfter: " 1.5 ", message: "" }, 1_500],
    [{ retryAfter: "8" }, 8_000],
    [{ retryAfter: "3" }, 8_000],
    [{ retryAfter: undefined }, 8_000],
    [{ retryAfter: "Tue, 05 May 2026 07:01:00 GMT", message: "" }, 60_000],
    [
        {
            retryAfter: "Tue, 05 May 2026 09:01:00 GMT",
            date: "Tue, 05 May 2026 09:00:20 GMT",
            message: "",
        },
        40_000,
    ],
    [{ retryAfter: "Tue, 05 May 2026 06:00:00 GMT", message: "" }, 1_000],
    [{ retryAfter: "0", message: "" }, 1_000],
    [{ retryAfter: "12.75", message: "" }, 12_750],
    [{ retryAfter: undefined, message: "You can send requests again in 41 seconds." }, 41_000],
    [{ retryAfter: undefined, message: "You can send requests again in 2 second." }, 2_000],
    [{ retryAfter: "05 May 2026 07:01:00 GMT", message: "" }, 60_000],
    [{ retryAfter: "1e5", message: "" }, undefined],
    [{ retryAfter: "-5", message: "" }, undefined],
    [{ retryAfter: "8 s", message: "" }, undefined],
    [{ retryAfter: "about 8", message: "" }, undefined],
    [{ retryAfter: "9".repeat(400), message: "" }, 24 * hourMs],
    [{ retryAfter: "soon", message: "" }, undefined],
    [{ retryAfter: "in May 8", message: "" }, undefined],
    [{ retryAfter: "", message: "Too many requests" }, undefined],
];

for (const [said, pauseMs] of pauses) {
    test(`a refusal that says ${JSON.stringify(said).slice(0, 80)} asks for a pause of ${pauseMs} ms`, (t) => {
        t.is(pauseAsked(refusal(said), now), pauseMs);
    });
}

test("a limit and its period are read from the API's words", (t) => {
    t.deepEqual(limitNamed(words(30)), { calls: 30, periodMs: 60_000 });
    t.deepEqual(limitNamed(words(5, "00:00:10")), { calls: 5, periodMs: 10_000 });
    t.deepEqual(limitNamed(words(1_500, "01:00:00")), { calls: 1_500, periodMs: hourMs });
    t.deepEqual(limitNamed(words(1, "00:00:01")), { calls: 1, periodMs: 1_000 });
});

test("words that name no limit that could be kept teach none", (t) => {
    const tooMany = words(30).replace("30", "9".repeat(400));
    for (const message of ["", "slow down", words(0), tooMany, words(10, "00:00:00"), words(9_000, "24:00:00")]) {
        t.is(limitNamed(message), undefined, message);
    }
});

test("a limit that our own calls have reached is learnt whole", (t) => {
    const { learnt } = refuse(answered(45), refusal());
    t.deepEqual(learnt, [{ calls: 45, periodMs: minuteMs, share: 45, at: now }]);
});

test("a limit that our own calls have not reached is shared with others: ours is what we got", (t) => {
    t.like(refuse(answered(30), refusal()).learnt[0], { calls: 45, share: 30 });
});

test("what explains a refusal are our answers in the period of the limit, up to the one that was one too many", (t) => {
    const share = (usage: QuotaUsage, said = refusal()) => refuse(usage, said).learnt[0]?.share;
    t.is(share(answered(44)), 44);
    t.is(share(answered(45)), 45);
    const hourAgo = answered(20, now - 2 * minuteMs).answered;
    t.is(
        share({ ...emptyUsage, answered: [...hourAgo, ...answered(24).answered] }),
        24,
        "older ones were not got in it",
    );
    t.is(share({ ...emptyUsage, answered: [...answered(1, now - minuteMs).answered, ...answered(30).answered] }), 30);
});

test("a refusal that our own calls explain leaves our share as it was, although some of them were refused", (t) => {
    const usage = answered(45);
    const refused = usage.answered.slice(0, 5);
    t.like(refuse({ ...usage, refused }, refusal()).learnt[0], { share: 45 });
    t.like(refuse({ ...answered(44), refused }, refusal()).learnt[0], { share: 39 }, "others made one of the calls");
});

test("a limit of an hour is not measured by what is configured for a minute", (t) => {
    const usage = refuse(answered(300), refusal({ message: words(500, "01:00:00") }));
    t.like(usage.learnt[0], { calls: 500, share: 300 });
});

test("a share is at least halved, not more: a period that others had used up says nothing of the next", (t) => {
    const first = refuse(answered(1), refusal());
    t.like(first.learnt[0], { calls: 45, share: 22 });
    t.like(refuse({ ...first, answered: [] }, refusal(), now + 10_000).learnt[0], { calls: 45, share: 11 });
    let usage = first;
    for (let look = 1; look < 10; look++) {
        usage = refuse({ ...usage, answered: [] }, refusal(), now + look * 5_000);
    }
    t.like(usage.learnt[0], { share: 1 });
});

test("what was refused was not got", (t) => {
    const usage = answered(30);
    t.like(refuse({ ...usage, refused: usage.answered.slice(0, 5) }, refusal()).learnt[0], { share: 25 });
});

test("refusals without a time are one while their calls began before the first of them", (t) => {
    const silent = { retryAfter: undefined, message: "" };
    const untimedAfter = (began: number, untimed: number) => {
        const usage = { ...emptyUsage, open: { lease: began }, pause: { until: now + 10_000, at: now, untimed } };
        return withRefusal(usage, "lease", silent, configured, now + 500).pause?.untimed;
    };
    t.deepEqual(
        [now - 1, now, now + 1].map((began) => untimedAfter(began, 2)),
        [2, 2, 3],
    );
    t.is(untimedAfter(now, 0), 1, "the first one gave a time");
});

test("calls that were under way together are refused once", (t) => {
    const begun = ["a", "b", "c"].reduce((usage, lease) => withLease(usage, lease, now), emptyUsage);
    const refused = ["a", "b", "c"].reduce(
        (usage, lease, nth) => withRefusal(usage, lease, refusal({ retryAfter: undefined }), configured, now + nth),
        begun,
    );
    t.like(refused.learnt[0], { share: 22 });
    t.deepEqual(refused.open, {});
    t.deepEqual(refused.answered, [now, now + 1, now + 2]);
    t.deepEqual(refused.refused, refused.answered);
});

test("a configured limit below the API's is where a share begins", (t) => {
    const low = [{ calls: 20, periodMs: minuteMs }];
    const usage = withRefusal(withLease(emptyUsage, "lease", now), "lease", refusal({ message: words(100) }), low, now);
    t.like(usage.learnt[0], { calls: 100, share: 10 });
});

test("limits of different periods are kept beside each other, and the newest word on a period counts", (t) => {
    const minute = refuse(answered(45), refusal());
    const hour = refuse(minute, refusal({ message: words(800, "01:00:00") }), now + 60_000);
    t.deepEqual(
        hour.learnt.map(({ calls, periodMs }) => [calls, periodMs]),
        [
            [45, minuteMs],
            [800, hourMs],
        ],
    );
    const again = refuse(hour, refusal({ message: words(30) }), now + 120_000);
    t.deepEqual(
        again.learnt.map(({ calls }) => calls),
        [800, 30],
    );
});

test("however many periods the API invents, few are kept", (t) => {
    let usage = emptyUsage;
    for (let period = 10; period < 60; period++) {
        usage = refuse(usage, refusal({ message: words(9, `00:00:${period}`) }), now + period);
    }
    t.is(usage.learnt.length, 4);
});

test("a refusal without the API's words teaches no limit, and its Retry-After is obeyed", (t) => {
    const usage = refuse(answered(10), { retryAfter: "20", message: "" });
    t.deepEqual(usage.learnt, []);
    t.deepEqual(usage.pause, { until: now + 20_000, at: now, since: now, untimed: 0 });
});

test("a pause is never cut short by a later refusal", (t) => {
    const long = refuse(emptyUsage, { retryAfter: "120", message: "" });
    t.is(refuse(long, { retryAfter: "1", message: "" }, now + 1_000).pause?.until, now + 120_000);
});

test("refusals that say nothing pause for longer and longer, until a request succeeds", (t) => {
    const silent = { retryAfter: undefined, message: "" };
    let usage = emptyUsage;
    let at = now;
    const lengths: number[] = [];
    const refuseAgain = () => {
        usage = refuse(usage, silent, at);
        lengths.push((usage.pause?.until ?? 0) - at);
        at = (usage.pause?.until ?? 0) + 1;
    };
    for (let look = 0; look < 7; look++) {
        refuseAgain();
    }
    usage = withAnswer(withLease(usage, "good", at), "good", at + 100);
    at += 200;
    refuseAgain();
    t.deepEqual(lengths, [10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 320_000, 10_000]);
});

test("a pause began with the first refusal since the API last accepted a call", (t) => {
    const since = (pause: QuotaUsage["pause"]) =>
        refuse({ ...emptyUsage, pause }, { retryAfter: "8", message: "" }).pause?.since;
    const pause = { until: now + 1, at: now - 5_000, since: now - 9_000, untimed: 0 };
    t.is(since(undefined), now);
    t.is(since(pause), now - 9_000);
    t.is(since({ until: now + 1, at: now - 5_000, untimed: 0 }), now - 5_000, "it is the first one itself");
    t.is(since({ ...pause, until: now }), now, "the pause was over");
    t.is(since({ ...pause, until: now - 1 }), now);
});

/** A probe that is under way, in a pause that was asked for an hour ago. */
const probed = (changes: Partial<QuotaUsage> = {}): QuotaUsage => ({
    ...withLease(emptyUsage, "lease", now - 1_000, true),
    pause: { until: now + hourMs, at: now - hourMs, since: now - 2 * hourMs, untimed: 0 },
    ...changes,
});
const refuseProbe = (usage: QuotaUsage, retryAfter: string | undefined) =>
    withRefusal(usage, "lease", { retryAfter, message: "" }, configured, now);

test("a probe that is refused goes on with the pause that it tested, even where that is over by now", (t) => {
    t.is(refuseProbe(probed(), "8").pause?.since, now - 2 * hourMs);
    const over = { until: now - 1, at: now - hourMs, since: now - 2 * hourMs, untimed: 0 };
    t.is(refuseProbe(probed({ pause: over }), "8").pause?.since, now - 2 * hourMs);
    t.is(refuseProbe(probed({ pause: undefined }), "8").pause?.since, now, "it tested a limit");
});

test("the pause that a probe's refusal asks for replaces the one before; without a time, that one stays", (t) => {
    t.is(refuseProbe(probed(), "8").pause?.until, now + 8_000);
    t.is(refuseProbe(probed(), undefined).pause?.until, now + hourMs);
    const over = { until: now - 1, at: now - hourMs, untimed: 0 };
    t.is(refuseProbe(probed({ pause: over }), undefined).pause?.until, now + 10_000);
});

test("a limit that delayed a probe delays the next one by the same time when it is refused, and other limits do not", (t) => {
    const at = now - hourMs / 2;
    const used = { calls: 45, periodMs: hourMs, share: 45, at };
    const unused = { calls: 47, periodMs: hourMs / 2, share: 47, at };
    const short = { calls: 1, periodMs: minuteMs, share: 1, at };
    const usage = { answered: answered(45).answered, learnt: [used, unused, short], pause: undefined };
    const probe = withLease({ ...emptyUsage, ...usage }, "lease", now, true);
    t.deepEqual(refuseProbe(probe, "1").learnt, [{ ...used, at: now }, unused, short]);
    const request = withLease({ ...emptyUsage, ...usage }, "lease", now);
    t.deepEqual(refuseProbe(request, "1").learnt, [used, unused, short], "no probe");
    const oneLeft = { ...used, calls: 46, share: 46 };
    const last = withLease({ ...emptyUsage, ...usage, learnt: [oneLeft] }, "lease", now, true);
    t.deepEqual(refuseProbe(last, "1").learnt, [oneLeft], "the probe's own call was the last one that was free");
});
