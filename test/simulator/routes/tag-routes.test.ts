import test from "ava";
import { idOf, isRefusal, withSimulator } from "../client.ts";

const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const fleet = { actions: [{ id: idOf(1), machineId, machine: { riskScore: "High", machineTags: ["tier-0"] } }] };
const tags = `/api/machines/${machineId}/tags`;

test("tags are added once and removed, and the rest of the machine stays", (t) =>
    withSimulator(fleet, async (client) => {
        const changes: readonly [string, string, string[]][] = [
            ["x", "Add", ["tier-0", "x"]],
            ["x", "Add", ["tier-0", "x"]],
            ["tier-0", "Remove", ["x"]],
            ["never there", "Remove", ["x"]],
        ];
        for (const [Value, Action, machineTags] of changes) {
            const { status, body } = await client.post(tags, { Value, Action });
            t.is(status, 200);
            t.like(body, { id: machineId, machineTags, riskScore: "High" });
        }
        t.like((await client.get(`/api/machines/${machineId}`)).body, { machineTags: ["x"] });
    }));

test("a malformed change, an unknown machine and a missing role are refused", (t) =>
    withSimulator(fleet, async (client) => {
        t.true(isRefusal(await client.post(tags, { Action: "Add" }), 400, "MissingRequiredParameter"));
        t.true(isRefusal(await client.post(tags, { Value: "x", Action: "Replace" }), 400, "InvalidInput"));
        const elsewhere = tags.replace("3c0f", "0000");
        t.true(isRefusal(await client.post(elsewhere, { Value: "x", Action: "Add" }), 404, "ResourceNotFound"));
        const claims = Buffer.from(JSON.stringify({ roles: ["Machine.Read.All"] })).toString("base64url");
        const headers = { authorization: `Bearer e30.${claims}.x` };
        t.true(isRefusal(await client.post(tags, { Value: "x", Action: "Add" }, headers), 403, "Forbidden"));
    }));
