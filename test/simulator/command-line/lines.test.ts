import test from "ava";
import { requestLine, sanitize, signInLine } from "../../../simulator/command-line/lines.ts";
import type { RecordedRequest } from "../../../simulator/index.ts";
import { idOf, start } from "../client.ts";

const request: RecordedRequest = {
    at: start,
    method: "GET",
    path: `/api/machineactions/${idOf(1)}`,
    query: "",
    operation: "get",
    actionId: idOf(1),
    headers: {},
    body: "",
    status: 200,
    ids: [idOf(1)],
    carriedOut: true,
};

test("text for the terminal loses escape sequences, control, bidirectional and invisible characters", (t) => {
    t.is(sanitize("\u001b[31mred\u001b[0m \u001b]0;title\u0007x"), "red x");
    t.is(sanitize("a\r\n::error::b\tc\u2028d"), "a ::error::b c d");
    t.is(sanitize("a\u202eb\u2066c\u200bd\u0000\u009be\ud800"), "abcde");
    t.is(sanitize("\n ::error::a"), ": :error::a");
    t.is(sanitize("ws-0417 é 😀"), "ws-0417 é 😀");
});

test("a request is one line that says when, what and how it ended", (t) => {
    const path = `/api/machineactions/${idOf(1)}`;
    t.is(requestLine(request, "Pending"), `10:00:00.000  GET   ${path}  200  is Pending`);
    const cancel = { ...request, method: "POST", path: `${path}/cancel`, operation: "cancel" } as const;
    t.is(requestLine(cancel, "Cancelled"), `10:00:00.000  POST  ${path}/cancel  200  cancel accepted, it is Cancelled`);
    const late = { ...cancel, status: 400 };
    t.is(requestLine(late, "Succeeded"), `10:00:00.000  POST  ${path}/cancel  400  cancel refused, it is Succeeded`);
    t.true(requestLine({ ...request, status: 404 }, undefined).endsWith("404  not found"));
    t.true(requestLine({ ...request, status: 401 }, undefined).endsWith("401  no accepted token"));
    t.true(
        requestLine({ ...request, operation: "create", status: 201 }, "Pending").endsWith(
            `created, it is Pending: ${idOf(1)}`,
        ),
    );
    const refused = { ...request, operation: "create", status: 400, errorCode: "ActiveRequestAlreadyExists" } as const;
    t.true(requestLine(refused, undefined).endsWith("400  refused: ActiveRequestAlreadyExists"));
    t.true(
        requestLine({ ...request, application: "SOAR" }, "Pending", { showApplication: true }).endsWith("  by SOAR"),
    );
    t.true(requestLine({ ...request, operation: "create", status: 201 }, undefined).endsWith("201  created"));
    t.true(requestLine({ ...request, operation: "other" }, undefined).endsWith("200  answered"));
});

test("a request that went wrong says how, and whether it was carried out", (t) => {
    const lost = requestLine({ ...request, status: 0, fault: "drop after" }, "Cancelled");
    t.true(lost.endsWith(`---  fault "drop after": carried out, the action is Cancelled`), lost);
    const list = { ...request, operation: "list", status: 429, carriedOut: false, fault: { name: "429" } } as const;
    t.true(requestLine(list, undefined).endsWith(`429  fault "429": not carried out`));
    t.true(requestLine({ ...request, status: 403 }, undefined).endsWith("403  role missing"));
    t.true(requestLine({ ...request, status: 429 }, undefined).endsWith("429  quota used up"));
});

test("an attempt to sign in is one line, whatever the client calls itself", (t) => {
    const attempt = { at: start, tenantId: "t", clientId: "c", grant: "client secret", outcome: "issued" } as const;
    t.is(signInLine(attempt), "10:00:00.000  sign-in by client secret, app c of tenant t  token issued");
    const hostile = { ...attempt, clientId: "\u001b[31m\n::error::", outcome: "AADSTS700016", grant: "none" } as const;
    t.is(signInLine(hostile), "10:00:00.000  sign-in by none, app ::error:: of tenant t  AADSTS700016");
    t.true(signInLine({ ...attempt, clientId: "x".repeat(10_000) }).length < 250);
});

test("a list request shows its query readably and how many actions it found", (t) => {
    const list = { ...request, path: "/api/machineactions", operation: "list" as const, ids: ["a", "b"] };
    const line = requestLine({ ...list, query: "$filter=status%20eq%20'Pending'" }, undefined);
    t.is(line, "10:00:00.000  GET   /api/machineactions?$filter=status eq 'Pending'  200  2 actions");
    t.true(requestLine({ ...list, query: "%zz" }, undefined).includes("?%zz"));
    t.true(requestLine({ ...list, query: "x".repeat(10_000) }, undefined).length < 250);
});

test("an encoded escape sequence in a query does not reach the terminal", (t) => {
    const line = requestLine({ ...request, query: "a=%1B%5B31m%0A::error::%E2%80%AE" }, "Pending");
    t.true(line.includes("?a= ::error::  200"));
    t.notRegex(line, /\p{Cc}|\p{Cf}/u);
});
