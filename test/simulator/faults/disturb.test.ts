import test, { type ExecutionContext } from "ava";
import { type Fault, type RecordedRequest, startSimulator } from "../../../simulator/index.ts";
import { idOf, manualClock } from "../client.ts";
import { ask, type Seen } from "../plain-client.ts";

const id = idOf(1);
const path = `/api/machineactions/${id}`;

interface Disturbed {
    seen: Seen;
    record: RecordedRequest | undefined;
    /** Of the action, afterwards. */
    status: string | undefined;
}

/** Cancels the action, or reads it, while that goes wrong. */
async function disturbed(fault: Fault, method: "GET" | "POST" = "POST"): Promise<Disturbed> {
    await using simulator = await startSimulator({
        actions: [{ id }],
        now: manualClock().now,
        faults: () => fault,
    });
    const cancel = method === "POST";
    const seen = await ask(
        `${simulator.url}${path}${cancel ? "/cancel" : ""}`,
        method,
        cancel ? '{"Comment":"x"}' : "",
    );
    return { seen, record: simulator.requests[0], status: simulator.action(id)?.status };
}

function errorIn({ body }: Seen): { code?: string; message?: string; target?: string } {
    return (JSON.parse(body) as { error: { code?: string; message?: string; target?: string } }).error;
}

/** That the request was carried out, or was not, and that its record says so. */
function wasCarriedOut(t: ExecutionContext, { record, status }: Disturbed, expected: boolean, fault: Fault): void {
    t.is(status, expected ? "Cancelled" : "Pending");
    t.like(record, { operation: "cancel", actionId: id, carriedOut: expected, fault });
    t.false("ids" in (record ?? {}));
}

for (const when of ["before", "after"] as const) {
    const done = when === "after";

    test(`drop ${when}: the connection ends without an answer, and it is ${done ? "" : "not "}done`, async (t) => {
        const result = await disturbed(`drop ${when}`);
        t.is(result.seen.outcome, "none");
        t.is(result.record?.status, 0);
        wasCarriedOut(t, result, done, `drop ${when}`);
    });

    for (const [number, code] of [
        ["500", "InternalServerError"],
        ["503", "ServiceUnavailable"],
    ] as const) {
        test(`${number} ${when}: the API's own envelope, and it is ${done ? "" : "not "}done`, async (t) => {
            const result = await disturbed(`${number} ${when}`);
            t.like(result.seen, { outcome: "whole", status: Number(number) });
            t.is(errorIn(result.seen).code, code);
            t.is(errorIn(result.seen).target, String(result.seen.headers["mise-correlation-id"]));
            t.is(result.record?.status, Number(number));
            wasCarriedOut(t, result, done, `${number} ${when}`);
        });
    }

    test(`502 ${when}: a gateway's HTML, and it is ${done ? "" : "not "}done`, async (t) => {
        const result = await disturbed(`502 ${when}`);
        t.like(result.seen, { outcome: "whole", status: 502 });
        t.regex(result.seen.headers["content-type"] ?? "", /^text\/html/);
        t.false("mise-correlation-id" in result.seen.headers);
        t.regex(result.seen.body, /^<html>/);
        wasCarriedOut(t, result, done, `502 ${when}`);
    });

    test(`an answer ${when}: what the test says, and it is ${done ? "" : "not "}done`, async (t) => {
        const fault = { name: "answer", when, status: 418, body: "no", headers: { "x-own": "1" } } as const;
        const result = await disturbed(fault);
        t.like(result.seen, { outcome: "whole", status: 418, body: "no" });
        t.like(result.seen.headers, { "x-own": "1", "content-type": "application/json; charset=utf-8" });
        wasCarriedOut(t, result, done, fault);
        t.is((await disturbed({ name: "answer", when, status: 204 })).seen.body, "");
    });
}

test("401: as the API refuses a token", async (t) => {
    const result = await disturbed("401");
    t.is(result.seen.status, 401);
    t.is(errorIn(result.seen).code, "Unauthorized");
    t.is(result.seen.headers["www-authenticate"], "Bearer");
    wasCarriedOut(t, result, false, "401");
});

test("429: with the Retry-After and the text that the test says, or none", async (t) => {
    const plain = await disturbed("429");
    t.is(plain.seen.status, 429);
    t.regex(errorIn(plain.seen).message ?? "", /^API calls quota exceeded! .*AppID\.$/);
    t.false("retry-after" in plain.seen.headers);
    wasCarriedOut(t, plain, false, "429");

    const { seen } = await disturbed({ name: "429", retryAfterSeconds: 8 });
    t.is(seen.headers["retry-after"], "8");
    t.regex(errorIn(seen).message ?? "", /^API calls quota exceeded! .* in 8 seconds\.$/);

    t.is(errorIn((await disturbed({ name: "429", message: "" })).seen).message, "");
    t.is(errorIn((await disturbed({ name: "429", message: "own", retryAfterSeconds: 0 })).seen).message, "own");
});

test("short body: the answer announces more than it has, and the connection ends", async (t) => {
    const result = await disturbed("short body");
    t.like(result.seen, { outcome: "broken off", status: 200 });
    t.true(Number(result.seen.headers["content-length"]) > 100);
    wasCarriedOut(t, result, true, "short body");
});

test("cut JSON: the answer is whole, but no JSON", async (t) => {
    const result = await disturbed("cut JSON");
    t.like(result.seen, { outcome: "whole", status: 200 });
    t.is(Number(result.seen.headers["content-length"]), result.seen.body.length);
    t.regex(result.seen.body, /^\{"@odata.context"/);
    t.throws(() => JSON.parse(result.seen.body));
    wasCarriedOut(t, result, true, "cut JSON");
});

test("slow first byte: the answer takes at least as long as the test says, and is the API's own", async (t) => {
    const started = performance.now();
    const { seen, record, status } = await disturbed({ name: "slow first byte", milliseconds: 150 });
    t.true(performance.now() - started >= 149);
    t.like(seen, { outcome: "whole", status: 200 });
    t.like(record, { carriedOut: true, ids: [id] });
    t.is(status, "Cancelled");
});

test("a client that gives up on a slow answer, or a simulator that closes, ends the wait", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const simulator = await startSimulator({
        actions: [{ id }],
        faults() {
            arrived.resolve();
            return { name: "slow first byte", milliseconds: 600_000 };
        },
    });
    const answer = ask(`${simulator.url}${path}`);
    await arrived.promise;
    await simulator.close();
    t.is((await answer).outcome, "none");
});

test("not visible: as if the action were not there, and nothing is done", async (t) => {
    for (const fault of ["not visible", { name: "not visible", actionId: id.toUpperCase() }] as const) {
        for (const method of ["GET", "POST"] as const) {
            const { seen, record, status } = await disturbed(fault, method);
            t.is(seen.status, 404);
            t.is(errorIn(seen).code, "ResourceNotFound");
            t.like(record, { carriedOut: false, fault });
            t.is(status, "Pending");
        }
    }
    t.is((await disturbed({ name: "not visible", actionId: idOf(2) }, "GET")).seen.status, 200);
});

test("what the API refuses by itself is not carried out, whatever goes wrong on top", async (t) => {
    await using simulator = await startSimulator({ faults: () => "drop after" });
    t.is((await ask(`${simulator.url}${path}`)).outcome, "none");
    t.like(simulator.requests[0], { status: 0, carriedOut: false, fault: "drop after" });
});
