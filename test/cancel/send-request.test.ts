import test from "ava";
import type { CancelContext } from "../../provider/cancel/cancel.ts";
import { sendRequest } from "../../provider/cancel/send-request.ts";
import type { Fault } from "../../simulator/index.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";

const answered = (status: number): Fault => ({ name: "answer", when: "before", status, body: "" });

const answers: readonly (readonly [what: string, fault: Fault | undefined, expected: string])[] = [
    ["200", undefined, "accepted"],
    ["200 without a body", { name: "answer", when: "after", status: 200, body: "" }, "accepted"],
    ["204", { name: "answer", when: "after", status: 204 }, "accepted"],
    ["a dropped connection", "drop before", "unknown"],
    ["500", "500 before", "unknown"],
    ["a gateway's 502", "502 before", "unknown"],
    ["a redirect", answered(302), "unknown"],
    ["400", answered(400), "refused"],
    ["409", answered(409), "refused"],
    ["401", "401", "ERR_DEFENDER_UNAUTHORIZED"],
    ["403", answered(403), "ERR_DEFENDER_FORBIDDEN"],
    ["404", "not visible", "ERR_DEFENDER_NOT_FOUND"],
    ["429 for two hours", { name: "429", retryAfterSeconds: 7_200 }, "ERR_DEFENDER_THROTTLED"],
];

for (const [what, fault, expected] of answers) {
    test(`${what} to a cancel request is ${expected}`, async (t) => {
        await withApi(
            [{ id }],
            async ({ context, clock }) => {
                const sighting = await context.observer.observe(id);
                const sent = await sendRequest(targetOf(id), sighting, context).catch(({ code }) => ({
                    lastPost: code,
                    at: clock.now(),
                }));
                t.is(sent.lastPost, expected);
                t.is(sent.at, clock.now());
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    });
}

test("the guard is asked about what was observed and declared, and its permit is ended whatever becomes of the request", async (t) => {
    const expect = { type: "Isolate" };
    for (const [changes, fault, happened] of [
        [{}, undefined, ["sent", "used", "forgotten", "ended"]],
        [{ declaredExpect: { type: "Unisolate" } }, undefined, ["sent", "used", "forgotten", "ended"]],
        [{}, "401", ["sent", "used", "forgotten", "ended"]],
        [{ notAfter: 1 }, undefined, ["sent", "forgotten", "ended"]],
    ] as const) {
        await withApi(
            [{ id }],
            async ({ context }) => {
                const seen: string[] = [];
                const questions: unknown[] = [];
                const watched: CancelContext = {
                    ...context,
                    observer: { ...context.observer, forget: (of) => seen.push(of === id ? "forgotten" : of) },
                    guard: {
                        ...context.guard,
                        async admit(question) {
                            questions.push(question);
                            return {
                                stamp: { guardSha256: "of the guard" },
                                use: () => seen.push("used"),
                                async end() {
                                    seen.push("ended");
                                },
                            };
                        },
                    },
                    send(...request) {
                        seen.push("sent");
                        return context.send(...request);
                    },
                };
                const sighting = await context.observer.observe(id);
                const target = targetOf(id, { expect, ...changes });
                const sent = await sendRequest(target, sighting, watched).catch(() => undefined);
                t.deepEqual(sent?.guard, fault || target.notAfter ? undefined : { guardSha256: "of the guard" });
                const { digest, notAfter, declaredExpect = expect } = target;
                t.deepEqual(questions, [{ action: sighting.action, expect: declaredExpect, notAfter, digest }]);
                t.deepEqual(seen, [...happened]);
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    }
});

test("a request counts from when it goes out, not from when it began to wait for the quota", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock }) => {
            const sighting = await context.observer.observe(id);
            const before = clock.now();
            const { at, lastPost } = await sendRequest(targetOf(id), sighting, context);
            t.is(lastPost, "accepted");
            t.true(at - before >= 40_000);
        },
        {
            faults: ({ operation, nth }) =>
                operation === "cancel" && nth === 1 ? { name: "429", retryAfterSeconds: 40 } : undefined,
        },
    );
});

test("a time limit that passes while the quota makes it wait stops the request", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock, simulator }) => {
            const sighting = await context.observer.observe(id);
            const target = targetOf(id, { notAfter: clock.now() + 30_000 });
            await t.throwsAsync(sendRequest(target, sighting, context), { code: "ERR_DEFENDER_PAST_NOT_AFTER" });
            t.is(simulator.action(id)?.status, "Pending");
        },
        {
            faults: ({ operation, nth }) =>
                operation === "cancel" && nth === 1 ? { name: "429", retryAfterSeconds: 40 } : undefined,
        },
    );
});

test("the time limit is judged by the later of our clock and the API's", async (t) => {
    await withApi([{ id }], async ({ context, clock, posts }) => {
        const sighting = await context.observer.observe(id);
        const send = (notAfter: number, date: string | undefined) =>
            sendRequest(targetOf(id, { notAfter: clock.now() + notAfter }), { ...sighting, date }, context);
        const at = (aheadMs: number) => new Date(clock.now() + aheadMs).toUTCString();
        for (const [notAfter, date] of [
            [-1, at(-60_000)],
            [-1, undefined],
            [59_999, at(60_000)],
        ] as const) {
            await t.throwsAsync(send(notAfter, date), { code: "ERR_DEFENDER_PAST_NOT_AFTER" });
        }
        t.is(posts(), 0);
        t.is((await send(60_000, at(60_000))).lastPost, "accepted");
        // A slow API does not stretch it, nor does a date that is none.
        t.is((await send(0, at(-60_000))).lastPost, "refused");
        t.is((await send(0, "soon")).lastPost, "refused");
    });
});
