import { formsOf, type Range, rangesOf, type SecretForm, shortestHolding } from "./secret-forms.ts";

/** The secrets of a process, and the forms in which they may come back. */
interface Secrets {
    readonly known: Map<string, readonly SecretForm[]>;
    forms: readonly SecretForm[];
    /** A shorter text holds no secret. */
    shortest: number;
}

// On globalThis, so that two copies of the package in one process hide each other's secrets. Version 1.0.0-rc.1 keeps a
// set of texts under the name without a number.
const secretsKey = Symbol.for("pulumi-defender-cancellation/secrets-2");
const shared = globalThis as { [secretsKey]?: Secrets };

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
    if (secret === undefined || secret.length < shortest) {
        return;
    }
    shared[secretsKey] ??= { known: new Map(), forms: [], shortest: Number.POSITIVE_INFINITY };
    const secrets = shared[secretsKey];
    if (!secrets.known.has(secret)) {
        secrets.known.set(secret, formsOf(secret));
        secrets.forms = [...secrets.known.values()].flat();
        secrets.shortest = Math.min(
            ...[...secrets.known.keys()].map(({ length }) => length),
            ...secrets.forms.map(shortestHolding),
        );
    }
}

/**
 * The text without secrets. This package writes no secret into a text, but the error message of a server or a proxy may
 * repeat a secret that it received: as it is, encoded for a URL, for a form, in base64, JSON or HTML, or with invisible
 * characters in between. Only {@link sanitize} calls this for text that is shown, so that the order cannot be wrong.
 */
export function redact(text: string): string {
    const hidden = withoutSecrets(text);
    return hidden.includes("eyJ") ? hidden.replace(jwt, mask) : hidden;
}

function withoutSecrets(text: string): string {
    const secrets = shared[secretsKey];
    if (!secrets || text.length < secrets.shortest) {
        return text;
    }
    let clear = text;
    for (const secret of secrets.known.keys()) {
        clear = clear.replaceAll(secret, mask);
    }
    let hidden = "";
    let from = 0;
    for (const { start, end } of merged(rangesOf(clear, secrets.forms))) {
        hidden += `${clear.slice(from, start)}${mask}`;
        from = end;
    }
    return hidden + clear.slice(from);
}

function merged(ranges: readonly Range[]): Range[] {
    const apart: Range[] = [];
    for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
        const last = apart.at(-1);
        if (last && range.start < last.end) {
            apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
        } else {
            apart.push(range);
        }
    }
    return apart;
}
