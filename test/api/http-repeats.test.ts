import { inspect } from "node:util";
import test from "ava";
import type { Http, HttpOptions } from "../../provider/api/http.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { createCredentials } from "../../provider/sign-in/credentials.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo as clientTo, readyToken } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const token = "a-token-that-nobody-may-see";

function httpTo(apiUrl: string, changes: Partial<HttpOptions> = {}): Http {
    return clientTo(apiUrl, { credentials: readyToken(token), clock: recordedClock(), ...changes });
}

test("a cancel request whose connection is dropped is sent once, and its outcome is unknown", async (t) => {
    await using api = await startApiServer(() => "drop");
    const error = await t.throwsAsync(httpTo(api.url)({ method: "POST", path: "/api/x", json: {} }), {
        instanceOf: DefenderError,
    });
    t.is(error?.code, "ERR_DEFENDER_NETWORK");
    t.is(api.seen.length, 1);
    t.notRegex(inspect(error, { depth: 9, showHidden: true }), new RegExp(token));
});

test("a cancel request that the quota refused is sent again when the API says", async (t) => {
    const clock = recordedClock();
    const start = clock.now();
    let second = 0;
    await using api = await startApiServer((_, nth) => {
        second = clock.now() - start;
        return nth === 1 ? { status: 429, headers: { "retry-after": "41" }, body: "" } : { body: { ok: true } };
    });
    t.is((await httpTo(api.url, { clock })({ method: "POST", path: "/api/x", json: {} })).status, 200);
    t.is(api.seen.length, 2);
    t.is(second, 41_000);
});

test("each attempt is announced with its number, after the wait, and the answer has that of the last", async (t) => {
    const clock = recordedClock();
    const answers = [
        { status: 401, body: "" },
        { status: 429, headers: { "retry-after": "41" }, body: "" },
        { body: { ok: true } },
    ];
    await using api = await startApiServer(() => answers.shift() ?? "drop");
    const credentials = createCredentials(
        async () => ({ token: `${token}-${answers.length}`, expiresAt: clock.now() + 3_600_000 }),
        clock,
    );
    const start = clock.now();
    const announced: [call: number, afterMs: number][] = [];
    const beforeSend = ({ call }: { call: number }) => void announced.push([call, clock.now() - start]);
    const answer = await httpTo(api.url, { clock, credentials })({
        method: "POST",
        path: "/api/x",
        json: {},
        beforeSend,
    });
    t.deepEqual(announced, [
        [1, 0],
        [2, 0],
        [3, 41_000],
    ]);
    t.is(answer.call, 3);
    t.is(answer.beganAt, start + 41_000);
});

test("in a pause of a day a read asks after 15 minutes for a cancel request, which goes out when it is answered", async (t) => {
    const clock = recordedClock();
    const start = clock.now();
    const seen: [method: string | undefined, minutes: number][] = [];
    await using api = await startApiServer(({ method }, nth) => {
        seen.push([method, Math.round((clock.now() - start) / 60_000)]);
        return nth === 1 ? { status: 429, headers: { "retry-after": "86400" }, body: "" } : { body: { value: [] } };
    });
    const announced: number[] = [];
    const http = httpTo(api.url, { clock });
    const beforeSend = ({ call }: { call: number }) => void announced.push(call);
    t.is((await http({ method: "POST", path: "/api/x", json: {}, beforeSend })).status, 200);
    t.deepEqual(seen, [
        ["POST", 0],
        ["GET", 15],
        ["POST", 15],
    ]);
    t.deepEqual(announced, [1, 3]);
});

test("in a pause of a day a read is the one that asks; refused again, it fails and says when to come back", async (t) => {
    const clock = recordedClock();
    await using api = await startApiServer(() => ({ status: 429, headers: { "retry-after": "86400" }, body: "" }));
    await t.throwsAsync(httpTo(api.url, { clock })({ method: "GET", path: "/api/x" }), {
        code: "ERR_DEFENDER_THROTTLED",
        message: /pause of 1440 min, longer than the 15 min .* Run again after \S+ \S+Z\. Its first request tests/,
    });
    t.deepEqual(
        api.seen.map(({ method }) => method),
        ["GET", "GET"],
    );
});

test("a request that is stopped as it goes out counts as no call", async (t) => {
    await using api = await startApiServer(() => ({ body: {} }));
    const http = httpTo(api.url);
    const beforeSend = () => {
        throw new Error("too late");
    };
    await t.throwsAsync(http({ method: "POST", path: "/api/x", json: {}, beforeSend }), { message: "too late" });
    t.is((await http({ method: "GET", path: "/api/x" })).call, 1);
    t.is(api.seen.length, 1);
});

test("a refused token is renewed once, and the request sent again", async (t) => {
    await using api = await startApiServer(({ headers }) =>
        headers.authorization === "Bearer old-token" ? { status: 401, body: "" } : { body: { ok: true } },
    );
    const clock = recordedClock();
    const tokens = ["old-token", "new-token"];
    const credentials = createCredentials(
        async () => ({ token: tokens.shift() ?? "", expiresAt: clock.now() + 3_600_000 }),
        clock,
    );
    const http = httpTo(api.url, { credentials, clock });
    const requests = Array.from({ length: 5 }, () => http({ method: "POST", path: "/api/x", json: {} }));
    t.deepEqual(new Set((await Promise.all(requests)).map(({ status }) => status)), new Set([200]));
    t.deepEqual(tokens, []);
});

test("a token that is refused after its renewal, too, is reported", async (t) => {
    await using api = await startApiServer(() => ({ status: 401, body: "" }));
    const clock = recordedClock();
    let signIns = 0;
    const credentials = createCredentials(
        async () => ({ token: `token-${++signIns}`, expiresAt: clock.now() + 3_600_000 }),
        clock,
    );
    const error = await t.throwsAsync(httpTo(api.url, { credentials, clock })({ method: "GET", path: "/api/x" }), {
        instanceOf: DefenderError,
    });
    t.is(error?.code, "ERR_DEFENDER_UNAUTHORIZED");
    t.is(api.seen.length, 2);
    t.is(signIns, 2);
});

for (const [method, code] of [
    ["GET", "ERR_DEFENDER_INTERRUPTED"],
    // It may have been carried out: whoever sent it has to look.
    ["POST", "ERR_DEFENDER_NETWORK"],
] as const) {
    test(`a ${method} that nobody waits for any more is cut off, and not repeated`, async (t) => {
        const cutOff = new AbortController();
        await using api = await startApiServer(() => {
            cutOff.abort();
            return new Promise<never>(() => {});
        });
        const error = await t.throwsAsync(
            httpTo(api.url, { stop: cutOff.signal, cutOff: cutOff.signal })({ method, path: "/api/x" }),
            { instanceOf: DefenderError, message: /was aborted because the run is shutting down/ },
        );
        t.is(error?.code, code);
        t.is(api.seen.length, 1);
    });
}

for (const first of ["drop", 503, 429] as const) {
    test(`a read is repeated after ${first === "drop" ? "a dropped connection" : first}`, async (t) => {
        await using api = await startApiServer((_, nth) =>
            nth > 1 ? { body: { ok: true } } : first === "drop" ? "drop" : { status: first, body: "" },
        );
        t.deepEqual((await httpTo(api.url)({ method: "GET", path: "/api/x" })).body, { ok: true });
        t.is(api.seen.length, 2);
    });
}

test("an answer that does not begin or does not end in time is none", async (t) => {
    for (const begins of [false, true]) {
        await using api = await startSimulator({
            token: "client-token",
            faults: () => (begins ? "short body" : { name: "slow first byte", milliseconds: 60_000 }),
        });
        const http = clientTo(api.url, { clock: recordedClock(), answerWithinMs: 100 });
        const error = await t.throwsAsync(http({ method: "POST", path: "/api/x/cancel", json: {} }), {
            instanceOf: DefenderError,
        });
        t.is(error?.code, "ERR_DEFENDER_NETWORK");
    }
});

test("a read is not repeated after a refusal", async (t) => {
    await using api = await startApiServer(() => ({ status: 400, body: "" }));
    await t.throwsAsync(httpTo(api.url)({ method: "GET", path: "/api/x" }));
    t.is(api.seen.length, 1);
});

test("after a stop nothing is repeated or begun, but a request that is under way is finished", async (t) => {
    for (const isFine of [true, false]) {
        const stop = new AbortController();
        await using api = await startApiServer(() => {
            stop.abort();
            return isFine ? { body: { ok: true } } : { status: 503, body: "" };
        });
        const http = httpTo(api.url, { stop: stop.signal });
        const [first] = await Promise.allSettled([http({ method: "GET", path: "/under-way" })]);
        const [second] = await Promise.allSettled([http({ method: "GET", path: "/later" })]);
        t.like(first, isFine ? { value: { body: { ok: true } } } : { reason: { code: "ERR_DEFENDER_SERVER" } });
        t.like(second, { reason: { code: "ERR_DEFENDER_INTERRUPTED" } });
        t.is(api.seen.length, 1);
    }
});

test("where a stop keeps a read from being repeated, the failure before it goes along", async (t) => {
    const stop = new AbortController();
    await using api = await startApiServer(() => ({ status: 503, body: "" }));
    const clock = { now: Date.now, sleep: async () => stop.abort() };
    const error = await t.throwsAsync(
        httpTo(api.url, { stop: stop.signal, clock })({ method: "GET", path: "/api/x" }),
        {
            instanceOf: DefenderError,
        },
    );
    t.is(error?.code, "ERR_DEFENDER_INTERRUPTED");
    t.like(error?.cause, { code: "ERR_DEFENDER_SERVER", status: 503 });
    t.is(api.seen.length, 1);
});
