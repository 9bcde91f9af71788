import { readFile } from "node:fs/promises";
import test from "ava";
import { createResources } from "../../../simulator/sign-in/resources.ts";
import { audience, judged, secretForm } from "./directory.ts";

const gcc = "https://api-gcc.securitycenter.microsoft.us";
const appId = "fc780465-2017-40d4-a0c5-307022471b92";

for (const [name, accepted] of [
    ["https://api.securitycenter.microsoft.com", true],
    ["https://api.securitycenter.windows.com", true],
    ["https://securitycenter.onmicrosoft.com/windowsatpservice", true],
    [gcc, true],
    ["https://api-gov.securitycenter.microsoft.us", true],
    [appId, true],
    ["https://api.security.microsoft.com", false],
    ["https://graph.microsoft.com", false],
    ["https://management.azure.com", false],
    ["00000003-0000-0000-c000-000000000000", false],
] as const) {
    const what = accepted ? "the API accepts" : "belongs to another API";
    test(`${name} is a resource whose token ${what}, by v1 and by v2`, async (t) => {
        t.deepEqual(createResources(undefined)(name), { audience: name, accepted });
        t.is(await judged(secretForm({ scope: `${name}/.default` })), name);
        const v1 = secretForm({ resource: name });
        v1.delete("scope");
        t.is(await judged(v1, {}, { version: "v1" }), name);
        const withSlash = name.startsWith("https:") ? { audience: `${name}/`, accepted } : undefined;
        t.deepEqual(createResources(undefined)(`${name}/`), withSlash);
    });
}

test("the README says of the names of resources what holds", async (t) => {
    const page = await readFile(new URL("../../../simulator/README.md", import.meta.url), "utf8");
    for (const [result, accepted, number] of [
        ["a token that the API accepts", true, 6],
        ["a token of another API, which this one refuses with 401", false, 3],
    ] as const) {
        const row = page.split("\n").find((line) => line.endsWith(`| ${result} |`)) ?? "";
        const named = [...row.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
        t.deepEqual(
            named.map((name) => createResources(undefined)(name)),
            named.map((audience) => ({ audience, accepted })),
        );
        t.is(named.length, number);
    }
});

test("the audience has the slash of the scope or the resource, and is in lower case", async (t) => {
    t.is(await judged(secretForm({ scope: `${audience}//.default` })), `${audience}/`);
    t.is(await judged(secretForm({ resource: `${audience}/` }), {}, { version: "v1" }), `${audience}/`);
    t.is(await judged(secretForm({ scope: `${appId.toUpperCase()}/.default` })), appId);
    t.is(await judged(secretForm({ scope: ` ${audience}/.default ` })), audience);
});

test("another name is unknown, also if it resembles one", (t) => {
    const find = createResources(undefined);
    for (const name of [
        "",
        "/",
        `${audience}//`,
        `${audience}/api`,
        "http://api.securitycenter.microsoft.com",
        "https://us.api.security.microsoft.com",
        `api://${appId}`,
        "constructor",
    ]) {
        t.is(find(name), undefined, name);
    }
});

test("the audience of one cloud opens the API by the names of that cloud alone", (t) => {
    const find = createResources(gcc);
    t.deepEqual(find(gcc), { audience: gcc, accepted: true });
    t.deepEqual(find(`${gcc}/`), { audience: `${gcc}/`, accepted: true });
    t.deepEqual(find(appId), { audience: appId, accepted: true });
    t.is(find(audience), undefined);
    t.is(find("https://api-gov.securitycenter.microsoft.us"), undefined);
    t.like(find("https://graph.microsoft.com"), { accepted: false });
    t.like(createResources(audience)("https://api.securitycenter.windows.com"), { accepted: true });
    t.is(createResources(audience)(gcc), undefined);
});

test("an audience of one's own is the only one that opens the API", (t) => {
    const find = createResources("https://Defender.contoso.example/");
    t.deepEqual(find("https://defender.contoso.example"), {
        audience: "https://Defender.contoso.example",
        accepted: true,
    });
    t.is(find(audience), undefined);
    t.is(find(appId), undefined);
    t.like(createResources("https://api.security.microsoft.com")("https://api.security.microsoft.com"), {
        accepted: true,
    });
});
