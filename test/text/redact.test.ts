import test from "ava";
import fc from "fast-check";
import { redact, registerSecret } from "../../provider/text/redact.ts";
import { isDeceptive, judgeableText, sanitize, shortText } from "../../provider/text/sanitize.ts";

const secret = `p@ss word/+~<"'\\&é=%41*(4711)`;
registerSecret(secret);

const percent = (text: string) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");
const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const hex = (code: number, length: number) => code.toString(16).padStart(length, "0");
const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    '"': "&quot;",
    "'": "&#39;",
    "/": "&#x2F;",
};

/** The ways in which a server repeats what it received. */
const encodings: Readonly<Record<string, (text: string) => string>> = {
    "as it is": (text) => text,
    base64: (text) => Buffer.from(text).toString("base64"),
    "base64 without padding": (text) => Buffer.from(text).toString("base64").replaceAll("=", ""),
    base64url: (text) => Buffer.from(text).toString("base64url"),
    "base64url with padding": (text) => Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    "base64 with a user before it": (text) => Buffer.from(`me:${text}`).toString("base64"),
    "base64 between others": (text) => Buffer.from(`user:${text}, and more`).toString("base64"),
    "percent-encoded": encodeURIComponent,
    "percent-encoded in lower case": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    "percent-encoded whole": percent,
    "as in a form": (text) => new URLSearchParams({ a: text }).toString().slice(2),
    "as in a form, in lower case": (text) =>
        new URLSearchParams({ a: text })
            .toString()
            .slice(2)
            .replace(/%../g, (code) => code.toLowerCase()),
    JSON: (text) => JSON.stringify(text).slice(1, -1),
    "JSON with escaped slashes": (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
    "JSON in ASCII": (text) =>
        units(text)
            .map((code) => `\\u${hex(code, 4)}`)
            .join(""),
    "JSON in JSON": (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
    HTML: (text) => text.replace(/[&<"'/]/g, (character) => entities[character] ?? ""),
    "HTML in numbers": (text) => [...text].map((character) => `&#${character.codePointAt(0)};`).join(""),
    "HTML in hexadecimal numbers": (text) =>
        [...text].map((character) => `&#x${character.codePointAt(0)?.toString(16).toUpperCase()};`).join(""),
    "form in JSON": (text) => JSON.stringify(encodeURIComponent(text)).replaceAll("%", "\\u0025"),
};

for (const [name, encode] of Object.entries(encodings)) {
    test(`a secret disappears, ${name}`, (t) => {
        const form = encode(secret);
        t.notRegex(sanitize(`the server said: ${form}, and ${form}!`), /4711|cDRz|cEBz|QHNz|NDcxM|p@ss|70%40|p%40ss/i);
        t.regex(
            sanitize(`the server said: ${form}, and ${form}!`),
            /^the server said: .*\[secret\].*, and .*\[secret\].*!$/,
        );
    });
}

test("nothing but the secret is taken away", (t) => {
    for (const encode of ["as it is", "base64", "base64url", "percent-encoded", "as in a form", "JSON", "HTML"]) {
        const form = encodings[encode]?.(secret);
        t.is(redact(`the server said: ${form}, and token=${form}!`), "the server said: [secret], and token=[secret]!");
    }
});

const inside = [
    "\u00ad",
    "\u200b",
    "\u202e",
    "\u2060",
    "\ufeff",
    "\u034f",
    "\ufe0f",
    "\u{e0041}",
    "\u0000",
    "\u001b",
    "\u007f",
];
const between = [...inside, "\u001b[31m", "\u009b0m", "\u001b]0;title\u0007", "\r\n", "\t", "\u2028", "\u00a0"];

test("no character that a reader does not see saves a secret, in no encoding, before cleaning and after", (t) => {
    for (const [name, encode] of Object.entries(encodings)) {
        for (const hidden of between) {
            const broken = [...encode(secret)].join(hidden);
            const [raw, clean] = [redact(`said ${broken}.`), sanitize(`said ${broken}.`)];
            t.true(raw.includes("[secret]"), `${name}, ${JSON.stringify(hidden)}: ${raw}`);
            t.true(clean.includes("[secret]"), `${name}, ${JSON.stringify(hidden)}: ${clean}`);
            t.false(clean.includes("4711"), `${name}, ${JSON.stringify(hidden)}: ${clean}`);
        }
    }
});

test("encoded invisible characters do not save a secret either", (t) => {
    for (const hidden of [
        "%C2%AD",
        "%e2%80%8b",
        "\\u00ad",
        "\\u200B",
        "&shy;",
        "&#173;",
        "&#x200b;",
        "\\n",
        "%0D%0A",
    ]) {
        t.is(sanitize(`said p@ss word/+~<"'${hidden}\\&é=%41*(4711).`), "said [secret].", hidden);
    }
});

test("any secret disappears, wherever characters are inserted and however it is encoded", (t) => {
    const tokens = fc
        .string({ unit: "grapheme-ascii", minLength: 10, maxLength: 40 })
        .filter((one) => /\w{4}.*\w{4}/.test(one));
    const given = fc.record({
        token: tokens,
        encode: fc.constantFrom(...Object.values(encodings)),
        at: fc.nat(60),
        hidden: fc.constantFrom(...between),
        around: fc.constantFrom("", " ", '"', "=", ":", ","),
    });
    fc.assert(
        fc.property(given, ({ token, encode, at, hidden, around }) => {
            registerSecret(token);
            const form = [...encode(token)];
            const text = `${around}${[...form.slice(0, at), hidden, ...form.slice(at)].join("")}${around}`;
            const shown = sanitize(text);
            return !shown.includes(token) && shown.includes("[secret]") && !isDeceptive(shown);
        }),
        { numRuns: Number(process.env.SECRET_RUNS ?? 200) },
    );
    t.pass();
});

test("a cut text holds no part of a secret, and what a rule judges holds none", (t) => {
    t.is(shortText(`said ${[...secret].join("\u00ad")} and more`, 18), "said [secret] and…");
    t.is(judgeableText(`x ${[...secret].join("\u00ad")}`), undefined);
    t.is(judgeableText("Isolate"), "Isolate");
});

test("any signed JWT disappears, whoever's it is", (t) => {
    const jwt = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from('{"aud":"x"}').toString("base64url")}.c2ln`;
    t.is(redact(`Bearer ${jwt}, refused`), "Bearer [secret], refused");
    t.is(sanitize(`Bearer ${[...jwt].join("\u00ad")}, refused`), "Bearer [secret], refused");
    t.is(redact(`Bearer ${[...jwt].join("\u200b")}, refused`), "Bearer [secret], refused");
});

test("a text that is too short to be a secret hides nothing", (t) => {
    registerSecret("token");
    registerSecret("");
    registerSecret(undefined);
    t.is(redact("the token is missing"), "the token is missing");
});
