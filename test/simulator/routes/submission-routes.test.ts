import ava from "ava";
import { type Answered, isRefusal, withSimulator } from "../client.ts";

// One after another: so many simulators and connections at once are slow on a busy machine.
const test = ava.serial;
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const host = "ws-0417.contoso.example";
const machines = [{ id: machineId, computerDnsName: host }];
const on = (action: string) => `/api/machines/${machineId}/${action}`;
const sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
const commands = [{ type: "RunScript", params: [{ key: "ScriptName", value: "triage.ps1" }] }];

interface Submission {
    path: string;
    type: string;
    role: string;
    body?: object;
    shown?: object;
}

const submissions: readonly Submission[] = [
    { path: "isolate", type: "Isolate", role: "Machine.Isolate", shown: { scope: "Full" } },
    { path: "isolate", type: "Isolate", role: "Machine.Isolate", body: { IsolationType: "Selective" } },
    { path: "isolate", type: "Isolate", role: "Machine.Isolate", body: { IsolationType: "UnManagedDevice" } },
    { path: "unisolate", type: "Unisolate", role: "Machine.Isolate", shown: { scope: null } },
    { path: "unisolate", type: "Unisolate", role: "Machine.Isolate", body: { IsolationType: "UnManagedDevice" } },
    { path: "runAntiVirusScan", type: "RunAntiVirusScan", role: "Machine.Scan", body: { ScanType: "Quick" } },
    { path: "restrictCodeExecution", type: "RestrictCodeExecution", role: "Machine.RestrictExecution" },
    { path: "unrestrictCodeExecution", type: "UnrestrictCodeExecution", role: "Machine.RestrictExecution" },
    ...["StopAndQuarantineFile", "stopAndQuarantineFile"].map((path) => ({
        path,
        type: "StopAndQuarantineFile",
        role: "Machine.StopAndQuarantine",
        body: { Sha1: sha1 },
        shown: { relatedFileInfo: { fileIdentifier: sha1, fileIdentifierType: "Sha1" } },
    })),
    {
        path: "collectInvestigationPackage",
        type: "CollectInvestigationPackage",
        role: "Machine.CollectForensics",
    },
    { path: "offboard", type: "Offboard", role: "Machine.Offboard" },
    { path: "runliveresponse", type: "LiveResponse", role: "Machine.LiveResponse", body: { Commands: commands } },
    { path: "runLiveResponse", type: "LiveResponse", role: "Machine.LiveResponse", body: { Commands: commands } },
];

function bearer(...roles: string[]): { authorization: string } {
    const claims = Buffer.from(JSON.stringify({ appid: "app", roles })).toString("base64url");
    return { authorization: `Bearer e30.${claims}.x` };
}

for (const { path, type, role, body = {}, shown = {} } of submissions) {
    const form = JSON.stringify(body);
    test(`${path} with ${form} submits ${type} on a machine without actions, for the role ${role} alone`, (t) =>
        withSimulator({ machines }, async (client, simulator, clock) => {
            const sent = { Comment: "INC-4711", ExternalId: "soar-77", Title: "Contain", ...body };
            const others = ["Machine.Read.All", "Machine.ReadWrite.All", "Alert.ReadWrite.All"];
            const all = submissions.map((one) => one.role).filter((one) => one !== role);
            t.true(isRefusal(await client.post(on(path), sent, bearer(...others, ...all)), 403, "Forbidden"));
            const answer = await client.post(on(path), sent, bearer(role));
            t.is(answer.status, 201);
            t.like(answer.body, {
                "@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions/$entity",
                type,
                status: "Pending",
                requestorComment: "INC-4711",
                externalId: "soar-77",
                title: "Contain",
                requestSource: "PublicApi",
                ...("IsolationType" in body ? { scope: body.IsolationType } : {}),
                ...("ScanType" in body ? { scope: body.ScanType } : {}),
                ...shown,
            });
            clock.advance(3_000);
            t.like(simulator.action(answer.body.id ?? ""), { type, machineId, computerDnsName: host });
        }));

    test(`${path} with ${form} needs a comment, and takes neither another case of its name nor a blank one`, (t) =>
        withSimulator({ machines }, async (client, simulator) => {
            const full = { ...body };
            for (const sent of [full, { ...full, comment: "x" }, { ...full, Comment: " " }]) {
                t.true(isRefusal(await client.post(on(path), sent), 400, "MissingRequiredParameter"));
            }
            t.is(simulator.actions().length, 0);
        }));

    test(`${path} with ${form} is refused with the API's own words while one is open, and not after its end`, (t) =>
        withSimulator({ machines }, async (client, simulator) => {
            const submit = (): Promise<Answered> => client.post(on(path), { Comment: "INC-4711", ...body });
            const first = (await submit()).body.id ?? "";
            const second = await submit();
            t.true(isRefusal(second, 400, "ActiveRequestAlreadyExists"));
            t.is(second.body.error?.message, "Action is already in progress");
            simulator.start(first);
            t.true(isRefusal(await submit(), 400, "ActiveRequestAlreadyExists"));
            await client.cancel(first);
            simulator.finish(first, "Cancelled");
            t.is((await submit()).status, 201);
        }));
}

test("what a body has beside its own properties is ignored, and null means that a property is absent", (t) =>
    withSimulator({ machines }, async (client) => {
        const { status, body } = await client.post(on("isolate"), {
            Comment: "x",
            IsolationType: "Full",
            ExternalId: null,
            Title: null,
            Priority: 1,
        });
        t.is(status, 201);
        t.like(body, { externalId: null, title: null });
    }));

for (const [path, body, parameter] of [
    ["isolate", { IsolationType: "Total" }, "IsolationType"],
    ["unisolate", { IsolationType: 1 }, "IsolationType"],
    ["runAntiVirusScan", { ScanType: "Slow" }, "ScanType"],
    ["StopAndQuarantineFile", { Sha1: "abc" }, "Sha1"],
    ["offboard", { ExternalId: 5 }, "ExternalId"],
    ["runliveresponse", { Commands: [] }, "Commands"],
    ["runliveresponse", { Commands: [{ type: "Delete" }] }, "Commands"],
] as const) {
    test(`${path} refuses ${JSON.stringify(body)}, and names the parameter`, (t) =>
        withSimulator({ machines }, async (client) => {
            const answer = await client.post(on(path), { Comment: "x", ...body });
            t.true(isRefusal(answer, 400, "InvalidInput"));
            t.regex(answer.body.error?.message ?? "", new RegExp(parameter));
        }));
}

for (const path of ["runAntiVirusScan", "StopAndQuarantineFile", "runliveresponse"]) {
    test(`${path} without its own parameter is refused`, (t) =>
        withSimulator({ machines }, async (client) => {
            const answer = await client.post(on(path), { Comment: "x" });
            t.true(isRefusal(answer, 400, "MissingRequiredParameter"));
        }));
}

for (const contentType of [
    "application/json",
    "application/json; charset=utf-8",
    "application/json;odata.metadata=minimal",
    "Application/JSON ; charset=UTF-8",
]) {
    test(`a body is read with the Content-Type ${contentType}, with a byte order mark too`, (t) =>
        withSimulator({ machines }, async (client) => {
            const headers = { "content-type": contentType };
            t.is((await client.post(on("offboard"), '{"Comment":"x"}', headers)).status, 201);
            t.is((await client.post(on("isolate"), '\ufeff{"Comment":"x"}', headers)).status, 201);
        }));
}

test("an action of the same type in another spelling is in progress too, and one of another machine is not", (t) =>
    withSimulator(
        { machines, actions: [{ type: "Live Response", machineId }, { type: "Offboard" }] },
        async (client) => {
            const sent = { Comment: "x", Commands: commands };
            t.true(isRefusal(await client.post(on("runliveresponse"), sent), 400, "ActiveRequestAlreadyExists"));
            t.is((await client.post(on("offboard"), { Comment: "x" })).status, 201);
        },
    ));

for (const [path, body] of [
    ["offboard", {}],
    ["runliveresponse", { Commands: commands }],
] as const) {
    test(`an action of ${path} shows no machine for three seconds, and runs on its machine all the same`, (t) =>
        withSimulator({ machines }, async (client, simulator, clock) => {
            const { body: created } = await client.post(on(path), { Comment: "x", ...body });
            const row = () => simulator.action(created.id ?? "");
            t.like(created, { machineId: null, computerDnsName: null });
            clock.advance(2_999);
            t.like(row(), { machineId: null, computerDnsName: null });
            t.is((await client.post(on(path), { Comment: "x", ...body })).status, 400);
            simulator.comeBack(machineId);
            t.like(row(), { machineId: null, status: "InProgress" });
            clock.advance(1);
            t.like(row(), { machineId, computerDnsName: host });
        }));
}

test("an action that is re-issued while it shows no machine is re-issued on its machine", (t) =>
    withSimulator(
        { actions: [{ machineId, machineShownAfterMs: 5_000, reissuedBy: "soar" }] },
        async (_, simulator) => {
            const [first] = simulator.actions();
            simulator.cancel(first?.id ?? "");
            t.like(simulator.actions()[0], { requestor: "soar", machineId });
            t.is(simulator.action(first?.id ?? "")?.machineId, null);
        },
    ));

test("a second isolation of an isolated machine stays Pending until the machine is released, and then isolates it", (t) =>
    withSimulator({ machines }, async (client, simulator, clock) => {
        simulator.comeBack(machineId);
        const submit = async (path: string) => (await client.post(on(path), { Comment: "x" })).body.id ?? "";
        const status = (id: string) => simulator.action(id)?.status;
        const first = await submit("isolate");
        clock.advance(31_000);
        t.is(status(first), "Succeeded");
        const second = await submit("isolate");
        clock.advance(3_600_000);
        t.is(status(second), "Pending");
        const release = await submit("unisolate");
        clock.advance(30_999);
        t.deepEqual([status(release), status(second)], ["InProgress", "Pending"]);
        clock.advance(1);
        t.deepEqual([status(release), status(second)], ["Succeeded", "InProgress"]);
        clock.advance(30_000);
        t.is(status(second), "Succeeded");
        const third = await submit("isolate");
        clock.advance(3_600_000);
        t.is(status(third), "Pending", "the machine is isolated again");
        t.is((await client.cancel(third)).body.status, "Cancelled");
    }));

test("a machine that the tenant does not have is not found", (t) =>
    withSimulator({ machines }, async (client) => {
        for (const path of ["offboard", "startInvestigation"]) {
            const answer = await client.post(`/api/machines/${"0".repeat(40)}/${path}`, { Comment: "x" });
            t.true(isRefusal(answer, 404, "ResourceNotFound"), path);
        }
    }));
