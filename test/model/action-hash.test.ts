import { execFileSync } from "node:child_process";
import test from "ava";
import { actionSha256 } from "../../provider/model/action-hash.ts";

const action = { id: "x", status: "Cancelled", commands: [{ index: 0, command: { type: "RunScript" } }], title: null };

test("a list and a single answer, and whatever order of keys, have the same hash", (t) => {
    const hash = actionSha256(action);
    t.regex(hash, /^[0-9a-f]{64}$/);
    t.is(actionSha256({ "@odata.context": "https://api.example/$metadata", ...action }), hash);
    t.is(actionSha256(Object.fromEntries(Object.entries(action).reverse())), hash);
});

test("any other value has another hash", (t) => {
    const hash = actionSha256(action);
    t.not(actionSha256({ ...action, status: "Canceled" }), hash);
    t.not(actionSha256({ ...action, commands: [] }), hash);
    t.not(actionSha256({ ...action, title: undefined }), hash);
});

test("anybody can compute it: sorted keys, no annotation, no spaces", (t) => {
    const text = '{"commands":[{"command":{"type":"RunScript"},"index":0}],"id":"x","status":"Cancelled","title":null}';
    const [hash] = execFileSync("sha256sum", { input: text, encoding: "utf8" }).split(" ");
    t.is(actionSha256(action), hash ?? "");
});
