import { createHash } from "node:crypto";
import test from "ava";
import type { Simulator } from "../../../simulator/index.ts";
import { isRefusal, withSimulator } from "../client.ts";

const library = "/api/libraryfiles";
const authorization = "Bearer x";

function post({ url }: Simulator, body: FormData | string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${url}${library}`, { method: "POST", headers: { authorization, ...headers }, body });
}

function formOf(content: Uint8Array<ArrayBuffer>, fields: Record<string, string> = {}, name = "File"): FormData {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) {
        form.set(field, value);
    }
    form.set(name, new Blob([content]), "Überblick \r\n 1.ps1".replace(" \r\n", ""));
    return form;
}

test("the library has the script of the simulated live responses", (t) =>
    withSimulator({}, async (client) => {
        const { body } = await client.get(library);
        t.is(body["@odata.context"], "https://api.securitycenter.microsoft.com/api/$metadata#LibraryFiles");
        t.like(body.value, [{ fileName: "collect-triage.ps1", hasParameters: false, parametersDescription: null }]);
        t.deepEqual((await client.get(`${library}?$filter=hasParameters`)).body.value, []);
    }));

test("an uploaded file is listed with its hash, byte for byte, and can be removed", (t) =>
    withSimulator({}, async (client, simulator) => {
        const content = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256);
        const fields = { Description: "Größe", HasParameters: "true", ParametersDescription: "-Path" };
        const answer = await post(simulator, formOf(content, fields, "file"));
        t.is(answer.status, 200);
        const row = (await answer.json()) as Record<string, unknown>;
        t.like(row, {
            "@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#LibraryFiles/$entity",
            fileName: "Überblick 1.ps1",
            sha256: createHash("sha256").update(content).digest("hex"),
            description: "Größe",
            hasParameters: true,
            parametersDescription: "-Path",
            creationTime: "2026-05-04T10:00:00Z",
            createdBy: "Incident rescue",
        });
        t.is((await client.get(library)).body.value?.length, 2);

        const remove = () =>
            fetch(`${simulator.url}${library}/${encodeURIComponent("überblick 1.PS1")}`, {
                method: "DELETE",
                headers: { authorization },
            });
        const removed = await remove();
        t.is(removed.status, 204);
        t.is(await removed.text(), "");
        t.is((await remove()).status, 404);
    }));

test("a file is replaced only when the form says so", (t) =>
    withSimulator({}, async (client, simulator, clock) => {
        const first = Uint8Array.of(1);
        t.is((await post(simulator, formOf(first))).status, 200);
        t.is((await post(simulator, formOf(Uint8Array.of(2)))).status, 400);
        clock.advance(1_500);
        t.is((await post(simulator, formOf(Uint8Array.of(2), { OverrideIfExists: "True" }))).status, 200);
        t.like((await client.get(`${library}?$skip=1`)).body.value, [
            {
                sha256: createHash("sha256").update(Uint8Array.of(2)).digest("hex"),
                creationTime: "2026-05-04T10:00:00Z",
                lastUpdatedTime: "2026-05-04T10:00:01.5Z",
            },
        ]);
    }));

const malformed: readonly [string, string, string, number][] = [
    ["text", "text/plain", "x", 415],
    ["a form without a boundary", "multipart/form-data", "x", 415],
    [
        "a form without its end",
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
        400,
    ],
    ["a part without a name", "multipart/form-data; boundary=b", "--b\r\nX: y\r\n\r\nz\r\n--b--\r\n", 400],
    [
        "a form without a file",
        'multipart/form-data; boundary="b"',
        '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nz\r\n--b--\r\n',
        400,
    ],
];
for (const [what, contentType, body, status] of malformed) {
    test(`${what} is refused`, (t) =>
        withSimulator({}, async (_, simulator) => {
            const answer = await post(simulator, body, { "content-type": contentType });
            t.is(answer.status, status);
            t.is(typeof Object(await answer.json()).error.message, "string");
        }));
}

test("the library takes a role of its own, and says which methods it has", (t) =>
    withSimulator({}, async (client, simulator) => {
        const claims = Buffer.from(JSON.stringify({ roles: ["Machine.LiveResponse"] })).toString("base64url");
        const headers = { authorization: `Bearer e30.${claims}.x` };
        t.true(isRefusal(await client.get(library, headers), 403, "Forbidden"));
        const wrong = await fetch(`${simulator.url}${library}`, { method: "PUT", headers: { authorization } });
        t.is(wrong.status, 405);
        t.is(wrong.headers.get("allow"), "GET, POST");
    }));
