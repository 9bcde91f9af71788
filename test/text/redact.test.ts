import test from "ava";
import { printable } from "../../provider/text/print.ts";
import { redact, registerSecret } from "../../provider/text/redact.ts";
import { sanitize, shortText } from "../../provider/text/sanitize.ts";

const secret = 'p@ss~w0rd/+=<47&11>"é\\-_';
registerSecret(secret);

const bytes = [...Buffer.from(secret)].map((byte) => byte.toString(16).padStart(2, "0"));
const base64At = (offset: number, encoding: "base64" | "base64url") =>
    Buffer.from(`${"id:".slice(0, offset)}${secret}`).toString(encoding);
const entity = (text: string, write: (code: number) => string) =>
    [...text].map((one) => (/[a-z0-9]/i.test(one) ? one : write(one.codePointAt(0) ?? 0))).join("");

/** Each way in which a server may repeat a secret. */
const repeated: Readonly<Record<string, string>> = {
    raw: secret,
    "percent-encoded": encodeURIComponent(secret),
    "percent-encoded in lower case": encodeURIComponent(secret).replace(/%../g, (one) => one.toLowerCase()),
    "percent-encoded throughout": bytes.map((byte) => `%${byte}`).join(""),
    "percent-encoded twice": encodeURIComponent(encodeURIComponent(secret)),
    "form-encoded": new URLSearchParams({ s: secret }).toString().slice(2),
    base64: base64At(0, "base64"),
    "base64 without padding": base64At(0, "base64").replace(/=+$/, ""),
    "base64 in lines": base64At(0, "base64").replace(/.{10}/g, "$&\r\n"),
    "base64 at offset 1": base64At(1, "base64"),
    "base64 at offset 2": base64At(2, "base64"),
    "base64 after a user": base64At(3, "base64"),
    base64url: base64At(0, "base64url"),
    "base64url at offset 1": base64At(1, "base64url"),
    "percent-encoded base64": encodeURIComponent(base64At(2, "base64")),
    hexadecimal: bytes.join(""),
    JSON: JSON.stringify(secret).slice(1, -1),
    "JSON with its slash escaped": JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
    "JSON in ASCII": [...secret].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    "JSON in JSON": JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    "HTML by names": secret
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replace('"', "&quot;"),
    "HTML by numbers": entity(secret, (code) => `&#${code};`),
    "HTML in hexadecimal": entity(secret, (code) => `&#x${code.toString(16)};`),
};

const invisible = [
    "\u00ad",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\u0000",
    "\u0007",
    "\u009f",
    "\u{e0041}",
    "\r\n",
    "\t",
];
const escapes = ["\u001b[31m", "\u001b[0;1m", "\u001b]0;title\u0007", "\u009b2K"];

test("a secret disappears from every text, however a server repeats it", (t) => {
    for (const [how, form] of Object.entries(repeated)) {
        t.is(redact(`the server said: ${form} and ${form}!`), "the server said: [secret] and [secret]!", how);
    }
});

test("a secret is hidden although invisible characters or terminal escapes stand in it, in any form", (t) => {
    for (const [how, form] of Object.entries(repeated)) {
        for (const inserted of [...invisible, ...escapes]) {
            for (const at of [1, 4, form.length - 2]) {
                const shown = sanitize(`said ${form.slice(0, at)}${inserted}${form.slice(at)} there`);
                t.regex(shown, /^said .*\[secret\].* there$/, `${how}, ${JSON.stringify(inserted)} at ${at}: ${shown}`);
                t.true(shown.length < 28, shown);
            }
            const everywhere = [...form].join(inserted);
            t.true(sanitize(everywhere).length < 20, `${how}: ${sanitize(everywhere)}`);
        }
    }
});

test("an escape sequence that swallows a letter of the secret does not save the rest", (t) => {
    for (const at of [0, 1, 9]) {
        t.is(sanitize(`${secret.slice(0, at)}\u001b[${secret.slice(at)}`).replace("[", ""), "secret]");
    }
    t.is(printable(`x\u001b]${secret}\u0007y`).replace("[secret]", ""), "xy");
});

test("a character before a secret that makes it look escaped does not save it", (t) => {
    const digits = "41424344-secret-word";
    registerSecret(digits);
    t.is(redact(`%${digits} and \\u${digits}`), "%[secret] and \\u[secret]");
    t.is(sanitize(`%4142\u00ad4344-secret-word`), "%[secret]");
});

test("a text is cut only after its secrets are hidden", (t) => {
    t.is(shortText(`${"x".repeat(10)} ${secret}`, 15), "xxxxxxxxxx [se…");
});

test("any signed JWT disappears, whoever's it is, and with invisible characters in it", (t) => {
    const jwt = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from('{"aud":"x"}').toString("base64url")}.c2ln`;
    t.is(redact(`Bearer ${jwt}, refused`), "Bearer [secret], refused");
    t.is(sanitize(`Bearer ${jwt.slice(0, 5)}\u200b${jwt.slice(5)}, refused`), "Bearer [secret], refused");
});

test("a text that is too short to be a secret hides nothing", (t) => {
    registerSecret("token");
    registerSecret("");
    registerSecret(undefined);
    t.is(redact("the token is missing"), "the token is missing");
    const ordinary =
        "Isolate on ws-0417.contoso.example: 100% of C:\\temp & co, playbook 12 <wrong>, %41 \\u0041 &amp;";
    t.is(redact(ordinary), ordinary);
});
