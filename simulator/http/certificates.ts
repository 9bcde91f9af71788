// @peculiar/x509 needs this polyfill when it loads.
import "reflect-metadata";
import { randomBytes, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
    AuthorityKeyIdentifierExtension,
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    PemConverter,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509CertificateGenerator,
} from "@peculiar/x509";

/** The key and certificate of a TLS server, and the authority that its clients must trust; all PEM. */
export interface ServerCertificate {
    /** The private certificate authority. */
    authority: string;
    certificate: string;
    key: string;
}

const day = 86_400_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
    return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/**
 * A new certificate authority and a server's certificate under it, for localhost, the loopback addresses and `hosts`
 * (DNS names and IP addresses). The authority's key is not kept, so it signs no other certificate. The names under simulator.test are for clients behind a proxy, because clients use no proxy for loopback. The proxy
 * resolves these names. The certificates are valid for 90 days by the machine's own clock, which TLS clients use.
 */
export async function createServerCertificate(...hosts: readonly string[]): Promise<ServerCertificate> {
    const [authorityKeys, serverKeys] = await Promise.all([generateKeys(), generateKeys()]);
    const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 90 * day) };
    const authority = await X509CertificateGenerator.createSelfSigned({
        // A new name each time, because two authorities of one name in a client's trust store confuse OpenSSL.
        name: `CN=Defender simulator ${randomBytes(4).toString("hex")}`,
        keys: authorityKeys,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
            new BasicConstraintsExtension(true, 0, true),
            new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
            await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
        ],
    });
    const names = [...new Set(["localhost", "127.0.0.1", "::1", "*.simulator.test", ...hosts])];
    const certificate = await X509CertificateGenerator.create({
        subject: "CN=localhost",
        issuer: authority.subject,
        publicKey: serverKeys.publicKey,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
            new SubjectAlternativeNameExtension(
                names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
            ),
            new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
            await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
        ],
    });
    return {
        authority: authority.toString("pem"),
        certificate: certificate.toString("pem"),
        key: PemConverter.encode(await crypto.subtle.exportKey("pkcs8", serverKeys.privateKey), "PRIVATE KEY"),
    };
}
