import test from "ava";
import { cancelOne, id, withApi } from "../helpers/core.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

test("a run that was stopped before its request sends nothing, one that was stopped after it keeps the record", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, posts }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.is(posts(), 0);
            t.deepEqual(record, {});
        },
        { stop: AbortSignal.abort() },
    );
    const stop = new AbortController();
    await withApi(
        [{ id, behaviour: "never-final" }],
        async ({ context, posts }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.is(posts(), 1);
            t.truthy(record.requestedAtUtc);
        },
        { stop: stop.signal, clock: recordedClock(() => stop.abort()) },
    );
});

test("a cancel request that is cut off after a stop keeps its record", async (t) => {
    const stop = new AbortController();
    const cutOff = new AbortController();
    await withApi(
        [{ id }],
        async ({ context, simulator }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.regex(
                failure?.message ?? "",
                /no valid answer to the cancel request for .* of .*; Pending when last read\. Run `pulumi up` again/,
            );
            t.is(simulator.action(id)?.status, "Cancelled");
            t.is(record.evidence?.posts, 1);
            t.is(record.evidence?.postStatus, undefined);
        },
        {
            stop: stop.signal,
            cutOff: cutOff.signal,
            faults: ({ operation }) => {
                if (operation !== "cancel") {
                    return undefined;
                }
                stop.abort();
                setImmediate(() => cutOff.abort());
                return { name: "slow first byte", milliseconds: 60_000 };
            },
        },
    );
});

test("a run that is stopped while the quota makes it wait sends nothing more, and records nothing", async (t) => {
    const stop = new AbortController();
    let sent = 0;
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.regex(failure?.message ?? "", new RegExp(`No cancellation of machine action ${id}.* was requested`));
            t.is(sent, 1);
            t.deepEqual(record, {});
        },
        {
            stop: stop.signal,
            clock: recordedClock(() => stop.abort()),
            faults: ({ operation }) => {
                if (operation !== "cancel") {
                    return undefined;
                }
                sent++;
                return { name: "429", message: "API calls quota exceeded!" };
            },
        },
    );
});
