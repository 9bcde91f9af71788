// On globalThis, so that two copies of the package in one process hide each other's secrets.
const secretsKey = Symbol.for("pulumi-defender-cancellation/secrets");
const shared = globalThis as { [secretsKey]?: Set<string> };

/**
 * The minimum length of a secret to hide. Shorter texts occur in ordinary words, so hiding them would spoil every
 * message. No secret is that short.
 */
const shortest = 8;

const mask = "[secret]";

/** Anything in the form of a signed JWT. */
const jwt = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Remembers a secret of this process, so that {@link redact} removes it from every text that is shown or stored. */
export function registerSecret(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= shortest) {
        shared[secretsKey] ??= new Set();
        for (const form of [
            secret,
            encodeURIComponent(secret.toWellFormed()),
            Buffer.from(secret).toString("base64"),
        ]) {
            shared[secretsKey].add(form);
        }
    }
}

/**
 * The text without secrets. This package writes no secret into a text, but the error message of a server or a proxy may
 * repeat a secret that it received.
 */
export function redact(text: string): string {
    let hidden = text;
    for (const secret of shared[secretsKey] ?? []) {
        hidden = hidden.replaceAll(secret, mask);
    }
    return hidden.includes("eyJ") ? hidden.replace(jwt, mask) : hidden;
}
