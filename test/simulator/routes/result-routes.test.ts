import test from "ava";
import type { ActionSeed } from "../../../simulator/index.ts";
import { type Client, idOf, isRefusal, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const liveResponse = {
    commands: [
        { type: "PutFile", params: [{ key: "FileName", value: "tool.exe" }] },
        {
            type: "RunScript",
            params: [
                { key: "ScriptName", value: "triage.ps1" },
                { key: "Args", value: "-Deep" },
            ],
        },
        { type: "GetFile", params: [{ key: "Path", value: "C:\\Windows\\Temp\\out.dmp" }] },
    ],
};

const linkOf = (index: number) => `/api/machineactions/${id}/GetLiveResponseResultDownloadLink(index=${index})`;
const packageUri = `/api/machineactions/${id}/getPackageUri`;
const context = "https://api.securitycenter.microsoft.com/api/$metadata#Edm.String";

/** The address that a link request answers, which must lead to the simulator. */
async function linkedBy(client: Client, path: string): Promise<string> {
    return String((await client.get(path)).body.value);
}

function on(seed: ActionSeed, run: Parameters<typeof withSimulator>[1]): Promise<void> {
    return withSimulator({ actions: [{ id, machineId, ...seed }] }, run);
}

test("a script's result is linked once its live response has succeeded, and opens without a token", (t) =>
    on({ liveResponse }, async (client, simulator) => {
        t.true(isRefusal(await client.get(linkOf(1)), 404, "ResourceNotFound"));
        simulator.start(id);
        t.true(isRefusal(await client.get(linkOf(1)), 404, "ResourceNotFound"));
        simulator.finish(id, "Succeeded");
        const { status, body } = await client.get(linkOf(1));
        t.is(status, 200);
        t.is(body["@odata.context"], context);
        t.true(String(body.value).startsWith(`${simulator.url}/`));
        const file = await fetch(String(body.value));
        t.is(file.headers.get("content-type"), "application/json");
        t.deepEqual(await file.json(), {
            script_name: "triage.ps1",
            exit_code: 0,
            script_output: "Simulated run of triage.ps1 -Deep\n",
            script_errors: "",
        });
    }));

test("a collected file comes in an archive, and a file that was put there or a command that is not there has no result", (t) =>
    on({ liveResponse, status: "Succeeded" }, async (client) => {
        const file = await fetch(await linkedBy(client, linkOf(2)));
        const bytes = Buffer.from(await file.arrayBuffer());
        t.is(bytes.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
        t.true(bytes.includes("out.dmp"));
        for (const index of [0, 3]) {
            t.true(isRefusal(await client.get(linkOf(index)), 404, "ResourceNotFound"), String(index));
        }
    }));

test("the link may be asked for in other cases and percent-encoded, and the download is no request to the API", (t) =>
    on({ liveResponse, status: "Succeeded" }, async (client, simulator) => {
        for (const form of [
            "getLiveResponseResultDownloadLink(index=1)",
            "GetLiveResponseResultDownloadLink%28index%3D1%29",
            "GetLiveResponseResultDownloadLink(index=1)?x=y",
        ]) {
            const link = await linkedBy(client, `/api/v1.0/machineactions/${id}/${form}`);
            t.is((await fetch(link)).status, 200, form);
        }
        t.deepEqual(
            simulator.requests.map(({ operation, status }) => [operation, status]),
            [1, 2, 3].map(() => ["other", 200]),
        );
    }));

test("a package is linked once it is collected, and is a real archive", (t) =>
    on({ type: "CollectInvestigationPackage" }, async (client, simulator) => {
        t.true(isRefusal(await client.get(packageUri), 404, "ResourceNotFound"));
        simulator.finish(id, "Succeeded");
        t.is((await client.get(packageUri)).body["@odata.context"], context);
        const file = await fetch(await linkedBy(client, `/api/machineactions/${id}/GetPackageUri`));
        t.is(file.headers.get("content-type"), "application/zip");
        t.true(Buffer.from(await file.arrayBuffer()).includes("Processes/Processes.csv"));
    }));

test("an action of another type, an unknown one, or one that did not succeed has neither link", async (t) => {
    for (const [seed, path] of [
        [{ type: "Isolate", status: "Succeeded" }, packageUri],
        [{ type: "Isolate", status: "Succeeded" }, linkOf(0)],
        [{ liveResponse, status: "Succeeded" }, packageUri],
        [{ type: "CollectInvestigationPackage", status: "Failed" }, packageUri],
        [{ id: idOf(2), liveResponse, status: "Succeeded" }, linkOf(1)],
    ] as const) {
        await on(seed, async (client) => {
            t.true(isRefusal(await client.get(path), 404, "ResourceNotFound"), `${JSON.stringify(seed)} ${path}`);
        });
    }
});

test("both take a role that reads", (t) =>
    on({ liveResponse, status: "Succeeded" }, async (client) => {
        const claims = Buffer.from(JSON.stringify({ roles: ["Machine.LiveResponse"] })).toString("base64url");
        for (const path of [linkOf(1), packageUri]) {
            const answer = await client.get(path, { authorization: `Bearer e30.${claims}.x` });
            t.true(isRefusal(answer, 403, "Forbidden"), path);
        }
    }));

test("a link is valid for half an hour and for its own file", (t) =>
    on({ liveResponse, status: "Succeeded" }, async (client, _, clock) => {
        const link = await linkedBy(client, linkOf(1));
        for (const wrong of [
            link.replace(/\/1\?/, "/2?"),
            link.replace(/sig=[^&]*/, "sig=x"),
            link.split("?")[0] ?? "",
        ]) {
            const refused = await fetch(wrong);
            t.is(refused.status, 403, wrong);
            t.regex(await refused.text(), /<Code>AuthenticationFailed<\/Code>/);
        }
        t.is((await fetch(link, { method: "POST" })).status, 403);
        const head = await fetch(link, { method: "HEAD" });
        t.is(head.status, 200);
        clock.advance(30 * 60_000 - 1_000);
        t.is((await fetch(link)).status, 200);
        clock.advance(1_000);
        t.is((await fetch(link)).status, 403);
    }));
