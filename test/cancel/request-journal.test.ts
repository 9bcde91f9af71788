import test from "ava";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { RequestJournal } from "../../provider/cancel/request-journal.ts";
import { sendRequest } from "../../provider/cancel/send-request.ts";
import type { SendTurn } from "../../provider/cancel/send-turns.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";

async function turnIn(context: CancelContext): Promise<SendTurn> {
    return { observation: await context.observer.read(id), isNext: false, departed() {}, outdated() {} };
}

async function send(context: CancelContext) {
    return sendRequest(targetOf(id), await turnIn(context), context, await context.identify());
}

/** A journal that takes notes, with changes. */
function journal(happened: string[], changes: Partial<RequestJournal> = {}): RequestJournal {
    return {
        begin({ machineActionId, observation, comment }) {
            happened.push(
                `begin ${machineActionId === id} ${observation.action.status} ${comment.includes("[pulumi")}`,
            );
            return ({ kind, status, failure }) => happened.push([kind, status, failure].filter(Boolean).join(" "));
        },
        proven() {},
        ...changes,
    };
}

test("the journal has each attempt before the API receives it, and each answer", async (t) => {
    const happened: string[] = [];
    await withApi(
        [{ id }],
        async ({ context }) => {
            const answer = await send({ ...context, journal: journal(happened) });
            t.like(answer, { kind: "sent", lastPost: "accepted" });
        },
        {
            faults({ operation, nth }) {
                if (operation !== "cancel") {
                    return undefined;
                }
                happened.push("received");
                return nth === 1 ? { name: "429", retryAfterSeconds: 1 } : undefined;
            },
        },
    );
    t.deepEqual(happened, [
        ...["begin true Pending true", "received", "refused 429 ERR_DEFENDER_THROTTLED"],
        ...["begin true Pending true", "received", "accepted 200"],
    ]);
});

for (const [fault, expected] of [
    ["drop after", "unknown ERR_DEFENDER_NETWORK"],
    ["500 after", "unknown 500 ERR_DEFENDER_SERVER"],
    [{ name: "answer", when: "before", status: 409, body: "" }, "refused 409 ERR_DEFENDER_REFUSED"],
] as const) {
    test(`the journal has ${expected} for the answer ${JSON.stringify(fault)}`, async (t) => {
        const happened: string[] = [];
        await withApi(
            [{ id }],
            async ({ context }) => {
                await send({ ...context, journal: journal(happened) });
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
        t.deepEqual(happened, ["begin true Pending true", expected]);
    });
}

test("a request that the journal cannot store is not sent", async (t) => {
    await withApi([{ id }], async ({ context, posts }) => {
        const full = journal([], {
            begin() {
                throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
            },
        });
        await t.throwsAsync(send({ ...context, journal: full }), {
            code: "ERR_DEFENDER_INTERRUPTED",
            message:
                /^the cancel request for machine action \S+ was not sent, because its record cannot be written: ENOSPC/,
        });
        t.is(posts(), 0);
    });
});

test("a request is not sent if the journal took so long that its reading is too old, and the journal says so", async (t) => {
    await withApi([{ id }], async ({ context, clock, posts }) => {
        const happened: string[] = [];
        const notes = journal(happened);
        const slow = journal(happened, {
            begin(request) {
                clock.advance(15_001);
                return notes.begin(request);
            },
        });
        t.deepEqual(await send({ ...context, journal: slow }), { kind: "stale", refusals: 0 });
        t.deepEqual(happened, ["begin true Pending true", "not sent"]);
        t.is(posts(), 0);
    });
});
