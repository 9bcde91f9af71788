import test from "ava";
import { idOf, isRefusal, withSimulator } from "../client.ts";

const machineOf = (n: number) => n.toString(16).padStart(40, "0");
const bearer = (...roles: string[]) => ({
    authorization: `Bearer e30.${Buffer.from(JSON.stringify({ roles })).toString("base64url")}.x`,
});
const fleet = {
    actions: [
        { id: idOf(1), machineId: machineOf(1), creationDateTimeUtc: "2026-05-04T09:00:00Z" },
        { id: idOf(2), machineId: machineOf(2), creationDateTimeUtc: "2026-05-04T08:00:00Z" },
    ],
    machines: [{ id: machineOf(2), riskScore: "High", rbacGroupName: "Servers" }],
};

test("each machine has an alert, older than its first action and as severe as its risk", (t) =>
    withSimulator(fleet, async (client, simulator) => {
        const { status, body } = await client.get("/api/alerts");
        t.is(status, 200);
        t.is(body["@odata.context"], "https://api.securitycenter.microsoft.com/api/$metadata#Alerts");
        t.like(body.value, [
            { machineId: machineOf(1), severity: "Informational", status: "Resolved", evidence: [] },
            { machineId: machineOf(2), severity: "High", status: "New", resolvedTime: null, rbacGroupName: "Servers" },
        ]);
        t.true(Date.parse(String(Object(body.value?.[0]).alertCreationTime)) < Date.parse("2026-05-04T09:00:00Z"));
        simulator.reissue(idOf(1));
        t.deepEqual((await client.get("/api/alerts")).body, body);
        const [first] = body.value ?? [];
        t.like((await client.get(`/api/alerts/${first?.id}`)).body, { id: first?.id });
        t.deepEqual(
            (await client.get(`/api/machines/${machineOf(2)}/alerts`)).body.value,
            body.value?.filter((row) => Object(row).machineId === machineOf(2)),
        );
    }));

const queries: readonly [string, number][] = [
    ["$top=1", 1],
    ["$filter=lastUpdateTime+ge+2019-11-22T00:00:00Z", 2],
    ["$filter=severity eq 'high' and status ne 'Resolved'", 1],
    ["$filter=alertCreationTime gt 2026-05-04T08:15:00Z&$orderby=alertCreationTime desc", 1],
    ["$filter=incidentId gt 0 and investigationId eq null and category eq 'Execution'", 2],
    ["$filter=mitreTechniques/any(t: startswith(t,'T1059'))&$count=true", 2],
    ["$top=10&$skip=1", 1],
];
for (const [query, expected] of queries) {
    test(`alerts are listed with ${query}`, (t) =>
        withSimulator(fleet, async (client) => {
            t.is((await client.get(`/api/alerts?${query}`)).body.value?.length, expected);
        }));
}

test("the evidence of an alert is expanded on demand, and nothing else is", (t) =>
    withSimulator(fleet, async (client) => {
        const { body } = await client.get("/api/alerts?$expand=Evidence&$top=1&$select=id,evidence");
        t.like(body.value?.[0], { evidence: [{ entityType: "File" }] });
        t.like((await client.get(`/api/alerts/${body.value?.[0]?.id}?$expand=evidence`)).body, {
            evidence: [{ entityType: "File" }],
        });
        for (const [path, message] of [
            ["/api/alerts?$expand=files", "Could not find a property named 'files' on type 'Alert'."],
            [
                "/api/machines?$expand=machineTags",
                "Property 'machineTags' on type 'Machine' is not a navigation property or complex property. Only navigation properties can be expanded.",
            ],
        ] as const) {
            const refused = await client.get(path);
            t.is(refused.status, 400);
            t.is(refused.body.error?.message, `The query specified in the URI is not valid. ${message}`);
        }
    }));

test("alerts take a role of their own, and an unknown alert is not found", (t) =>
    withSimulator(fleet, async (client) => {
        for (const role of ["Alert.Read.All", "Alert.ReadWrite.All"]) {
            t.is((await client.get("/api/alerts?$top=1", bearer(role))).status, 200);
        }
        for (const path of ["/api/alerts", `/api/machines/${machineOf(1)}/alerts`]) {
            t.true(isRefusal(await client.get(path, bearer("Machine.Read.All")), 403, "Forbidden"), path);
        }
        t.true(isRefusal(await client.get("/api/alerts/da1_1"), 404, "ResourceNotFound"));
    }));

test("a tenant without machines has no alerts", (t) =>
    withSimulator({}, async (client) => {
        t.deepEqual((await client.get("/api/alerts?$top=1")).body.value, []);
    }));
