import test from "ava";
import { isRefusal, withSimulator } from "../client.ts";

const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const machines = [{ id: machineId, computerDnsName: "ws-0417" }];
const path = `/api/machines/${machineId}/startInvestigation`;

function bearer(role: string): { authorization: string } {
    return { authorization: `Bearer e30.${Buffer.from(JSON.stringify({ roles: [role] })).toString("base64url")}.x` };
}

test("an investigation is no machine action: it is answered and read as an object of its own, and comes to an end", (t) =>
    withSimulator({ machines }, async (client, simulator, clock) => {
        const { status, body } = await client.post(path, { Comment: "INC-4711" }, bearer("Alert.ReadWrite.All"));
        t.is(status, 201);
        const started = {
            "@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#Investigations/$entity",
            id: "63004",
            startTime: "2026-05-04T10:00:00Z",
            endTime: null,
            state: "Running",
            cancelledBy: null,
            statusDetails: null,
            machineId,
            computerDnsName: "ws-0417",
            triggeringAlertId: null,
        };
        t.deepEqual(body as object, started);
        t.deepEqual(simulator.actions(), []);
        clock.advance(10 * 60_000);
        const later = await client.get("/api/investigations/63004", bearer("Alert.Read.All"));
        t.deepEqual(later.body as object, { ...started, state: "Benign", endTime: "2026-05-04T10:10:00Z" });
        t.is((await client.post(path, { Comment: "again" })).body.id, "63005");
    }));

test("starting one takes a comment and the role Alert.ReadWrite.All, and an unknown one is not found", (t) =>
    withSimulator({ machines }, async (client) => {
        t.true(isRefusal(await client.post(path, {}), 400, "MissingRequiredParameter"));
        t.true(isRefusal(await client.post(path, { Comment: "x" }, bearer("Alert.Read.All")), 403, "Forbidden"));
        t.true(isRefusal(await client.get("/api/investigations/1"), 404, "ResourceNotFound"));
    }));
