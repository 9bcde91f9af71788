import { fileURLToPath } from "node:url";
import test from "ava";
import { execa } from "execa";
import { csvCell, htmlText, jsonText, markdownText } from "../../cli/safe-text.ts";
import { registerSecret } from "../../provider/text/redact.ts";

const secret = "planted/secret+of~a pipeline";
registerSecret(secret);

const forms = [
    secret,
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("base64url"),
    encodeURIComponent(secret),
    new URLSearchParams({ a: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
    secret.replaceAll("/", "&#x2F;"),
];

test("no format of a report shows a secret that a record holds, in no encoding, with or without invisible characters", (t) => {
    for (const form of forms.flatMap((one) => [one, [...one].join("\u00ad"), [...one].join("\u001b[1m")])) {
        const record = { computerDnsName: `ws ${form}`, [`key ${form}`]: [`x ${form}`] };
        t.deepEqual(JSON.parse(jsonText(record)), { computerDnsName: "ws [secret]", "key [secret]": ["x [secret]"] });
        t.is(csvCell(`ws ${form}`), "ws [secret]");
        t.is(htmlText(`ws ${form}`), "ws [secret]");
        t.is(markdownText(`ws ${form}`), "`ws [secret]`");
    }
});

test("JSON without a secret keeps every character", (t) => {
    const record = { name: "ws\u202e-1", nested: [{ text: "a\u00adb", count: 1, none: null }] };
    t.deepEqual(JSON.parse(jsonText(record, 4)), record);
});

test("doctor names a proxy variable that cannot be read, without its password", async (t) => {
    const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
    const { stdout, stderr, exitCode } = await execa(process.execPath, [main, "doctor"], {
        reject: false,
        env: { DEFENDER_ACCESS_TOKEN: "ready-token", HTTPS_PROXY: "http://user:pl4nted-p%ss@proxy.example:8080" },
    });
    t.is(exitCode, 2);
    t.regex(
        stdout,
        /^fail {2}settings {2}ERR_DEFENDER_CONFIGURATION: HTTPS_PROXY cannot be read: its user or password/m,
    );
    t.false(`${stdout}${stderr}`.includes("pl4nted"));
});
