import test from "ava";
import { idOf, isRefusal, withSimulator } from "../client.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const id = idOf(1);
const actions = "/api/machineactions";

test("an action is read with its context, under both path prefixes and in any case of the id", (t) =>
    withSimulator({ actions: [{ id: "ABCDEF00-0000-4000-8000-000000000001" }] }, async (client, simulator) => {
        const [row] = simulator.actions();
        for (const path of [actions, "/api/v1.0/machineactions", "/api/machineActions"]) {
            const { status, body } = await client.get(`${path}/abcdef00-0000-4000-8000-000000000001`);
            t.is(status, 200);
            t.deepEqual(body, {
                "@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions/$entity",
                ...row,
            });
        }
        t.is((await client.get(`${actions}/ABCDEF00-0000-4000-8000-000000000001`)).body.id, row?.id);
    }));

test("every answer carries a correlation id, the simulator's date and JSON", (t) =>
    withSimulator({ actions: [{ id }] }, async (client) => {
        const answers = [
            await client.get(`${actions}/${id}`),
            await client.get(`${actions}/${idOf(2)}`),
            await client.get("/nowhere"),
            await client.get(actions, { authorization: "" }),
            await client.get(`${actions}?$filter=x`),
        ];
        t.deepEqual(
            answers.map(({ status }) => status),
            [200, 404, 404, 401, 400],
        );
        for (const { headers } of answers) {
            t.regex(headers.get("mise-correlation-id") ?? "", guid);
            t.regex(headers.get("content-type") ?? "", /^application\/json/);
            t.is(headers.get("date"), "Mon, 04 May 2026 10:00:00 GMT");
        }
        t.is(new Set(answers.map(({ headers }) => headers.get("mise-correlation-id"))).size, answers.length);
    }));

test("an unknown action, a malformed id, an unknown path and a wrong method are told apart", (t) =>
    withSimulator({}, async (client) => {
        t.true(isRefusal(await client.get(`${actions}/${id}`), 404, "ResourceNotFound"));
        t.true(isRefusal(await client.get(`${actions}/42`), 400, "InvalidInput"));
        t.true(isRefusal(await client.cancel("42"), 400, "InvalidInput"));
        t.true(isRefusal(await client.cancel(id), 404, "ResourceNotFound"));
        t.true(isRefusal(await client.get("/api/nowhere"), 404, "NotFound"));
        const wrong = await client.get(`${actions}/${id}/cancel`);
        t.true(isRefusal(wrong, 405, "MethodNotAllowed"));
        t.is(wrong.headers.get("allow"), "POST");
    }));

test("any bearer token opens the API, but no request does without one", (t) =>
    withSimulator({}, async (client) => {
        t.is((await client.get(actions, { authorization: "bearer x" })).status, 200);
        for (const authorization of ["", "Bearer", "Bearer ", "Basic eDp5"]) {
            t.true(isRefusal(await client.get(actions, { authorization }), 401, "Unauthorized"), authorization);
        }
    }));

test("with a token of its own the simulator accepts no other", (t) =>
    withSimulator({ token: "right" }, async (client, simulator) => {
        t.is((await client.get(actions, { authorization: "Bearer right" })).status, 200);
        t.true(isRefusal(await client.get(actions, { authorization: "Bearer wrong" }), 401, "Unauthorized"));
        simulator.seed({ id });
        t.is((await client.cancel(id)).status, 401);
        t.is(simulator.action(id)?.status, "Pending");
    }));

test("cancelling answers the action as it is right after, and names the token's application", (t) =>
    withSimulator({ actions: [{ id }, { id: idOf(2), behaviour: "in-progress-then-cancelled" }] }, async (client) => {
        const first = await client.cancel(id);
        t.is(first.status, 200);
        t.like(first.body, {
            id,
            status: "Cancelled",
            cancellationComment: "wrong scope",
            cancellationRequestor: "9a1b2c3d-0000-4000-8000-00000000abcd",
        });
        const claims = Buffer.from(JSON.stringify({ appid: "11112222-3333-4444-8555-666677778888" }));
        const authorization = `Bearer e30.${claims.toString("base64url")}.x`;
        const body = { Comment: "wrong scope" };
        const second = await client.post(`${actions}/${idOf(2)}/cancel`, body, { authorization });
        t.like(second.body, {
            status: "InProgress",
            cancellationRequestor: "11112222-3333-4444-8555-666677778888",
        });
    }));

for (const [form, shown] of [
    ["app id", "11112222-3333-4444-8555-666677778888"],
    ["object id", "22223333-4444-4555-8666-777788889999"],
    ["display name", "SOAR rescue"],
] as const) {
    test(`an application that cancels is shown by its ${form} on demand, and one that submits by its name`, (t) =>
        withSimulator({ actions: [{ id }], cancellationRequestor: form }, async (client, simulator) => {
            const claims = {
                appid: "11112222-3333-4444-8555-666677778888",
                oid: "22223333-4444-4555-8666-777788889999",
                app_displayname: "SOAR rescue",
            };
            const authorization = `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
            const cancelled = await client.post(`${actions}/${id}/cancel`, { Comment: "x" }, { authorization });
            t.is(cancelled.body.cancellationRequestor, shown);
            const isolate = `/api/machines/${simulator.action(id)?.machineId}/isolate`;
            const submitted = await client.post(isolate, { Comment: "y", IsolationType: "Full" }, { authorization });
            t.is(submitted.body.requestor, "SOAR rescue");
        }));
}

test("a token that only looks like a JWT is accepted, but names no application", (t) =>
    withSimulator({ actions: [1, 2, 3].map((n) => ({ id: idOf(n) })) }, async (client) => {
        for (const [index, payload] of ["!", "e30", "bnVsbA"].entries()) {
            const authorization = `Bearer a.${payload}.c`;
            const path = `${actions}/${idOf(index + 1)}/cancel`;
            const { status, body } = await client.post(path, { Comment: "x" }, { authorization });
            t.is(status, 200);
            t.is(body.cancellationRequestor, "9a1b2c3d-0000-4000-8000-00000000abcd");
        }
    }));

test("an action that cannot be written as JSON is answered with a server error, and the simulator goes on", (t) =>
    withSimulator({ actions: [{ id, commands: [1n] }, { id: idOf(2) }] }, async (client) => {
        t.true(isRefusal(await client.get(`${actions}/${id}`), 500, "InternalServerError"));
        t.is((await client.get(`${actions}/${idOf(2)}`)).status, 200);
    }));

test("cancelling what has ended already is refused and says how it ended", (t) =>
    withSimulator({ actions: [{ id, status: "Succeeded" }] }, async (client) => {
        const answer = await client.cancel(id);
        t.true(isRefusal(answer, 400, "InvalidInput"));
        t.regex(answer.body.error?.message ?? "", /Succeeded/);
    }));

test("a cancel request needs JSON with a comment that is not blank", (t) =>
    withSimulator({ actions: [{ id }] }, async (client, simulator) => {
        const path = `${actions}/${id}/cancel`;
        for (const body of [{}, { Comment: "" }, { Comment: " \t" }, { Comment: null }, { comment: "x" }]) {
            t.true(isRefusal(await client.post(path, body), 400, "MissingRequiredParameter"), JSON.stringify(body));
        }
        t.true(isRefusal(await client.post(path, { Comment: 7 }), 400, "InvalidInput"));
        for (const body of ["", "{", "[]", '"x"', "null"]) {
            t.true(isRefusal(await client.post(path, body), 400, "InvalidRequestBody"), body);
        }
        const plain = await client.post(path, { Comment: "x" }, { "content-type": "text/plain" });
        t.true(isRefusal(plain, 415, "UnsupportedMediaType"));
        t.true(isRefusal(await client.post(path, { Comment: "x".repeat(1_000_001) }), 413, "RequestTooLarge"));
        t.is(simulator.action(id)?.status, "Pending");

        const charset = { "content-type": "Application/JSON; charset=utf-8" };
        t.is(
            (await client.post(path, { Comment: " kept as sent " }, charset)).body.cancellationComment,
            " kept as sent ",
        );
    }));

test("a record names the application and the error code of a refusal, where there are any", (t) =>
    withSimulator({ actions: [{ id, status: "Succeeded" }] }, async (client, simulator) => {
        await client.get(`${actions}/${id}`);
        await client.cancel(idOf(2));
        await client.get(actions, { authorization: "" });
        t.deepEqual(
            simulator.requests.map(({ application, errorCode }) => [application, errorCode]),
            [
                ["Incident rescue", undefined],
                ["Incident rescue", "ResourceNotFound"],
                [undefined, "Unauthorized"],
            ],
        );
    }));
