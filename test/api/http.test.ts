import { inspect } from "node:util";
import test from "ava";
import type { Http, HttpOptions } from "../../provider/api/http.ts";
import { DefenderError, type DefenderErrorCode } from "../../provider/model/errors.ts";
import { registerSecret } from "../../provider/text/redact.ts";
import { startSimulator } from "../../simulator/index.ts";
import { type Answer, startApiServer } from "../helpers/api-server.ts";
import { httpTo as clientTo, readyToken } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const token = "a-token-that-nobody-may-see";

function httpTo(apiUrl: string, changes: Partial<HttpOptions> = {}): Http {
    return clientTo(apiUrl, { credentials: readyToken(token), clock: recordedClock(), ...changes });
}

const envelope = (code: string, message: string) => ({ error: { code, message, target: "target-id" } });

test("a request carries the token, and JSON where it has a body", async (t) => {
    await using api = await startApiServer(() => ({ body: { ok: true }, headers: { "mise-correlation-id": "c-1" } }));
    const http = httpTo(`${api.url}/prefix`);
    const answer = await http({ method: "POST", path: "/api/x", query: "$top=1", json: { Comment: "why" } });
    t.like(answer, { status: 200, body: { ok: true }, correlationId: "c-1" });
    t.truthy(answer.date);
    const [seen] = api.seen;
    t.like(seen, { method: "POST", url: "/prefix/api/x?$top=1", body: '{"Comment":"why"}' });
    t.like(seen?.headers, {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "user-agent": "test/1",
    });
});

const refusals: Readonly<Record<string, readonly [Answer, DefenderErrorCode, RegExp]>> = {
    "400 with the API's words": [
        { status: 400, body: envelope("InvalidInput", "The action is over") },
        "ERR_DEFENDER_REFUSED",
        /POST \/api\/x answered 400: InvalidInput\. The action is over/,
    ],
    "401": [{ status: 401, body: "" }, "ERR_DEFENDER_UNAUTHORIZED", /answered 401\. The token is missing, expired/],
    "403 of a feature that is off": [
        { status: 403, body: envelope("DisabledFeature", "Live response is disabled") },
        "ERR_DEFENDER_FORBIDDEN",
        /DisabledFeature\. Live response is disabled\. The tenant has switched this feature off; roles do not change that\. Ask an administrator [^;]*$/,
    ],
    "403 of an operation that is not allowed": [
        { status: 403, body: envelope("disallowedOperation", "no") },
        "ERR_DEFENDER_FORBIDDEN",
        /Defender does not allow this operation here, (?!.*the token lists)/,
    ],
    "403 with a code that an object has": [
        { status: 403, body: envelope("constructor", "no") },
        "ERR_DEFENDER_FORBIDDEN",
        /constructor\. no\. .*the token lists/,
    ],
    "403": [
        { status: 403, body: envelope("Forbidden", "needs Machine.Isolate") },
        "ERR_DEFENDER_FORBIDDEN",
        /needs Machine\.Isolate\. Cancelling requires one action role.*; the token lists no role/,
    ],
    "404 of the API": [
        { status: 404, body: envelope("ResourceNotFound", "no such") },
        "ERR_DEFENDER_NOT_FOUND",
        /no such/,
    ],
    "404 of a gateway": [
        { status: 404, headers: { "content-type": "text/html" }, body: "<html>Not Found</html>" },
        "ERR_DEFENDER_RESPONSE",
        /not the API's own answer/,
    ],
    "404 with an empty code": [{ status: 404, body: envelope("", "") }, "ERR_DEFENDER_RESPONSE", /not the API's own/],
    "409": [{ status: 409, body: envelope("Conflict", "busy") }, "ERR_DEFENDER_REFUSED", /409: Conflict\. busy/],
    "429 with a long Retry-After": [
        { status: 429, headers: { "retry-after": "3600" }, body: envelope("429", "API calls quota exceeded!") },
        "ERR_DEFENDER_THROTTLED",
        /pause of 60 min.*[Rr]un again/,
    ],
    "500": [{ status: 500, body: "" }, "ERR_DEFENDER_SERVER", /answered 500$/],
    "502 with HTML": [{ status: 502, body: "<html>" }, "ERR_DEFENDER_SERVER", /answered 502$/],
    "a redirect, which is not followed": [
        { status: 302, headers: { location: "http://127.0.0.1:1/elsewhere" }, body: "" },
        "ERR_DEFENDER_RESPONSE",
        /answered 302 \(a redirect\?\)/,
    ],
    "200 with HTML": [{ body: "<html>sign in</html>" }, "ERR_DEFENDER_RESPONSE", /answered 200 with HTML/],
    "200 with nothing": [{ body: "" }, "ERR_DEFENDER_RESPONSE", /answered 200 with an empty body/],
    "200 with half a body": [{ body: '{"id":' }, "ERR_DEFENDER_RESPONSE", /answered 200 with no readable JSON/],
    "a message that plays tricks": [
        { status: 400, body: envelope("x", "\u001b[2J\n::error::\u202eowned") },
        "ERR_DEFENDER_REFUSED",
        /400: x\. +::error::owned/,
    ],
};

for (const [what, [answer, code, message]] of Object.entries(refusals)) {
    test(`a cancel request that is answered with ${what} is sent once and becomes a typed error`, async (t) => {
        await using api = await startApiServer(() => answer);
        const error = await t.throwsAsync(
            httpTo(api.url)({ method: "POST", path: "/api/x", json: {}, machineActionId: "an-id" }),
            { instanceOf: DefenderError, message },
        );
        t.is(error?.code, code);
        t.is(error?.machineActionId, "an-id");
        t.is(api.seen.filter(({ method }) => method === "POST").length, 1);
        t.notRegex(inspect(error, { depth: 9, showHidden: true }), new RegExp(token));
    });
}

test("the API's words and the advice after them are sentences with one full stop between them", async (t) => {
    const messageFor = async (status: number, body: object | string) => {
        await using api = await startApiServer(() => ({ status, body }));
        const error = await t.throwsAsync(httpTo(api.url, {})({ method: "POST", path: "/api/x" }));
        return error?.message ?? "";
    };
    t.regex(
        await messageFor(401, envelope("Unauthorized", "The token has expired.")),
        /answered 401: Unauthorized\. The token has expired\. The token is missing, expired or made for another API: get a new one$/,
    );
    t.regex(await messageFor(401, ""), /answered 401\. The token is missing/);
    t.regex(await messageFor(400, envelope("", "The query is not valid.")), /answered 400: The query is not valid$/);
    t.regex(await messageFor(400, envelope("BadRequest", "")), /answered 400: BadRequest$/);
});

test("a missing role is named beside those that the token has", async (t) => {
    const claims = Buffer.from('{"roles":["Machine.Scan","Machine.Read.All"]}').toString("base64url");
    await using api = await startApiServer(() => ({ status: 403, body: envelope("Forbidden", "no") }));
    const http = httpTo(api.url, { credentials: readyToken(`e30.${claims}.sig`) });
    await t.throwsAsync(http({ method: "GET", path: "/api/x" }), {
        message: /Reading requires the role Machine\.Read\.All; the token lists Machine\.Scan, Machine\.Read\.All/,
    });
});

for (const [forbiddenWording, said] of [
    ["2021", /The application does not have any of the required application permissions \(.+\) to access the resource/],
    ["2026", /Missing application roles\. API required roles: .+, application roles: Machine\.Read\.All/],
] as const) {
    test(`the advice on a missing role is the same beside the API's wording of ${forbiddenWording}`, async (t) => {
        const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
        await using simulator = await startSimulator({ actions: [{ id }], forbiddenWording });
        const claims = Buffer.from('{"roles":["Machine.Read.All"]}').toString("base64url");
        const http = httpTo(simulator.url, { credentials: readyToken(`e30.${claims}.sig`) });
        const path = `/api/machineactions/${id}/cancel`;
        const error = await t.throwsAsync(http({ method: "POST", path, json: { Comment: "why" } }), {
            instanceOf: DefenderError,
            code: "ERR_DEFENDER_FORBIDDEN",
        });
        const [, words = "", advice] =
            /answered 403: (.+?)\. (Cancelling requires .+)$/.exec(error?.message ?? "") ?? [];
        t.regex(words, said);
        t.is(
            advice?.split(". ")[0],
            "Cancelling requires one action role, preferably that of the action's type: Machine.Isolate, Machine.Scan, " +
                "Machine.CollectForensics, Machine.RestrictExecution, Machine.StopAndQuarantine or Machine.Offboard; " +
                "the token lists Machine.Read.All",
        );
    });
}

test("a server that repeats the token in its answer does not get it into the error", async (t) => {
    await using api = await startApiServer(({ headers }) => ({
        status: 400,
        headers: { "mise-correlation-id": String(headers.authorization) },
        body: envelope("InvalidInput", `cannot use ${headers.authorization}`),
    }));
    registerSecret(token);
    const error = await t.throwsAsync(httpTo(api.url)({ method: "GET", path: "/api/x" }));
    t.notRegex(inspect(error, { depth: 9, showHidden: true }), new RegExp(token));
    t.regex(error?.message ?? "", /cannot use Bearer \[secret\]/);
});

test("an error carries the API's id of the exchange: the header's, else the envelope's", async (t) => {
    await using api = await startApiServer((_, nth) => ({
        status: 400,
        headers: nth === 1 ? { "mise-correlation-id": "header-id" } : {},
        body: envelope("x", "y"),
    }));
    for (const trackingId of ["header-id", "target-id"]) {
        const error = await t.throwsAsync(httpTo(api.url)({ method: "GET", path: "/api/x" }), {
            instanceOf: DefenderError,
        });
        t.is(error?.trackingId, trackingId);
    }
});
