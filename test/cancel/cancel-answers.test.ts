import test from "ava";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { createCredentials } from "../../provider/sign-in/credentials.ts";
import type { Fault } from "../../simulator/index.ts";
import { cancelOne, id, withApi } from "../helpers/core.ts";
import { httpTo } from "../helpers/http-client.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";

const lostAnswers: Readonly<Record<string, Fault>> = {
    "the connection is dropped": "drop after",
    "the API answers 500": { name: "answer", status: 500, body: "", when: "after" },
    "a gateway answers 502 with HTML": "502 after",
    "the answer is truncated": "cut JSON",
    "the connection breaks in the middle of the answer": "short body",
};
for (const [what, fault] of Object.entries(lostAnswers)) {
    test(`when ${what} after the work was done, a read decides and nothing is sent again`, async (t) => {
        await withApi(
            [{ id }],
            async ({ context, posts }) => {
                const { record, failure } = await cancelOne(context);
                t.is(failure, undefined);
                t.is(record.outcome, "cancelled");
                t.is(posts(), 1);
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    });
}

test("when a request was lost, it is watched for ten seconds and then sent again", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock, posts }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.is(posts(), 1, "the API saw the second one alone");
            t.is(record.evidence?.posts, 2);
            t.is(
                clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
                10_000,
            );
        },
        { faults: ({ operation, nth }) => (operation === "cancel" && nth === 1 ? "drop before" : undefined) },
    );
});

test("requests that are lost again and again end after three, each watched for ten seconds and the last as long as any, with the record kept", async (t) => {
    let sent = 0;
    await withApi(
        [{ id }],
        async ({ context, clock }) => {
            const before = clock.now();
            const { record, failure } = await cancelOne(context, { confirmWithinMs: 60_000 });
            t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            t.is(clock.now() - before, 80_000);
            t.is(sent, 3);
            t.is(record.evidence?.posts, 3);
            t.truthy(record.requestedAtUtc);
        },
        {
            faults: ({ operation }) => {
                sent += operation === "cancel" ? 1 : 0;
                return operation === "cancel" ? "drop before" : undefined;
            },
        },
    );
});

test("a request of an earlier run is waited for before another is sent", async (t) => {
    const record = {
        requestedAtUtc: "2026-05-05T06:59:00.000Z",
        statusBeforeCancel: "Pending",
        request: "outstanding",
    } as const;
    const earlier = { status: "Pending", type: undefined, machineId: undefined };
    const clock: RecordedClock = recordedClock((now) => {
        if (now - started >= 8_000) {
            finish();
        }
    });
    const started = clock.now();
    let finish = () => {};
    await withApi(
        [{ id }],
        async ({ context, simulator, posts }) => {
            finish = () => simulator.finish(id, "Cancelled");
            const result = await cancelOne(context, { record, earlier });
            // What that run read right before its request is not known here.
            t.like(result.record, { outcome: "cancelled", effect: "unknown", requestedAtUtc: record.requestedAtUtc });
            t.is(posts(), 0);
        },
        { clock },
    );
    await withApi([{ id }], async ({ context, clock, posts }) => {
        t.is((await cancelOne(context, { record, earlier })).record.outcome, "cancelled");
        t.is(
            clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
            30_000,
        );
        t.is(posts(), 1);
    });
});

test("a refused request for an action that was cancelled meanwhile adopts it", async (t) => {
    const body = JSON.stringify({ id, status: "Pending", type: "Isolate" });
    await withApi(
        [{ id, status: "Cancelled" }],
        async ({ context, clock, operations }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.like(record, { outcome: "adopted", effect: "unknown" });
            t.is(record.evidence, undefined);
            t.deepEqual(operations(), ["get", "cancel", "get"]);
            t.deepEqual(clock.sleeps, []);
        },
        {
            faults: ({ operation, nth }) =>
                operation === "get" && nth === 1 ? { name: "answer", status: 200, body, when: "after" } : undefined,
        },
    );
});

test("a refused request for an action that goes on fails with the API's words, and nothing is recorded", async (t) => {
    const body = '{"error":{"code":"BadRequest","message":"this action cannot be cancelled"}}';
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_REFUSED");
            t.regex(failure?.message ?? "", /still Pending.*this action cannot be cancelled/);
            t.deepEqual(record, {});
        },
        {
            faults: ({ operation }) =>
                operation === "cancel" ? { name: "answer", status: 400, body, when: "before" } : undefined,
        },
    );
});

test("a refused token sends one request and records nothing", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, operations }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_UNAUTHORIZED");
            t.deepEqual(record, {});
            t.deepEqual(operations().length, 1);
        },
        { token: "another-token" },
    );
});

test("a request whose answer is lost while the token expires and cannot be renewed keeps its record", async (t) => {
    let isDown = false;
    const clock = recordedClock();
    const credentials = createCredentials(async () => {
        if (isDown) {
            throw new DefenderError("ERR_DEFENDER_SIGN_IN", "the sign-in failed");
        }
        return { token: "core-token", expiresAt: clock.now() + 15_000 };
    }, clock);
    await withApi(
        [{ id }],
        async ({ context, simulator }) => {
            const { cancel: send } = createDefenderClient(httpTo(simulator.url, { clock, credentials }));
            const { failure, record } = await cancelOne({ ...context, send });
            t.truthy(record.requestedAtUtc);
            t.is(failure, undefined);
            t.is(record.outcome, "cancelled");
        },
        {
            clock,
            faults: ({ operation }) => {
                if (operation !== "cancel") {
                    return undefined;
                }
                clock.advance(20_000);
                isDown = true;
                return "503 after";
            },
        },
    );
});
