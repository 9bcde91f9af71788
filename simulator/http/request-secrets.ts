import { decoded } from "./percent-encoding.ts";
import type { RecordedRequest } from "./request-record.ts";

/** The parts of a request's address that may contain a secret. */
type Target = Pick<RecordedRequest, "path" | "query" | "headers">;

/** The path and the query of a request, with `…` in place of secrets: of parameters and of tokens. */
export function targetWithoutSecrets({ path, query, headers }: Target): Pick<RecordedRequest, "path" | "query"> {
    const hide = tokenHider(headers);
    return { path: path.split("/").map(hide).join("/"), query: pairsWithoutSecrets(query, hide) };
}

/** The body of a request, with `…` in place of secrets: of fields of a form, of members of JSON, and of tokens. */
export function bodyWithoutSecrets({ body, headers }: Pick<RecordedRequest, "body" | "headers">): string {
    const hide = tokenHider(headers);
    return pairsWithoutSecrets(body, hide).replaceAll(member, (whole, before: string, name: string) =>
        isSecret(name) ? `${before}"…"` : whole,
    );
}

/** The names of parameters, fields and members with a secret, in lower case and with letters alone. */
const secretNames: ReadonlySet<string> = new Set([
    "accesstoken",
    "apikey",
    "assertion",
    "authorization",
    "clientassertion",
    "clientsecret",
    "code",
    "idtoken",
    "password",
    "refreshtoken",
    "secret",
    "sig",
    "subscriptionkey",
    "token",
]);

function isSecret(name: string): boolean {
    const letters = decoded(name)
        .toLowerCase()
        .replaceAll(/[^a-z]/g, "");
    return secretNames.has(letters);
}

/** A member of JSON whose value is a text. An end that is missing is not looked for again from the next member. */
const member = /("([^"\\]{1,60})"\s*:\s*)"[^"\\]*(?:\\.[^"\\]*)*"?/gs;

function pairsWithoutSecrets(text: string, hide: (text: string) => string): string {
    return text
        .split("&")
        .map((pair) => {
            const end = pair.indexOf("=");
            return end !== -1 && end <= longestName && isSecret(pair.slice(0, end))
                ? `${pair.slice(0, end)}=…`
                : hide(pair);
        })
        .join("&");
}

const longestName = 100;

/** Hides the token that the request was sent with, and JWTs, also those that are percent-encoded. */
function tokenHider(headers: RecordedRequest["headers"]): (text: string) => string {
    const own = /^\w+ +(\S{8,})/.exec(headers.authorization ?? "")?.[1];
    const hidePlain = (text: string): string =>
        (own === undefined ? text : text.replaceAll(own, "…")).replaceAll(words, withoutJwt);
    return (text) => {
        const shown = hidePlain(text);
        const plain = decoded(shown);
        return plain === shown || hidePlain(plain) === plain ? shown : "…";
    };
}

/** Finds each run whole, so that no part of it is read twice. */
const words = /[\w.-]+/g;

function withoutJwt(word: string): string {
    const begin = word.indexOf("eyJ");
    return begin !== -1 && word.slice(begin).split(".", 3).length === 3 ? `${word.slice(0, begin)}…` : word;
}
