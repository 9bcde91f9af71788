import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readApps } from "../../../simulator/command-line/app-arguments.ts";
import { UsageError } from "../../../simulator/command-line/usage-error.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";
import { idOf } from "../client.ts";

function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): (name: string) => string {
    const folder = mkdtempSync(join(tmpdir(), "simulator-apps-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(folder, name), text);
    }
    return (name) => join(folder, name);
}

test("an application is a name and its roles", (t) => {
    t.deepEqual(readApps(["SOAR:Machine.Read.All,Machine.Isolate", " a:b :Machine.Scan", "none:"], []), [
        { name: "SOAR", roles: ["Machine.Read.All", "Machine.Isolate"] },
        { name: "a:b", roles: ["Machine.Scan"] },
        { name: "none", roles: [] },
    ]);
    for (const wrong of ["SOAR", ":Machine.Scan", " :Machine.Scan", `${"x".repeat(257)}:`]) {
        t.throws(() => readApps([wrong], []), { instanceOf: UsageError, message: /^--app must be NAME:ROLE,ROLE/ });
    }
});

test("an unknown role names the nearest, or all of them", (t) => {
    for (const [role, message] of [
        ["machine.isolate", /^--app SOAR:.*: unknown role machine\.isolate: did you mean Machine\.Isolate\?$/],
        ["Machine.ReadAll", /did you mean Machine\.Read\.All\?$/],
        ["Contributor", /unknown role Contributor: the roles are Machine\.Read\.All, .*Vulnerability\.Read\.All$/],
        ["", /^--app SOAR:Machine\.Scan,: a role is missing: write NAME:ROLE,ROLE$/],
    ] as const) {
        t.throws(() => readApps([`SOAR:Machine.Scan,${role}`], []), { instanceOf: UsageError, message });
    }
});

test("a file has applications with ids and proofs of their own", async (t) => {
    const { certificate, key } = await createClientCertificate();
    const entries = [
        { name: "SOAR", roles: ["Machine.Scan"], tenantId: idOf(1), clientId: idOf(2), clientSecret: "s" },
        { name: "Pipeline", roles: [], certificate: "soar.pem", objectId: idOf(3), tenantDomain: "contoso.example" },
        { name: "Inline", roles: [], certificate },
        { name: "GitHub", roles: [], federated: { issuer: "https://issuer.example", subject: "repo:contoso/soar" } },
    ];
    const at = folderWith(t, { "apps.json": JSON.stringify(entries), "soar.pem": `${key}\n${certificate}` });
    const [soar, pipeline, inline, github] = readApps([], [at("apps.json")]);
    const plain: unknown[] = [soar, github];
    t.deepEqual(plain, [entries[0], entries[3]]);
    t.like(pipeline, { objectId: idOf(3), tenantDomain: "contoso.example" });
    for (const app of [pipeline, inline]) {
        t.is(app?.certificate?.replaceAll(/\s/g, ""), certificate.replaceAll(/\s/g, ""));
    }
});

test("a file that is not a list of applications is named in the complaint, without a secret of it", (t) => {
    const app = { name: "SOAR", roles: ["Machine.Scan"], clientSecret: "correct horse" };
    for (const [text, message] of [
        ["[", /: the file is not valid JSON$/],
        ['[{"clientSecret":correct horse}]', /: the file is not valid JSON$/],
        [JSON.stringify(app), /: expected a list$/],
        [
            JSON.stringify([{ ...app, secret: "x" }]),
            /: \[0\]: unknown property "secret": did you mean clientSecret\?|unknown property "secret", expected one of/,
        ],
        [JSON.stringify([{ ...app, name: " " }]), /\[0\]\.name: seen " ", expected at least 1/],
        [JSON.stringify([{ ...app, clientSecret: ["correct horse"] }]), /\[0\]\.clientSecret: expected a text$/],
        [JSON.stringify([{ ...app, clientId: "soar" }]), /\[0\]\.clientId: seen "soar", expected a GUID$/],
        [JSON.stringify([{ ...app, roles: ["Machine.Scn"] }]), /\[0\]\.roles\[0\]: .*did you mean Machine\.Scan\?/],
        [
            JSON.stringify([{ ...app, certificate: "-----BEGIN" }]),
            /: \[0\]\.certificate: expected a certificate in PEM/,
        ],
        [JSON.stringify([{ ...app, certificate: "nosuch.pem" }]), /\[0\]\.certificate: ENOENT.*nosuch\.pem/],
    ] as const) {
        const file = folderWith(t, { "apps.json": text })("apps.json");
        const error = t.throws(() => readApps([], [file]), { message });
        t.true(error?.message.startsWith(`--apps ${file}: `));
        t.notRegex(error?.message ?? "", /correct|\n/);
    }
    t.throws(() => readApps([], ["/nosuch.json"]), { message: /^--apps \/nosuch\.json: ENOENT/ });
});

test("two applications cannot share their variables or their id, nor take those of other programs", (t) => {
    for (const [names, message] of [
        [["SOAR:Machine.Scan", "SOAR:Machine.Isolate"], /^the application SOAR is given twice: give all its roles in/],
        [["SOAR:", "soar:"], /^the applications SOAR and soar both have the variable SOAR_CLIENT_ID: change one/],
        [["a b:", "a-b:"], /both have the variable A_B_CLIENT_ID/],
        [["Azure:"], /^the application Azure needs another name: its name would set AZURE_CLIENT_ID$/],
        [["defender:"], /would set DEFENDER_CLIENT_ID$/],
        [["救援:"], /its name must contain a letter from A to Z$/],
    ] as const) {
        t.throws(() => readApps(names, []), { instanceOf: UsageError, message });
    }
    const entries = ["a", "b"].map((name) => ({ name, roles: [], clientId: idOf(2) }));
    const at = folderWith(t, {
        "same.json": JSON.stringify(entries),
        "tenants.json": JSON.stringify(entries.map((app, n) => ({ ...app, tenantId: idOf(n) }))),
    });
    t.throws(() => readApps([], [at("same.json")]), { message: /^the applications a and b both have the id / });
    t.is(readApps([], [at("tenants.json")]).length, 2);
});
