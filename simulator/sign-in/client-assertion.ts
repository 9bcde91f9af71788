import { X509Certificate } from "node:crypto";
import { compactVerify, decodeJwt, decodeProtectedHeader } from "jose";
import { z } from "zod";
import { formatAllDigits, ticksOf } from "../actions/machine-action.ts";
import type { AppRegistration } from "./app-registration.ts";
import { SignInError } from "./sign-in-error.ts";

const federatedAudience = "api://AzureADTokenExchange";
/** A client's clock may be this much ahead; MSAL also rounds its time up. */
const clockSkewMs = 300_000;
const algorithms = ["PS256", "RS256"];

/** The claims read from a JWT. A missing or malformed claim is empty or 0, so a JWT without `exp` has expired. */
interface Claims {
    iss: string;
    sub: string;
    aud: string[];
    /** Seconds since the epoch, as `exp`. */
    nbf: number;
    exp: number;
}

const text = z.string().catch("");
const seconds = z
    .number()
    .min(0)
    .max(Date.UTC(9999) / 1_000);
const claimsSchema: z.ZodType<Claims> = z.object({
    iss: text,
    sub: text,
    aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
    nbf: seconds.catch(0),
    exp: seconds.catch(0),
});

/** A parsed client assertion. Nothing in it is verified yet. */
export interface ClientAssertion {
    text: string;
    claims: Claims;
    algorithm: string;
    /** Base64url of the SHA-1, or the SHA-256, of the certificate that the assertion names as its signer. */
    thumbprints: string[];
}

/** Parses a client assertion; throws when it is not a JWT. */
export function parseAssertion(text: string): ClientAssertion {
    try {
        const header: Record<string, unknown> = decodeProtectedHeader(text);
        const thumbprints = [header.x5t, header["x5t#S256"]].filter((value) => typeof value === "string");
        return { text, claims: claimsSchema.parse(decodeJwt(text)), algorithm: String(header.alg), thumbprints };
    } catch {
        throw new SignInError("invalid_request", 50027, "JWT token is invalid or malformed.");
    }
}

/** Whether an application made the assertion itself, with a key of its own. */
export function isOwnAssertion({ claims }: ClientAssertion, clientId: string): boolean {
    return [claims.iss, claims.sub].some((name) => name.toLowerCase() === clientId.toLowerCase());
}

/**
 * Throws unless the app's certificate signed the assertion, its audience is one of `audiences`, and it is valid now.
 */
export async function verifyOwnAssertion(
    assertion: ClientAssertion,
    app: AppRegistration,
    audiences: readonly string[],
    now: number,
): Promise<void> {
    const { text, claims, algorithm, thumbprints } = assertion;
    if (!algorithms.includes(algorithm)) {
        throw new SignInError(
            "invalid_client",
            5002738,
            `Invalid JWT token. '${algorithm}' is not a supported signature algorithm. ` +
                `Supported signing algorithms are: '${algorithms.join(", ")}'`,
        );
    }
    const certificate = app.certificate === undefined ? undefined : new X509Certificate(app.certificate);
    if (certificate === undefined || !isMade(thumbprints, certificate)) {
        throw notSigned(
            "The certificate with identifier used to sign the client assertion is not registered on application.",
            assertion,
        );
    }
    try {
        await compactVerify(text, certificate.publicKey, { algorithms });
    } catch {
        throw notSigned("Client assertion contains an invalid signature.", assertion);
    }
    requireTime(claims, now);
    if (claims.iss.toLowerCase() !== claims.sub.toLowerCase()) {
        const message = "Client assertion application identifier doesn't match 'client_id' parameter.";
        throw new SignInError("invalid_client", 700021, message);
    }
    if (!claims.aud.some((audience) => audiences.includes(audience))) {
        const message = "Client assertion audience claim does not match Realm issuer.";
        throw new SignInError("invalid_client", 700023, message);
    }
}

/** Throws unless the app trusts the issuer and the subject of the assertion, and the assertion is valid now. */
export function verifyFederatedAssertion(
    { claims }: ClientAssertion,
    { federated }: AppRegistration,
    now: number,
): void {
    const { iss, sub, aud } = claims;
    if (federated?.issuer !== iss || federated.subject !== sub || !aud.includes(federatedAudience)) {
        throw new SignInError(
            "invalid_request",
            70021,
            "No matching federated identity record found for presented assertion. " +
                `Assertion Issuer: '${iss}'. Assertion Subject: '${sub}'. Assertion Audience: '${aud.join(",")}'. ` +
                "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        );
    }
    requireTime(claims, now);
}

function isMade(thumbprints: readonly string[], { fingerprint, fingerprint256 }: X509Certificate): boolean {
    const own = [fingerprint, fingerprint256].map((hex) => Buffer.from(hex.replaceAll(":", ""), "hex"));
    return thumbprints.length > 0 && thumbprints.every((one) => own.some((hash) => hash.toString("base64url") === one));
}

function notSigned(what: string, { thumbprints }: ClientAssertion): SignInError {
    const key = thumbprints.map((one) => Buffer.from(one, "base64url").toString("hex").toUpperCase()).join(", ");
    const reason = `[Reason - The key was not found., Thumbprint of key used by client: '${key}'].`;
    return new SignInError("invalid_client", 700027, `${what} ${reason}`);
}

function requireTime({ nbf, exp }: Claims, now: number): void {
    if (now >= exp * 1_000 || now + clockSkewMs < nbf * 1_000) {
        const [current, from, until] = [now, nbf * 1_000, exp * 1_000].map((ms) => formatAllDigits(ticksOf(ms)));
        throw new SignInError(
            "invalid_client",
            700024,
            `Client assertion is not within its valid time range. Current time: ${current}, ` +
                `assertion valid from ${from}, expiry time of assertion ${until}.`,
        );
    }
}
