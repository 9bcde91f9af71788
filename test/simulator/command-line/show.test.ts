import test from "ava";
import { createShow } from "../../../simulator/command-line/show.ts";
import { type RecordedRequest, startSimulator } from "../../../simulator/index.ts";
import { idOf, start } from "../client.ts";

const request: RecordedRequest = {
    at: start,
    method: "GET",
    path: "/api/machineactions",
    query: "",
    operation: "list",
    headers: { authorization: "Bearer secret" },
    body: "",
    status: 200,
    ids: [],
    carriedOut: true,
};
const signIn = { at: start, tenantId: "t", clientId: "c", grant: "client secret", outcome: "issued" } as const;

for (const json of [false, true]) {
    test(`requests that come in early are shown after the beginning, in their order; with json: ${json}`, (t) => {
        let output = "";
        const show = createShow({ json, showApplication: true }, (text) => {
            output += text;
        });
        show.request(request, undefined);
        t.is(output, "");
        show.beginning("the beginning\n");
        show.signIn(signIn);
        const lines = output.split("\n");
        t.is(lines.length, 4);
        t.is(lines[0], "the beginning");
        t.true(lines[1]?.includes("/api/machineactions"));
        t.true(lines[2]?.includes(json ? '"issued"' : "token issued"));
        t.notRegex(output, /Bearer/);
    });
}

test("a line names the application and a new action, and tells of a re-issue; JSON has the application", async (t) => {
    const simulator = await startSimulator({ actions: [{ id: idOf(1), computerDnsName: "ws-1", requestor: "soar" }] });
    t.teardown(simulator.close);
    const action = simulator.action(idOf(1));
    const created = { ...request, operation: "create", status: 201, actionId: idOf(1), application: "SOAR" } as const;
    const outputs = [false, true].map((json) => {
        let output = "";
        const show = createShow({ json, showApplication: true }, (text) => {
            output += text;
        });
        show.beginning("");
        show.request(created, action);
        if (action !== undefined) {
            show.reissue(action);
        }
        return output.split("\n").slice(0, -1);
    });
    const [text = [], json = []] = outputs;
    t.is(text.length, 2);
    t.regex(text[0] ?? "", new RegExp(`201 {2}created, it is Pending: ws-1, ${idOf(1)} {2}by SOAR$`));
    t.is(text[1], `ws-1 Isolate issued again by soar (${idOf(1)})`);
    t.is(json.length, 1);
    t.like(JSON.parse(json[0] ?? ""), { application: "SOAR", actionStatus: "Pending" });
});
for (const json of [false, true]) {
    test(`a secret of a request, also of a refused one, does not reach the output; with json: ${json}`, (t) => {
        let output = "";
        const show = createShow({ json, showApplication: true }, (text) => {
            output += text;
        });
        show.beginning("");
        const form = "grant_type=client_credentials&client_secret=swordfish&scope=x";
        show.request({ ...request, path: "/t/oauth2/token", status: 404, operation: "other", body: form }, undefined);
        show.request({ ...request, query: "access_token=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln" }, undefined);
        t.regex(output, /oauth2/);
        t.notRegex(output, /swordfish|eyJ/);
    });
}
