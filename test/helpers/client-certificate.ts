import "reflect-metadata";
import { PemConverter, X509CertificateGenerator } from "@peculiar/x509";

/** A certificate with which an application signs in, and its key; all PEM. */
export interface ClientCertificate {
    readonly certificate: string;
    readonly key: string;
}

/** A new key and a self-signed certificate for it. */
export async function createClientCertificate(): Promise<ClientCertificate> {
    const algorithm = {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
    };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned({
        name: "CN=pipeline",
        keys,
        signingAlgorithm: algorithm,
    });
    return {
        certificate: certificate.toString("pem"),
        key: PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"),
    };
}
