import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import { startBound } from "../../provider/session/preview-bound.ts";
import { createWaits, type WaitedFor } from "../../provider/session/waits.ts";

/** A clock whose sleeps a test ends by hand. */
function clock() {
    const sleeps: { readonly milliseconds: number; readonly end: () => void }[] = [];
    return {
        sleeps,
        now: () => 0,
        sleep: (milliseconds: number, signal?: AbortSignal) =>
            new Promise<void>((end) => {
                sleeps.push({ milliseconds, end });
                signal?.addEventListener("abort", () => end());
            }),
    };
}

const forever = () => new Promise<never>(() => {});

const [network, throttled, signIn] = ["ERR_DEFENDER_NETWORK", "ERR_DEFENDER_THROTTLED", "ERR_DEFENDER_SIGN_IN"];
const cases: readonly (readonly [readonly WaitedFor[], string, string | undefined])[] = [
    [[], "no answer within 30 s", network],
    [["machines"], "no answer within 30 s: waited for machines", network],
    [
        ["machines", "the list of actions"],
        "no answer within 30 s: waited for the list of actions and machines",
        network,
    ],
    [["the list of actions", "the quota"], "no answer within 30 s: waited for the quota", throttled],
    [["the quota", "sign-in", "machines"], "no answer within 30 s: waited for sign-in", signIn],
];

test("when its time is over, it says what stands before all else", async (t) => {
    for (const [pending, expected, code] of cases) {
        const time = clock();
        const waits = createWaits();
        for (const what of pending) {
            void waits.during(what, forever);
        }
        const bound = startBound(30_000, time, waits);
        t.is(bound.explain(new Error("refused")), "refused", "before that, the error itself");
        t.is(time.sleeps[0]?.milliseconds, 30_000);
        time.sleeps[0]?.end();
        await Promise.resolve();
        t.true(bound.cutOff.aborted);
        t.is(bound.explain(new Error("aborted")), `${expected} [${code}]`);
        const cause = new DefenderError("ERR_DEFENDER_SERVER", "GET answered 503");
        const error = new DefenderError("ERR_DEFENDER_INTERRUPTED", "interrupted", { cause });
        t.is(bound.explain(error), `${expected}; before that ERR_DEFENDER_SERVER: GET answered 503`);
        time.sleeps[1]?.end();
        await bound.ended;
    }
});

test("what has ended in time leaves no timer behind", async (t) => {
    const time = clock();
    const bound = startBound(30_000, time, createWaits());
    bound.release();
    await bound.ended;
    t.false(bound.cutOff.aborted);
    t.is(time.sleeps.length, 1);
});
