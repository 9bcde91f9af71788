import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { decodeJwt, UnsecuredJWT } from "jose";
import { type AppRegistration, startSimulator } from "../../../simulator/index.ts";
import { startAzureIdentity, type TokenRequest } from "../../helpers/azure-identity.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";
import { clientOf, idOf } from "../client.ts";

const scope = "https://api.securitycenter.microsoft.com/.default";
const [tenantId, secretId, certificateId, federatedId] = [1, 2, 3, 4].map(idOf) as [string, string, string, string];
const roles = ["Machine.Read.All", "Machine.Isolate"];
const federated = { issuer: "https://token.actions.githubusercontent.com", subject: "repo:contoso/incidents:ref:main" };

test("the real @azure/identity signs in by secret, certificate and workload identity, and the API accepts it", async (t) => {
    const { certificate, key } = await createClientCertificate();
    const apps: AppRegistration[] = [
        { tenantId, clientId: secretId, clientSecret: "correct horse", roles },
        { tenantId, clientId: certificateId, certificate, roles },
        { tenantId, clientId: federatedId, federated, roles },
    ];
    const actions = [2, 3, 4].map((n) => ({ id: idOf(n) }));
    await using simulator = await startSimulator({ signIn: { apps }, actions });
    await using identity = await startAzureIdentity(simulator);
    const tokenFile = join(identity.folder, "federated-token");
    await writeFile(tokenFile, federatedToken(federated.subject));
    const proofs: Record<string, TokenRequest["proof"]> = {
        [secretId]: { form: "client secret", secret: "correct horse" },
        [certificateId]: { form: "client certificate", pem: `${key}\n${certificate}` },
        [federatedId]: { form: "federated identity", tokenFile },
    };

    for (const [clientId, proof] of Object.entries(proofs)) {
        const { token, error } = await identity.getToken({ tenantId, clientId, scope, proof });
        t.is(error, undefined);
        t.like(decodeJwt(token ?? ""), { appid: clientId, tid: tenantId, roles });
        const path = `/api/machineactions/${clientId}/cancel`;
        const authorization = `Bearer ${token}`;
        const { status, body } = await clientOf(simulator).post(path, { Comment: "x" }, { authorization });
        t.is(status, 200);
        t.is(body.cancellationRequestor, clientId);
    }
    t.deepEqual(
        simulator.signIns.map(({ at, ...rest }) => rest),
        [
            { tenantId, clientId: secretId, grant: "client secret", outcome: "issued" },
            { tenantId, clientId: certificateId, grant: "client certificate", outcome: "issued" },
            { tenantId, clientId: federatedId, grant: "federated identity", outcome: "issued" },
        ],
    );
    t.notRegex(JSON.stringify(simulator.signIns), /correct horse|eyJ/);
    t.is((await clientOf(simulator).get("/api/machineactions")).status, 401);
});

test("what Entra refuses reaches the user of the real @azure/identity in Entra's words", async (t) => {
    const [own, other] = await Promise.all([createClientCertificate(), createClientCertificate()]);
    const app = { tenantId, clientId: secretId, clientSecret: "correct horse", federated, roles };
    await using simulator = await startSimulator({ signIn: { apps: [{ ...app, certificate: own.certificate }] } });
    await using identity = await startAzureIdentity(simulator);
    const tokenFile = join(identity.folder, "federated-token");
    await writeFile(tokenFile, federatedToken("repo:contoso/other:ref:main"));
    const usual: TokenRequest = {
        tenantId,
        clientId: secretId,
        scope,
        proof: { form: "client secret", secret: "correct horse" },
    };
    const lateFile = join(identity.folder, "late-token");
    await writeFile(lateFile, federatedToken(federated.subject, "1 minute ago"));
    const pem = `${other.key}\n${other.certificate}`;
    const refusals: readonly [Partial<TokenRequest>, RegExp][] = [
        [{ proof: { form: "client secret", secret: "wrong" } }, /AADSTS7000215: Invalid client secret provided\./],
        [{ clientId: idOf(99) }, /AADSTS700016: Application with identifier '.*63' was not found in the directory/],
        [{ tenantId: idOf(98) }, /AADSTS90002: Tenant '.*62' not found/],
        [{ scope: "https://nowhere.example/.default" }, /AADSTS500011: The resource principal named https:\/\/nowhere/],
        [{ proof: { form: "client certificate", pem } }, /AADSTS700027: The certificate with identifier used/],
        [{ proof: { form: "federated identity", tokenFile } }, /AADSTS70021: No matching federated identity record/],
        [
            { proof: { form: "federated identity", tokenFile: lateFile } },
            /AADSTS700024: Client assertion is not within/,
        ],
    ];
    for (const [change, expected] of refusals) {
        const { error } = await identity.getToken({ ...usual, ...change });
        t.regex(error ?? "no error", expected);
    }
    t.false(simulator.signIns.some(({ outcome }) => outcome === "issued"));
});

test("an application whose certificate is none makes the start fail", async (t) => {
    const apps = [{ tenantId, clientId: certificateId, certificate: "none", roles }];
    await t.throwsAsync(startSimulator({ signIn: { apps } }));
});

function federatedToken(subject: string, expires = "10 minutes"): string {
    return new UnsecuredJWT({})
        .setIssuer(federated.issuer)
        .setSubject(subject)
        .setAudience("api://AzureADTokenExchange")
        .setExpirationTime(expires)
        .encode();
}
