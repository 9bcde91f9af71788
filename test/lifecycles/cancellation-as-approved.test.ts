import test from "ava";
import { id, type Kept, onStage } from "../helpers/stage.ts";

const approved = {
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    computerDnsName: "ws-0417.contoso.example",
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
};

for (const [name, value] of Object.entries(approved)) {
    test(`an action whose ${name} is not as approved is left alone, with both values in the message`, async (t) => {
        await onStage([{ id, ...approved }], async ({ lifecycle, inputs, posts }) => {
            const wrong = await inputs({ expect: { ...approved, [name]: "something else" } });
            const failure = await t.throwsAsync<Kept>(lifecycle.create(wrong));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_UNEXPECTED: /);
            t.true(failure?.message.includes(`${name} is "${value}", expected "something else"`), failure?.message);
            t.false("properties" in (failure ?? {}));
            t.is(posts(), 0);
            // Case does not count.
            const right = await inputs({ expect: { [name]: value.toUpperCase() } });
            t.is((await lifecycle.create(right)).outs.outcome, "cancelled");
        });
    });
}

test("an expectation of what the API does not tell is a difference", async (t) => {
    await onStage([{ id, machineId: null, computerDnsName: null }], async ({ lifecycle, inputs, posts }) => {
        const news = await inputs({ expect: { machineId: approved.machineId } });
        await t.throwsAsync(lifecycle.create(news), { message: /machineId is not known, expected "3c0ffee/ });
        t.is(posts(), 0);
    });
});

test("an expectation that is added later is compared with what is stored, without a request", async (t) => {
    await onStage([{ id, ...approved }], async ({ lifecycle, inputs, simulator }) => {
        const { outs } = await lifecycle.create(await inputs());
        simulator.clearRequests();
        const right = await inputs({ expect: { type: "isolate" } });
        t.true((await lifecycle.diff(id, outs, right)).changes);
        t.like((await lifecycle.update(id, outs, right)).outs, { expect: { type: "isolate" }, outcome: "cancelled" });
        await t.throwsAsync(lifecycle.update(id, outs, await inputs({ expect: { type: "Unisolate" } })), {
            message: /^ERR_DEFENDER_UNEXPECTED/,
        });
        t.deepEqual(simulator.requests, []);
    });
});

test("after notAfter nothing is sent, neither by create nor to repair drift, and what is proven stays valid", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator, clock, posts }) => {
        const news = await inputs({ notAfter: "2026-05-05T08:00:00Z" });
        const { outs } = await lifecycle.create(news);
        clock.advance(3_600_001);
        t.deepEqual(await lifecycle.diff(id, outs, news), { changes: false, replaces: [] });
        t.is(JSON.stringify((await lifecycle.read(id, outs)).props), JSON.stringify(outs));
        simulator.resume(id);
        const { props } = await lifecycle.read(id, outs);
        t.true((await lifecycle.diff(id, props, news)).changes);
        for (const call of [lifecycle.update(id, props, news), lifecycle.create(news)]) {
            const failure = await t.throwsAsync<Kept>(call);
            t.regex(
                failure?.message ?? "",
                /^ERR_DEFENDER_PAST_NOT_AFTER: .* notAfter was 2026-05-05 08:00:00Z, now it is 2026-05-05 08:00:01Z/,
            );
            t.false("properties" in (failure ?? {}));
        }
        t.is(posts(), 1);
    });
});

test("an API whose clock is ahead of ours ends the time limit", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle, inputs, posts }) => {
            await t.throwsAsync(lifecycle.create(await inputs({ notAfter: "2026-05-05T08:00:00Z" })), {
                message: /^ERR_DEFENDER_PAST_NOT_AFTER: .* now it is 2026-05-05 09:00:00Z/,
            });
            t.is(posts(), 0);
        },
        { apiAheadMs: 2 * 3_600_000 },
    );
});

test("a wait for the quota that passes notAfter ends in no request", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle, inputs, simulator, clock }) => {
            await t.throwsAsync(lifecycle.create(await inputs({ notAfter: "2026-05-05T07:00:30Z" })), {
                message: /^ERR_DEFENDER_PAST_NOT_AFTER/,
            });
            t.true(clock.now() >= Date.parse("2026-05-05T07:00:40Z"));
            t.is(simulator.action(id)?.status, "Pending");
        },
        {
            faults: ({ operation, nth }) =>
                operation === "cancel" && nth === 1 ? { name: "429", retryAfterSeconds: 40 } : undefined,
        },
    );
});
