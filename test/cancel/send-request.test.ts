import test from "ava";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { CancellationTarget } from "../../provider/cancel/cancellation-target.ts";
import { type SentRequest, sendRequest } from "../../provider/cancel/send-request.ts";
import type { SendTurn } from "../../provider/cancel/send-turns.ts";
import type { Fault } from "../../simulator/index.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";

/** A place in flight on a reading of now, with changes. */
async function turnIn(context: CancelContext, changes: Partial<SendTurn["observation"]> = {}): Promise<SendTurn> {
    const observation = { ...(await context.observer.read(id)), ...changes };
    return { observation, isNext: false, departed() {}, outdated() {} };
}

async function send(target: CancellationTarget, turn: SendTurn, context: CancelContext) {
    return sendRequest(target, turn, context, await context.identify());
}

/** What became of a request that goes out. */
async function sent(target: CancellationTarget, turn: SendTurn, context: CancelContext): Promise<SentRequest> {
    const answer = await send(target, turn, context);
    if (answer.kind === "stale") {
        throw new Error("nothing was sent");
    }
    return answer;
}

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
];

for (const [what, fault, expected] of answers) {
    test(`${what} to a cancel request is ${expected}`, async (t) => {
        await withApi(
            [{ id }],
            async ({ context, clock }) => {
                const answer = await sent(targetOf(id), await turnIn(context), context).catch(({ code }) => ({
                    lastPost: code,
                    at: clock.now(),
                }));
                t.is(answer.lastPost, expected);
                t.is(answer.at, clock.now());
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    });
}

test("the guard is asked about what was observed and declared, and its permit is ended whatever becomes of the request", async (t) => {
    const expect = { type: "Isolate" };
    for (const [changes, fault, happened] of [
        [{}, undefined, ["sent", "forgotten", "used", "ended"]],
        [{ declaredExpect: { type: "Unisolate" } }, undefined, ["sent", "forgotten", "used", "ended"]],
        [{}, "401", ["sent", "forgotten", "used", "ended"]],
        [{ notAfter: 1 }, undefined, ["sent", "ended"]],
    ] as const) {
        await withApi(
            [{ id }],
            async ({ context }) => {
                const seen: string[] = [];
                const questions: unknown[] = [];
                const watched: CancelContext = {
                    ...context,
                    observer: { ...context.observer, invalidate: (of) => seen.push(of === id ? "forgotten" : of) },
                    guard: {
                        ...context.guard,
                        async authorize(question) {
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
                const turn = await turnIn(context);
                const target = targetOf(id, { expect, ...changes });
                const answer = await sent(target, turn, watched).catch(() => undefined);
                t.deepEqual(answer?.guard, fault || target.notAfter ? undefined : { guardSha256: "of the guard" });
                const { digest, notAfter, declaredExpect = expect } = target;
                t.deepEqual(questions, [{ action: turn.observation.action, expect: declaredExpect, notAfter, digest }]);
                t.deepEqual(seen, [...happened]);
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    }
});

const pausedFor = (retryAfterSeconds: number) => ({
    faults: ({ operation, nth }: { readonly operation: string; readonly nth: number }): Fault | undefined =>
        operation === "cancel" && nth === 1 ? { name: "429", retryAfterSeconds } : undefined,
});

test("a request counts from when it goes out, not from when it began to wait for the quota", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock }) => {
            const turn = await turnIn(context);
            const before = clock.now();
            const { at, lastPost, observation } = await sent(targetOf(id), turn, context);
            t.is(lastPost, "accepted");
            t.true(at - before >= 10_000);
            t.is(observation, turn.observation);
        },
        pausedFor(10),
    );
});

test("nothing is sent on a reading of more than 15 s, however the wait came about", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, simulator }) => {
            const answer = await send(targetOf(id), await turnIn(context), context);
            t.deepEqual(answer, { kind: "stale", refusals: 1 });
            t.is(simulator.action(id)?.status, "Pending");
        },
        pausedFor(40),
    );
    await withApi([{ id }], async ({ context, clock, operations }) => {
        const turn = await turnIn(context);
        clock.advance(15_001);
        const stale = { kind: "stale", refusals: 0 } as const;
        t.deepEqual(await send(targetOf(id), turn, context), stale);
        // A clock that was set back says nothing of the age.
        const ahead = await turnIn(context, { receivedAt: clock.now() + 1 });
        t.deepEqual(await send(targetOf(id), ahead, context), stale);
        t.deepEqual(operations(), ["get", "get"]);
        clock.advance(15_000);
        t.is((await sent(targetOf(id), await turnIn(context), context)).lastPost, "accepted");
    });
});

test("where the quota gives no two calls in 15 s, the reading right before the request will do, and no other", async (t) => {
    for (const [calls, isSent] of [
        [1, true],
        [2, false],
    ] as const) {
        await withApi([{ id }], async ({ context, clock }) => {
            const turn = await turnIn(context);
            for (let call = 1; call < calls; call++) {
                await context.observer.read(id);
            }
            clock.advance(60_000);
            const slow = { ...context, nextSlot: () => clock.now() + 60_000 };
            t.is((await send(targetOf(id), turn, slow)).kind === "sent", isSent);
        });
    }
});

test("a permit of the guard ends while the quota makes its request wait, and nothing is sent", async (t) => {
    for (const [validForMs, isSent] of [
        [180_000, true],
        [179_999, false],
    ] as const) {
        await withApi([{ id }], async ({ context, clock, posts }) => {
            const turn = await turnIn(context);
            const slow: CancelContext = {
                ...context,
                nextSlot: () => clock.now() + 60_000,
                guard: {
                    ...context.guard,
                    async authorize(question) {
                        const permit = await context.guard.authorize(question);
                        return { ...permit, validUntil: clock.now() + validForMs };
                    },
                },
                send(...request) {
                    clock.advance(180_000);
                    return context.send(...request);
                },
            };
            const request = sent(targetOf(id), turn, slow);
            if (isSent) {
                t.is((await request).lastPost, "accepted");
            } else {
                const message = /^the guard evaluated machine action \S+ 3 min before the quota allowed the request/;
                await t.throwsAsync(request, { code: "ERR_DEFENDER_GUARD", message });
            }
            t.is(posts(), isSent ? 1 : 0);
        });
    }
});

test("the queue hears whether a request went out, or its reading was too old", async (t) => {
    for (const [ageMs, heard] of [
        [15_000, "departed"],
        [15_001, "outdated"],
    ] as const) {
        await withApi([{ id }], async ({ context, clock }) => {
            const said: string[] = [];
            const turn: SendTurn = {
                ...(await turnIn(context)),
                departed: () => said.push("departed"),
                outdated: () => said.push("outdated"),
            };
            clock.advance(ageMs);
            await send(targetOf(id), turn, context);
            t.deepEqual(said, [heard]);
        });
    }
});

test("a time limit that passes while the quota makes it wait stops the request", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock, simulator }) => {
            const target = targetOf(id, { notAfter: clock.now() + 30_000 });
            const request = send(target, await turnIn(context), context);
            await t.throwsAsync(request, { code: "ERR_DEFENDER_PAST_NOT_AFTER" });
            t.is(simulator.action(id)?.status, "Pending");
        },
        pausedFor(40),
    );
});

test("the time limit is judged by the later of our clock and the API's", async (t) => {
    await withApi([{ id }], async ({ context, clock, posts }) => {
        const send = async (notAfter: number, date: string | undefined) =>
            sent(targetOf(id, { notAfter: clock.now() + notAfter }), await turnIn(context, { date }), context);
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
