import { X509Certificate } from "node:crypto";
import test from "ava";
import { createServerCertificate } from "../../../simulator/http/certificates.ts";

test("a server's certificate is signed by its authority, for this machine and the hosts", async (t) => {
    const { authority, certificate, key } = await createServerCertificate("simulator.example", "192.0.2.1");
    const [issuer, server] = [new X509Certificate(authority), new X509Certificate(certificate)];
    t.true(issuer.ca);
    t.true(issuer.verify(issuer.publicKey));
    t.false(server.ca);
    t.true(server.checkIssued(issuer));
    t.true(server.verify(issuer.publicKey));
    for (const name of ["localhost", "simulator.example"]) {
        t.is(server.checkHost(name), name);
    }
    for (const address of ["127.0.0.1", "::1", "192.0.2.1"]) {
        t.is(server.checkIP(address), address);
    }
    t.is(server.checkHost("api.securitycenter.microsoft.com"), undefined);
    t.regex(key, /^-----BEGIN PRIVATE KEY-----/);
});

test("every authority has a key and a name of its own", async (t) => {
    const [first, second] = await Promise.all([1, 2].map(() => createServerCertificate("127.0.0.1")));
    const [one, other] = [first, second].map((made) => new X509Certificate(made?.authority ?? ""));
    t.not(one?.subject, other?.subject);
    t.false(one?.verify(other?.publicKey ?? one.publicKey));
});
