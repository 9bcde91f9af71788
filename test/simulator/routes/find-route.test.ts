import test from "ava";
import { idOf, isRefusal, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";

test("isolations, their ends, scans and live responses can be submitted on a machine of the fleet", (t) =>
    withSimulator({ actions: [{ id, machineId, status: "Succeeded" }] }, async (client, simulator, clock) => {
        const machine = `/api/machines/${machineId.toUpperCase()}`;
        const commands = [{ type: "RunScript", params: [{ key: "ScriptName", value: "collect.ps1" }] }];
        const submitted = [
            await client.post(`${machine}/isolate`, { Comment: "a", IsolationType: "Selective" }),
            await client.post(`${machine}/unisolate`, { Comment: "d" }),
            await client.post(`${machine}/runAntiVirusScan`, { Comment: "b", ScanType: "Quick" }),
            await client.post(`${machine}/runliveresponse`, { Comment: "c", Commands: commands }),
        ];
        const rows = submitted.map(({ status, body }) => [status, body.type, body.scope, body.requestorComment]);
        t.deepEqual(rows, [
            [201, "Isolate", "Selective", "a"],
            [201, "Unisolate", null, "d"],
            [201, "RunAntiVirusScan", "Quick", "b"],
            [201, "LiveResponse", null, "c"],
        ]);
        for (const { body } of submitted) {
            t.like(body, { status: "Pending", requestSource: "PublicApi" });
            clock.advance(3_000);
            const { computerDnsName } = simulator.action(id) ?? {};
            t.like(simulator.action(body.id ?? ""), { requestor: "Incident rescue", machineId, computerDnsName });
        }
    }));

test("a submission is refused while one of its type is open on the machine, and accepted once that is cancelled", (t) =>
    withSimulator({ actions: [{ id, machineId }] }, async (client, simulator) => {
        const submit = () =>
            client.post(`/api/machines/${machineId}/isolate`, { Comment: "again", IsolationType: "Full" });
        t.true(isRefusal(await submit(), 400, "ActiveRequestAlreadyExists"));
        await client.cancel(id);
        t.is((await submit()).status, 201);
        t.is(simulator.actions().length, 2);
    }));

test("a submission on an unknown machine or with a bad body is refused", (t) =>
    withSimulator({ actions: [{ machineId, status: "Failed" }] }, async (client) => {
        const full = { Comment: "a", IsolationType: "Full" };
        t.true(isRefusal(await client.post("/api/machines/ff00/isolate", full), 404, "ResourceNotFound"));
        const machine = `/api/machines/${machineId}`;
        const missing = { IsolationType: "Full" };
        t.true(isRefusal(await client.post(`${machine}/isolate`, missing), 400, "MissingRequiredParameter"));
        const unknown = { Comment: "a", IsolationType: "Total" };
        t.true(isRefusal(await client.post(`${machine}/isolate`, unknown), 400, "InvalidInput"));
        const params = [{ key: "Path", value: "a".repeat(32_768) }];
        const long = { Comment: "a", Commands: [{ type: "GetFile", params }] };
        t.true(isRefusal(await client.post(`${machine}/runliveresponse`, long), 400, "InvalidInput"));
        const empty = { Comment: "a", Commands: [] };
        t.true(isRefusal(await client.post(`${machine}/runliveresponse`, empty), 400, "InvalidInput"));
    }));

for (const path of [
    "/api/machines/?$top=1",
    "/api/machineactions/",
    "/api/v1.0/machineactions/$count/",
    `/api/machineactions/${id}/`,
    `/api/machines/${machineId}/machineactions/`,
]) {
    test(`a slash at the end of a path is ignored: ${path}`, (t) =>
        withSimulator({ actions: [{ id, machineId }] }, async (client) => {
            t.is((await client.get(path)).status, 200);
        }));
}
