import test from "ava";
import { createOwnNames } from "../../provider/sign-in/own-names.ts";

const [appId, objectId] = ["9a1b2c3d-0000-4000-8000-00000000abcd", "6b7c8d9e-0000-4000-8000-0000000000ff"];
const identity = { appId, objectId, tenantId: "tenant", roles: [] };

test("names are learned from proofs, and from records of the same app and tenant", async (t) => {
    const names = createOwnNames(async () => identity);
    names.learn("By a proof");
    names.learnFrom({ cancellationRequestor: "By a record", appId: appId.toUpperCase(), tenantId: "TENANT" });
    names.learnFrom({ cancellationRequestor: "Another app", appId: objectId, tenantId: "tenant" });
    names.learnFrom({ cancellationRequestor: "Another tenant", appId, tenantId: "other" });
    names.learnFrom({ cancellationRequestor: "Unknown app", tenantId: "tenant" });
    names.learnFrom(undefined);
    t.deepEqual((await names.known()).observed, ["By a proof", "By a record"]);
});

test("neither a user nor another application is learned, and a hostile record changes nothing", async (t) => {
    const names = createOwnNames(async () => identity);
    names.learn("soc@contoso.example");
    names.learn("11111111-0000-4000-8000-000000000000");
    for (const hostile of [7, null, {}, "x".repeat(1_000), ""]) {
        names.learnFrom({ cancellationRequestor: hostile as string, appId, tenantId: "tenant" });
    }
    for (let nth = 0; nth < 1_000; nth++) {
        names.learnFrom({ cancellationRequestor: `name ${nth}`, appId, tenantId: "tenant" });
    }
    const { observed = [] } = await names.known();
    t.true(observed.length <= 20);
    t.true(observed.every((name) => name.startsWith("name ") || name === ""));
});

test("a user's own name is known from the token", async (t) => {
    const names = createOwnNames(async () => ({ ...identity, userName: "soc@contoso.example", isUser: true }));
    t.like(await names.known(), { userName: "soc@contoso.example", isUser: true });
    await t.throwsAsync(createOwnNames(() => Promise.reject(new Error("no sign-in"))).known());
});
