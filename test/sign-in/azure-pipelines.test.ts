import { getCACertificates, setDefaultCACertificates } from "node:tls";
import test from "ava";
import type { DefenderError } from "../../provider/model/errors.ts";
import { requestServiceConnectionToken } from "../../provider/sign-in/azure-pipelines-token.ts";
import { readOnce } from "../../provider/sign-in/oidc-assertion.ts";
import { azureDevOps, type IssuerAnswer, startOidcIssuer } from "../helpers/oidc-issuer.ts";
import { clientId, environmentOf, observeOnce, simulate, workloadToken } from "../helpers/signed-in.ts";

const publicAuthorities = getCACertificates();
const serviceConnectionId = "30000000-0000-4000-8000-000000000003";
const otherConnection = "40000000-0000-4000-8000-000000000004";
const jobToken = "the-secret-token-of-the-job";
const federated = {
    issuer: "https://vstoken.dev.azure.com/50000000-0000-4000-8000-000000000005",
    subject: "sc://contoso/incidents/defender-reader",
};
const path = "/contoso/incidents/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken";
const connections = {
    [serviceConnectionId]: () => workloadToken(federated),
    [otherConnection]: () => workloadToken({ ...federated, subject: "sc://contoso/incidents/other" }),
};

test("a service connection of Azure Pipelines signs in by a POST that names it, with the job's token", async (t) => {
    await using simulator = await simulate({ app: { federated } });
    await using azure = await startOidcIssuer(azureDevOps(jobToken, connections));
    const reply = await observeOnce({
        environment: {
            ...environmentOf(simulator),
            DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: serviceConnectionId,
            SYSTEM_OIDCREQUESTURI: `${azure.url}${path}`,
            SYSTEM_ACCESSTOKEN: jobToken,
        },
        authorities: [simulator.certificate, azure.authority],
    });
    t.is(reply.status, "Pending", reply.error);
    t.is(reply.appId, clientId);
    t.like(simulator.signIns, [{ grant: "federated identity", outcome: "issued" }]);
    t.deepEqual(
        azure.seen.map(({ method, url }) => `${method} ${url.pathname}${url.search}`),
        [`POST ${path}?api-version=7.1&serviceConnectionId=${serviceConnectionId}`],
    );
});

test("the service connection of another app registration: Entra's number, and whose ids are needed", async (t) => {
    await using simulator = await simulate({ app: { federated } });
    await using azure = await startOidcIssuer(azureDevOps(jobToken, connections));
    const reply = await observeOnce({
        environment: {
            ...environmentOf(simulator),
            DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: otherConnection,
            SYSTEM_OIDCREQUESTURI: `${azure.url}${path}`,
            SYSTEM_ACCESSTOKEN: jobToken,
        },
        authorities: [simulator.certificate, azure.authority],
    });
    t.regex(
        reply.error ?? "",
        /^ERR_DEFENDER_SIGN_IN: .*AADSTS70021: .*The token is that of the service connection 40000000-0000-4000-8000-000000000004: the tenant and the client id must be those of its app registration/,
    );
    t.notRegex(`${JSON.stringify(reply)}`, new RegExp(jobToken));
    t.deepEqual(simulator.requests, []);
});

test.serial("a request in GitHub's form at Azure DevOps says which variable is missing", async (t) => {
    await using azure = await startOidcIssuer(azureDevOps(jobToken, connections));
    setDefaultCACertificates([...publicAuthorities, azure.authority]);
    await t.throwsAsync(readOnce({ from: "request", url: azure.url + path, token: jobToken })(), {
        code: "ERR_DEFENDER_SIGN_IN",
        message: /: HTTP 405\. In Azure Pipelines, also set DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID$/,
    });
});

test.serial("an answer without GitHub's token does not show what it has instead", async (t) => {
    await using issuer = await startOidcIssuer(() => ({ body: { oidcToken: workloadToken(federated) } }));
    setDefaultCACertificates([...publicAuthorities, issuer.authority]);
    await t.throwsAsync(readOnce({ from: "request", url: issuer.url, token: jobToken })(), {
        code: "ERR_DEFENDER_SIGN_IN",
        message: /: the answer has no token$/,
    });
});

const hostile = "no \u001b[31mconnection\u202e\n##vso[task.setvariable variable=x]y <b>";

const refusals: Readonly<Record<string, readonly [answer: IssuerAnswer, message: RegExp]>> = {
    "there is no such service connection": [
        { status: 404, body: { $id: "1", message: "No service connection found with identifier X." } },
        /: HTTP 404, "No service connection found with identifier X\."\. Check that the id is that of a service connection in the pipeline's project, and that the pipeline may use it$/,
    ],
    "there is none, without a word": [{ status: 404, body: "" }, /: HTTP 404\. Check that the id is/],
    "the pipeline may not use it": [{ status: 403, body: {} }, /: HTTP 403\. This pipeline may not use the connection/],
    // https://github.com/dotnet/docker-tools/issues/2012
    "no task of the stage names it": [
        { body: { count: 151, value: "There is no explicit reference to service connection X from current stage Y." } },
        /: HTTP 200, "There is no explicit.*"\. Name the connection in a task of the same stage, for example as azureSubscription of AzureCLI@2$/,
    ],
    "the job's token is wrong": [
        { status: 401, body: "" },
        /: HTTP 401\. Azure DevOps did not accept the job's token: map it in the step, as SYSTEM_ACCESSTOKEN: \$\(System\.AccessToken\)/,
    ],
    "a redirect to the sign-in page": [
        { status: 302, headers: { location: "https://app.vssps.visualstudio.com/_signin" }, body: "" },
        /: HTTP 302\. Azure DevOps did not accept the job's token/,
    ],
    "the sign-in page itself": [
        { status: 203, headers: { "content-type": "text/html" }, body: "<!DOCTYPE html><html>Sign In</html>" },
        /: HTTP 203 with a page instead of JSON\. Azure DevOps did not accept the job's token/,
    ],
    "an answer without a token": [{ body: { oidcToken: "" } }, /: HTTP 200\. Check that the id/],
    "a token under another name, which is not shown": [
        { body: { value: workloadToken(federated), message: "eyJhbGciOiJub25lIn0.e30.x" } },
        /: HTTP 200\. Check that the id/,
    ],
    "a hostile text": [
        { status: 400, body: { message: hostile } },
        /: HTTP 400, "no connection # #vso\[task\.setvariable variable=x\]y <b>"\. Check/,
    ],
};

for (const [what, [answer, message]] of Object.entries(refusals)) {
    test.serial(`refused by Azure DevOps: ${what}`, async (t) => {
        await using azure = await startOidcIssuer(() => answer);
        setDefaultCACertificates([...publicAuthorities, azure.authority]);
        const error = await t.throwsAsync<DefenderError>(
            requestServiceConnectionToken({
                from: "service connection",
                url: azure.url + path,
                token: jobToken,
                serviceConnectionId,
            }),
            { code: "ERR_DEFENDER_SIGN_IN" },
        );
        t.regex(error?.message ?? "", message);
        t.true(error?.message.includes(`service connection ${serviceConnectionId}: HTTP`));
        t.notRegex(error?.message ?? "", new RegExp(`${jobToken}|eyJ`));
        t.is(azure.seen.length, 1, "the token goes to this address alone, once");
    });
}
