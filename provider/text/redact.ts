// On globalThis: two copies of the package in one process hide each other's secrets.
const secretsKey = Symbol.for("pulumi-defender-cancellation/secrets");
const shared = globalThis as { [secretsKey]?: Set<string> };

/** Shorter texts occur in ordinary words: hiding them would spoil every message, and no secret is so short. */
const shortest = 8;

const mask = "[secret]";

/** Anything in the form of a signed JWT. */
const jwt = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Remembers a secret of this process, so that {@link redact} takes it out of all that is shown or stored. */
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
 * The text without secrets. A last line of defence: nothing here writes a secret into a text, but a server or a proxy
 * may repeat in an error message what it was sent.
 */
export function redact(text: string): string {
    let hidden = text;
    for (const secret of shared[secretsKey] ?? []) {
        hidden = hidden.replaceAll(secret, mask);
    }
    return hidden.includes("eyJ") ? hidden.replace(jwt, mask) : hidden;
}
