import test from "ava";
import { createQuotaLedger } from "../../../simulator/access/quota.ts";
import type { RecordedRequest } from "../../../simulator/http/request-record.ts";
import { applicationName, pageQuotas, pageRequest, pageSignIn } from "../../../simulator/page/page-requests.ts";
import { manualClock, start } from "../client.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const recorded: RecordedRequest = {
    at: start,
    method: "POST",
    path: `/api/machineactions/${id}/cancel`,
    query: "",
    operation: "cancel",
    actionId: id,
    headers: { authorization: "Bearer token-of-the-app" },
    body: '{"Comment":"the password is swordfish"}',
    status: 200,
    ids: [id],
    carriedOut: true,
};

test("a request is shown in the words of the command, with the machine of its action", (t) => {
    t.deepEqual(pageRequest(recorded, "Cancelled", "ws-0417"), {
        at: start,
        method: "POST",
        target: "/api/machineactions/5f2c7a10…/cancel",
        status: "200",
        meaning: "cancel accepted, it is Cancelled",
        machine: "ws-0417",
        outcome: "done",
    });
});

for (const [why, request, outcome, meaning] of [
    ["a refusal", { status: 403 }, "refused", "role missing"],
    ["a used-up quota", { status: 429 }, "throttled", "quota used up"],
    [
        "a fault",
        { status: 0, fault: "drop before", carriedOut: false },
        "disturbed",
        'fault "drop before": not carried out',
    ],
] as const) {
    test(`${why} is told apart from a request that was carried out`, (t) => {
        t.like(pageRequest({ ...recorded, ...request }, undefined, null), { outcome, meaning, machine: "" });
    });
}

const jwt = "eyJhbGciOiJub25lIn0.eyJhcHBpZCI6IngifQ.c2lnbmF0dXJl";
for (const [where, request] of [
    ["a parameter that is none of OData", { query: `$top=5&access_token=swordfish` }],
    ["a query without a name", { query: "swordfish" }],
    ["an encoded name", { query: "%61ccess_token=swordfish" }],
    ["the token of the request in the path", { path: "/api/token-of-the-app" }],
    ["the token of the request in a filter", { query: "$filter=id eq 'token-of-the-app'" }],
    ["a token of another application in the path", { path: `/api/machineactions/${jwt}` }],
    ["the body", {}],
] as const) {
    test(`a secret does not reach the page: ${where}`, (t) => {
        const shown = JSON.stringify(pageRequest({ ...recorded, ...request }, "Pending", "ws-0417"));
        t.notRegex(shown, /swordfish|token-of-the-app|eyJ/);
    });
}

test("the options of OData are shown as they were sent", (t) => {
    const query = "$filter=status%20eq%20'Pending'&$top=5";
    const { target } = pageRequest({ ...recorded, path: "/api/machineactions", query }, undefined, undefined);
    t.is(target, "/api/machineactions?$filter=status eq 'Pending'&$top=5");
});

test("an attempt to sign in is shown with its outcome", (t) => {
    const signIn = { at: start, tenantId: "t", clientId: "c", grant: "client secret" } as const;
    t.deepEqual(pageSignIn({ ...signIn, outcome: "AADSTS7000215" }), {
        at: start,
        method: "sign-in by client secret",
        target: "app c of tenant t",
        status: "",
        meaning: "AADSTS7000215",
        machine: "",
        outcome: "refused",
    });
    t.like(pageSignIn({ ...signIn, outcome: "issued" }), { meaning: "token issued", outcome: "done" });
});

test("the quota of each application shows its name, what is used and when there is room again", (t) => {
    const clock = manualClock();
    const ledger = createQuotaLedger([{ requests: 2, periodMs: 60_000, window: "sliding" }], clock.now);
    const rescue = { tenantId: "t", appId: "APP-1", objectId: "object-1", displayName: "Incident rescue" };
    ledger.spend(1, { tenantId: "t", appId: "app-1" });
    clock.advance(10_000);
    ledger.take(rescue);
    ledger.take({ tenantId: "t", appId: "app-2" });
    t.deepEqual(pageQuotas(ledger.uses()), [
        { application: "Incident rescue", used: 2, requests: 2, periodSeconds: 60, freeInSeconds: 50 },
        { application: "app-2", used: 1, requests: 2, periodSeconds: 60, freeInSeconds: 0 },
    ]);
    t.is(applicationName(ledger.uses(), "app-1"), "Incident rescue");
    t.is(applicationName(ledger.uses(), "OBJECT-1"), "Incident rescue");
    t.is(applicationName(ledger.uses(), "app-2"), undefined);
});
