import { createPrivateKey, X509Certificate } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { importPKCS8, UnsecuredJWT } from "jose";
import type { AppRegistration } from "../../../simulator/index.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";
import { idOf, start } from "../client.ts";
import {
    app,
    assertionForm,
    audience,
    authority,
    clientId,
    directory,
    federatedToken,
    judged,
    origin,
    ownAssertion,
    startSeconds,
    tenantId,
} from "./directory.ts";

const [own, other] = await Promise.all([createClientCertificate(), createClientCertificate()]);
const key = await importPKCS8(own.key, "PS256");
const { fingerprint, fingerprint256 } = new X509Certificate(own.certificate);
const thumbprint = (hex: string) => Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64url");
const x5t = thumbprint(fingerprint);
const header = { "x5t#S256": thumbprint(fingerprint256) };
const apps: AppRegistration[] = [{ ...app, certificate: own.certificate }];

async function judgedOwn(assertion: Promise<string> | string, registered = apps) {
    return await judged(assertionForm(await assertion), { apps: registered });
}

test("an assertion that the certificate's key signed is accepted, by either thumbprint and algorithm", async (t) => {
    t.is(await judgedOwn(ownAssertion(key, header)), audience);
    const legacy = await importPKCS8(own.key, "RS256");
    t.is(await judgedOwn(ownAssertion(legacy, { alg: "RS256", x5t })), audience);
    t.is(await judgedOwn(ownAssertion(key, { x5t, ...header })), audience);
    t.is(await judgedOwn(ownAssertion(key, header, { aud: `${authority}/v2.0` })), audience);
    // Libraries name the endpoint that they use, ADAL's that of v1.
    for (const path of ["/oauth2/token", "/", ""]) {
        t.is(await judgedOwn(ownAssertion(key, header, { aud: `${authority}${path}` })), audience);
    }
    t.is(await judgedOwn(ownAssertion(key, header, { iss: clientId.toUpperCase() })), audience);
});

test("an assertion may name its tenant by id or by domain", async (t) => {
    const tenant = "contoso.onmicrosoft.example";
    const domain = [{ ...app, certificate: own.certificate, tenantDomain: tenant }];
    for (const name of [tenant, tenantId]) {
        const assertion = await ownAssertion(key, header, { aud: `${origin}/${name}/oauth2/v2.0/token` });
        t.is(await judged(assertionForm(assertion), { apps: domain }, { tenant }), audience);
    }
});

test("an assertion by another key, or for another certificate, is refused as AADSTS700027", async (t) => {
    const foreign = await importPKCS8(other.key, "PS256");
    t.like(await judgedOwn(ownAssertion(foreign, header)), {
        oauth: "invalid_client",
        code: 700027,
        status: 401,
        message: `Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key used by client: '${fingerprint256.replaceAll(":", "")}'].`,
    });
    t.like(await judgedOwn(ownAssertion(key, {})), { code: 700027 });
    t.like(await judgedOwn(ownAssertion(key, { x5t: "AAAA" })), { code: 700027 });
    t.like(await judgedOwn(ownAssertion(key, { ...header, x5t: "AAAA" })), { code: 700027 });
    t.like(await judgedOwn(ownAssertion(key, header), [app]), { code: 700027 });
});

test("an assertion without a signature, or with a secret for a key, is refused as AADSTS5002738", async (t) => {
    const claims = { iss: clientId, sub: clientId, aud: `${authority}/v2.0`, exp: startSeconds + 600 };
    t.like(await judgedOwn(new UnsecuredJWT(claims).encode()), { code: 5002738 });
    const secret = createPrivateKey(own.key).export({ type: "pkcs8", format: "der" }).subarray(0, 32);
    const hmac = await crypto.subtle.importKey(
        "raw",
        new Uint8Array(secret),
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["sign"],
    );
    t.like(await judgedOwn(ownAssertion(hmac, { alg: "HS256", ...header })), { code: 5002738 });
});

test("an assertion out of its time is refused as AADSTS700024, on the simulator's clock", async (t) => {
    const late = await judgedOwn(ownAssertion(key, header, { exp: startSeconds }));
    t.like(late, { oauth: "invalid_client", code: 700024, status: 401 });
    t.regex(
        String(Object(late).message),
        /Current time: 2026-05-04T10:00:00\.0000000Z, .* expiry time of assertion 2026-05-04T10:00:00\.0000000Z\.$/,
    );
    t.is(await judgedOwn(ownAssertion(key, header, { exp: startSeconds + 1 })), audience);
    t.is(await judgedOwn(ownAssertion(key, header, { nbf: startSeconds + 300 })), audience);
    t.like(await judgedOwn(ownAssertion(key, header, { nbf: startSeconds + 301 })), { code: 700024 });
    t.like(await judgedOwn(ownAssertion(key, header, { exp: undefined })), { code: 700024 });
    const day = { clientNow: () => start + 86_400_000, apps };
    t.like(await judged(assertionForm(await ownAssertion(key, header)), day), { code: 700024 });
});

test("an assertion for another audience is AADSTS700023, one of two applications AADSTS700021", async (t) => {
    for (const aud of [undefined, audience, `https://127.0.0.1:1/${idOf(9)}/v2.0`, [`${authority}/other`]]) {
        t.like(await judgedOwn(ownAssertion(key, header, { aud })), { code: 700023, status: 401 });
    }
    t.like(await judgedOwn(ownAssertion(key, header, { sub: idOf(9) })), { code: 700021 });
    t.like(await judgedOwn(ownAssertion(key, header, { iss: "https://issuer.example" })), { code: 700021 });
});

test("a token of the other identity is accepted, and refused as AADSTS70021 when anything differs", async (t) => {
    t.is(await judgedOwn(federatedToken()), audience);
    t.is(await judgedOwn(federatedToken({ aud: ["other", "api://AzureADTokenExchange"] })), audience);
    for (const change of [{ iss: "https://issuer.example/" }, { sub: "REPO:contoso/incidents" }, { aud: audience }]) {
        t.like(await judgedOwn(federatedToken(change)), { oauth: "invalid_request", code: 70021, status: 400 });
    }
    const { federated: _, ...without } = app;
    t.like(await judgedOwn(federatedToken(), [without]), {
        message:
            "No matching federated identity record found for presented assertion. " +
            "Assertion Issuer: 'https://issuer.example'. Assertion Subject: 'repo:contoso/incidents'. " +
            "Assertion Audience: 'api://AzureADTokenExchange'. " +
            "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
    });
    t.like(await judgedOwn(federatedToken({ exp: startSeconds - 1 })), { code: 700024 });
});

test("whatever an assertion claims, it is judged, and never accepted by accident", async (t) => {
    const claim = fc.oneof(fc.jsonValue(), fc.constantFrom(clientId, app.federated?.issuer, startSeconds + 1e300));
    const claims = fc.record({ iss: claim, sub: claim, aud: claim, exp: claim, nbf: claim });
    await fc.assert(
        fc.asyncProperty(claims, async (one) => {
            const result = await judged(assertionForm(new UnsecuredJWT(one as Record<string, unknown>).encode()), {
                ...directory,
                apps,
            });
            t.is(typeof Object(result).code, "number", JSON.stringify(result));
        }),
    );
});
