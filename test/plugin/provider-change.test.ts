import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import { type OldRun, providerChanges } from "../../provider/plugin/provider-change.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { tokenOf } from "../helpers/stage.ts";

type Answer = "accepts" | ConstructorParameters<typeof DefenderError>[0];

/** A run with the old inputs, against an API that accepts its credential or fails. */
function runThat(answer: Answer): OldRun {
    async function* list() {
        if (answer !== "accepts") {
            throw new DefenderError(answer, "as the test says");
        }
        yield [];
    }
    return { open: async () => ({ client: { list } }) };
}

const changes = (olds: object, news: object, answer: Answer | "is not asked", environment: NodeJS.ProcessEnv = {}) =>
    providerChanges({ ...olds }, { ...news }, environment, () => {
        if (answer === "is not asked") {
            throw new Error("no request is due");
        }
        return runThat(answer);
    });

test("a new token of the same identity is no update while the API accepts the old one", async (t) => {
    const [monday, tuesday] = [{ accessToken: "token-of-monday" }, { accessToken: "token-of-tuesday" }];
    t.deepEqual(await changes(monday, monday, "is not asked"), []);
    t.deepEqual(await changes(monday, tuesday, "accepts"), []);
    for (const refusal of ["ERR_DEFENDER_UNAUTHORIZED", "ERR_DEFENDER_FORBIDDEN", "ERR_DEFENDER_SIGN_IN"] as const) {
        t.deepEqual(await changes(monday, tuesday, refusal), ["accessToken"], refusal);
    }
    t.deepEqual(await changes(monday, tuesday, "ERR_DEFENDER_NETWORK"), [], "an outage says nothing about a token");
});

test("a credential of another identity is an update without a request", async (t) => {
    const ofContoso = {
        tenantId: "10000000-0000-4000-8000-000000000001",
        clientId: "20000000-0000-4000-8000-000000000002",
    };
    const secret = { ...ofContoso, clientSecret: "one" };
    for (const [olds, news, changed] of [
        [
            { accessToken: tokenOf("an-app", "contoso") },
            { accessToken: tokenOf("an-app", "fabrikam") },
            ["accessToken"],
        ],
        [{ accessToken: tokenOf("an-app") }, { accessToken: tokenOf("another-app") }, ["accessToken"]],
        [secret, { ...secret, tenantId: "10000000-0000-4000-8000-000000000009" }, ["tenantId"]],
        [secret, { ...secret, clientId: "20000000-0000-4000-8000-000000000009" }, ["clientId"]],
        [{}, secret, ["tenantId", "clientId", "clientSecret"]],
    ] as const) {
        t.deepEqual(await changes(olds, news, "is not asked"), changed);
    }
    t.deepEqual(await changes(secret, { ...secret, clientSecret: "two" }, "accepts"), []);
    t.deepEqual(await changes(secret, { ...secret, clientSecret: "two" }, "ERR_DEFENDER_SIGN_IN"), ["clientSecret"]);
});

test("the credential of the environment makes a change of the provider's own none", async (t) => {
    const environment = { DEFENDER_ACCESS_TOKEN: "token-of-the-pipeline" };
    t.deepEqual(await changes({ accessToken: "one" }, { accessToken: "two" }, "is not asked", environment), []);
    t.deepEqual(await changes({ accessToken: "one" }, { accessToken: unknownValue }, "is not asked"), []);
    t.deepEqual(await changes({ region: "eu" }, { region: "us", accessToken: "two" }, "is not asked"), ["region"]);
});

/** A token whose claims say when it expires, so many minutes from now. */
function expiringIn(minutes: number): { readonly accessToken: string } {
    const claims = { tid: "contoso", appid: "an-app", exp: Math.floor(Date.now() / 1_000) + 60 * minutes };
    return { accessToken: `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig` };
}

test("a token that expires soon is replaced by one that lasts longer, because it cannot be renewed", async (t) => {
    t.deepEqual(await changes(expiringIn(5), expiringIn(60), "is not asked"), ["accessToken"]);
    t.deepEqual(await changes(expiringIn(30), expiringIn(60), "accepts"), []);
    t.deepEqual(await changes(expiringIn(5), expiringIn(2), "accepts"), []);
});
