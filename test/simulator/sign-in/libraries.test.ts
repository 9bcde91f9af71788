import { X509Certificate } from "node:crypto";
import test from "ava";
import { decodeJwt, UnsecuredJWT } from "jose";
import { type AppRegistration, startSimulator } from "../../../simulator/index.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";
import { idOf } from "../client.ts";
import { type LibraryRequest, startLibraries } from "./libraries.ts";

const [tenantId, secretId, certificateId, federatedId] = [1, 2, 3, 4].map(idOf) as [string, string, string, string];
const roles = ["Machine.Read.All"];
const { certificate, key } = await createClientCertificate();
const { fingerprint, fingerprint256 } = new X509Certificate(certificate);
const federated = { issuer: "https://token.actions.githubusercontent.com", subject: "repo:contoso/incidents:ref:main" };
const assertion = new UnsecuredJWT({})
    .setIssuer(federated.issuer)
    .setSubject(federated.subject)
    .setAudience("api://AzureADTokenExchange")
    .setExpirationTime("10 minutes")
    .encode();
const apps: AppRegistration[] = [
    { tenantId, clientId: secretId, clientSecret: "correct horse", roles },
    { tenantId, clientId: certificateId, certificate, roles },
    { tenantId, clientId: federatedId, federated, roles },
];
const pem = `${key}\n${certificate}`;
const proofs: readonly (readonly [what: string, Pick<LibraryRequest, "clientId" | "proof">, appidacr: string])[] = [
    ["client secret", { clientId: secretId, proof: { secret: "correct horse" } }, "1"],
    [
        "certificate (SHA-1, RS256)",
        { clientId: certificateId, proof: { pem, thumbprint: { thumbprint: fingerprint.replaceAll(":", "") } } },
        "2",
    ],
    [
        "certificate (SHA-256, PS256)",
        {
            clientId: certificateId,
            proof: { pem, thumbprint: { thumbprintSha256: fingerprint256.replaceAll(":", "") } },
        },
        "2",
    ],
    ["assertion", { clientId: federatedId, proof: { assertion } }, "2"],
];
const audience = "https://api.securitycenter.microsoft.com";
const scope = `${audience}/.default`;
const discoveryHost = "login.microsoftonline.com:443";

// One simulator, and one process for each library, because the libraries take seconds to load. So the tests are serial.
const simulator = await startSimulator({ signIn: { apps }, tls: true });
const running = {
    "msal-node": await startLibraries(simulator),
    "@azure/identity": await startLibraries(simulator),
};
test.beforeEach(() => simulator.clearRequests());
test.after.always(async () => {
    await Promise.all(Object.values(running).map((libraries) => libraries[Symbol.asyncDispose]()));
    await simulator.close();
});

for (const library of ["msal-node", "@azure/identity"] as const) {
    const libraries = running[library];
    // The connections so far: with discovery off none to Entra's own host.
    for (const [where, authority, discovery, redirected] of [
        ["with instance discovery off", simulator.authorityUrl, false, []],
        ["with instance discovery on", simulator.authorityUrl, true, [discoveryHost]],
        ["at Entra's own host, led to the simulator", "https://login.microsoftonline.com", true, [discoveryHost]],
    ] as const) {
        test.serial(`${library} signs in by secret, certificate and assertion ${where}`, async (t) => {
            for (const [what, request, appidacr] of proofs) {
                const reply = await libraries.getToken({ library, authority, discovery, tenantId, scope, ...request });
                t.is("error" in reply ? reply.error : "", "", what);
                const claims = decodeJwt("token" in reply ? reply.token : "");
                t.like(claims, { appid: request.clientId, aud: audience, roles, appidacr }, what);
            }
            t.deepEqual(
                simulator.signIns.map(({ outcome }) => outcome),
                proofs.map(() => "issued"),
            );
            t.deepEqual([...new Set(libraries.redirected)], redirected);
        });
    }

    test.serial(`${library} reports Entra's refusals in Entra's words`, async (t) => {
        const { authorityUrl: authority, signIns } = simulator;
        const usual = { library, authority, discovery: true, tenantId, clientId: secretId, scope };
        const proof = { secret: "correct horse" };
        for (const [change, expected] of [
            [{ proof: { secret: "tr0ub4dor" } }, /AADSTS7000215: Invalid client secret provided\./],
            [{ proof, clientId: idOf(99) }, /AADSTS700016: Application with identifier/],
            [{ proof, tenantId: idOf(98) }, /AADSTS90002: Tenant '.*62' not found/],
            [{ proof, scope: "https://nowhere.example/.default" }, /AADSTS500011: The resource principal named/],
            [{ proof: { assertion } }, /AADSTS70021: No matching federated identity record/],
        ] as const) {
            const reply = await libraries.getToken({ ...usual, ...change });
            t.regex("error" in reply ? reply.error : "no error", expected);
        }
        t.false(signIns.some(({ outcome }) => outcome === "issued"));
        t.notRegex(JSON.stringify(signIns), /tr0ub4dor|correct horse|eyJ/);
    });
}
