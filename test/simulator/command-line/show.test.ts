import test from "ava";
import { createShow } from "../../../simulator/command-line/show.ts";
import type { RecordedRequest } from "../../../simulator/index.ts";
import { start } from "../client.ts";

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
        const show = createShow(json, (text) => {
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
