import type { IncomingHttpHeaders } from "node:http";

/** The fields that a token request may have only once. */
export const fields = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
] as const;

/**
 * The form of a token request. Credentials in a Basic header become its fields `client_id` and `client_secret`. If the
 * body has another value of such a field, the form has both, and is refused because of that. A body of another content
 * type is an empty form.
 */
export function readClientForm(
    body: string,
    { "content-type": contentType, authorization }: Pick<IncomingHttpHeaders, "content-type" | "authorization">,
): URLSearchParams {
    const isForm = contentType === undefined || /^application\/x-www-form-urlencoded *(;|$)/i.test(contentType);
    const form = new URLSearchParams(isForm ? body : "");
    for (const [name, value] of Object.entries(basicCredentials(authorization) ?? {})) {
        const isNew = value === "" ? !form.has(name) : !form.getAll(name).includes(value);
        if (isNew) {
            form.append(name, value);
        }
    }
    return form;
}

/** The credentials of a Basic header; undefined if there is none, or it cannot be decoded. */
function basicCredentials(header: string | undefined): { client_id: string; client_secret: string } | undefined {
    const encoded = /^Basic +([\w+/-]+={0,2}) *$/i.exec(header ?? "")?.[1];
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
    // RFC 6749 section 2.3.1: both are encoded like the values of a form before they are joined.
    return id === undefined || secret === undefined
        ? undefined
        : { client_id: formDecoded(id), client_secret: formDecoded(secret) };
}

function formDecoded(text: string): string {
    return new URLSearchParams(`value=${text.replaceAll("&", "%26")}`).get("value") ?? "";
}
