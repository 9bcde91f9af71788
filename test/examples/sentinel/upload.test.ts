import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ClientSecretCredential } from "@azure/identity";
import test from "ava";
import { type SignInSimulator, startSimulator } from "../../../simulator/index.ts";
import { type IngestionAnswer, startLogsIngestion } from "../../helpers/logs-ingestion.ts";
import { type EventRow, loadModule, type Target } from "../../helpers/sentinel-example.ts";
import { clientId, clientSecret, tenantId } from "../../helpers/signed-in.ts";

const { upload } = await loadModule("upload");

const audience = "https://monitor.azure.com";
const limits = { firstPause: 1, deadline: 60_000 };

const rowsOf = (count: number, text = "a cancellation"): EventRow[] =>
    Array.from({ length: count }, (_, index) => ({ EventOriginalUid: `event-${index}`, EventMessage: text }));

let signIn: SignInSimulator;
test.before(async () => {
    const apps = [{ tenantId, clientId, clientSecret, roles: [] }];
    signIn = await startSimulator({ signIn: { apps, audience } });
    trust(signIn.certificate);
});
test.after.always(() => signIn[Symbol.asyncDispose]());

/** This process trusts the authority from now on, as NODE_EXTRA_CA_CERTS does from the start. */
function trust(pem: string): void {
    setDefaultCACertificates([...getCACertificates("default"), pem]);
}

/** The stand-in, and the sender with the real libraries of Azure. */
async function stage(script: readonly IngestionAnswer[] = []) {
    const api = await startLogsIngestion(script);
    trust(api.authority);
    return {
        api,
        send: (rows: readonly EventRow[], change: Partial<Target> = {}, secret: string = clientSecret) =>
            upload(
                rows,
                { endpoint: api.url, ruleId: "dcr-0a1b", stream: "Custom-DefenderCancellations", audience, ...change },
                new ClientSecretCredential(tenantId, clientId, secret, {
                    authorityHost: signIn.authorityUrl,
                    disableInstanceDiscovery: true,
                }),
                limits,
            ),
        [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
    };
}

test("events go to the rule's stream with a token for Azure Monitor", async (t) => {
    await using scene = await stage();
    const rows = rowsOf(3);
    t.deepEqual(await scene.send(rows), { sent: 3, failures: [] });
    t.deepEqual(scene.api.rows(), rows);
    const [call, ...others] = scene.api.calls;
    t.deepEqual(others, []);
    t.like(call, {
        path: "POST /dataCollectionRules/dcr-0a1b/streams/Custom-DefenderCancellations",
        audience,
    });
});

test("more than a megabyte goes in batches, each below the limit and each event once", async (t) => {
    await using scene = await stage();
    // 1,000 characters of three bytes: the limit counts bytes.
    const rows = rowsOf(800, "端".repeat(1_000));
    t.deepEqual(await scene.send(rows), { sent: 800, failures: [] });
    t.is(scene.api.calls.length, 3);
    const ids = scene.api.rows().map(({ EventOriginalUid }) => String(EventOriginalUid));
    t.deepEqual(ids.sort(), rows.map(({ EventOriginalUid }) => EventOriginalUid).sort());
});

test("a batch is sent again after the time that a 429 names", async (t) => {
    await using scene = await stage([{ status: 429, headers: { "retry-after": "1" } }]);
    t.deepEqual(await scene.send(rowsOf(2)), { sent: 2, failures: [] });
    const [first, second] = scene.api.calls.map(({ at }) => at);
    t.is(scene.api.calls.length, 2);
    // A timer may end a millisecond early.
    t.true(Number(second) - Number(first) >= 990);
    t.is(scene.api.rows().length, 2);
});

test("a 503 and a dropped connection cost another attempt, and no event", async (t) => {
    await using scene = await stage(["drop", { status: 503 }, "drop"]);
    t.deepEqual(await scene.send(rowsOf(2)), { sent: 2, failures: [] });
    t.is(scene.api.calls.length, 4);
    t.deepEqual(new Set(scene.api.calls.map(({ rows }) => JSON.stringify(rows))).size, 1);
});

test("a rate limit that does not end is a failure that another attempt can pass", async (t) => {
    await using scene = await stage(
        Array.from({ length: 6 }, () => ({ status: 429, headers: { "retry-after": "0" } })),
    );
    const { sent, failures } = await scene.send(rowsOf(2));
    t.is(sent, 0);
    t.is(failures[0]?.kind, "retry");
    t.regex(failures[0]?.message ?? "", /^The API answered 429\. .*Send again later/);
    t.is(scene.api.calls.length, 6);
});

test("a 403 is not tried again, and names the missing role", async (t) => {
    const hostile = "::error::\u001b[31m token eyJhbGciOi";
    await using scene = await stage([{ status: 403, body: { error: { code: "OperationFailed", message: hostile } } }]);
    const { sent, failures } = await scene.send(rowsOf(2));
    t.is(sent, 0);
    t.is(failures.length, 1);
    t.is(failures[0]?.kind, "access");
    t.regex(
        failures[0]?.message ?? "",
        /^The API answered 403 OperationFailed\. .*Monitoring Metrics Publisher.*senderObjectId/,
    );
    t.notRegex(failures[0]?.message ?? "", /eyJ|::|\p{Cc}/u);
    t.is(scene.api.calls.length, 1);
});

test("one refused batch of three is counted, and the others are sent", async (t) => {
    await using scene = await stage([{ status: 413 }]);
    const rows = rowsOf(800, "端".repeat(1_000));
    const { sent, failures } = await scene.send(rows);
    t.is(sent, scene.api.rows().length);
    t.true(sent > 0 && sent < 800);
    t.deepEqual(
        failures.map(({ kind }) => kind),
        ["access"],
    );
});

test("a redirect to another host gets neither events nor a token", async (t) => {
    await using other = await startLogsIngestion();
    trust(other.authority);
    await using scene = await stage([{ status: 307, headers: { location: `${other.url}/steal` } }]);
    const { sent, failures } = await scene.send(rowsOf(2));
    t.is(sent, 0);
    t.is(failures.length, 1);
    t.deepEqual(other.calls, []);
});

test("a wrong rule, and an endpoint that does not answer, say which setting to compare", async (t) => {
    await using scene = await stage();
    const wrongRule = await scene.send(rowsOf(1), { ruleId: "wrong" });
    t.is(wrongRule.failures[0]?.kind, "access");
    t.regex(wrongRule.failures[0]?.message ?? "", /404 NotFound\. .*LOGS_INGESTION_RULE_ID/);
    const gone = await startLogsIngestion();
    await gone[Symbol.asyncDispose]();
    const unreachable = await scene.send(rowsOf(1), { endpoint: gone.url });
    t.is(unreachable.failures[0]?.kind, "retry");
    t.regex(unreachable.failures[0]?.message ?? "", /\(ECONNREFUSED\)\. Compare LOGS_INGESTION_ENDPOINT/);
});

test("a refused sign-in sends nothing, and shows the code without the secret", async (t) => {
    await using scene = await stage();
    const secret = "another-secret-of-the-test";
    const { sent, failures } = await scene.send(rowsOf(1), {}, secret);
    t.is(sent, 0);
    t.deepEqual(failures, [
        { kind: "access", message: "Entra refuses to sign in (AADSTS7000215). The client secret is wrong." },
    ]);
    t.false(JSON.stringify(failures).includes(secret));
    t.deepEqual(scene.api.calls, []);
});
