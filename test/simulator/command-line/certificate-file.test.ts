import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import test, { type ExecutionContext } from "ava";
import { writeCertificateFile } from "../../../simulator/command-line/certificate-file.ts";
import { createServerCertificate } from "../../../simulator/http/certificates.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";

async function folderOf(t: ExecutionContext): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "certificate-file-"));
    t.teardown(() => rm(folder, { recursive: true }));
    return folder;
}

test("without a path the authority is in a file of its own, which is removed at the end", async (t) => {
    const { authority } = await createServerCertificate();
    const file = await writeCertificateFile(authority, undefined);
    t.is(await readFile(file.path, "utf8"), authority);
    await file.remove();
    t.false(existsSync(file.path));
});

test("at the path that the user chose it stays, and the next simulator replaces it", async (t) => {
    const chosen = relative(process.cwd(), join(await folderOf(t), "ca.pem"));
    for (const { authority } of [await createServerCertificate(), await createServerCertificate()]) {
        const file = await writeCertificateFile(authority, chosen);
        t.true(file.path.startsWith("/"));
        await file.remove();
        t.is(await readFile(file.path, "utf8"), authority);
    }
});

test("a file that is not from a simulator is left alone", async (t) => {
    const folder = await folderOf(t);
    const [{ authority }, { certificate }] = await Promise.all([createServerCertificate(), createClientCertificate()]);
    const others = { text: "precious", "other certificate": certificate, bundle: authority + certificate, empty: "" };
    for (const [name, content] of Object.entries(others)) {
        const path = join(folder, name);
        await writeFile(path, content);
        await t.throwsAsync(writeCertificateFile(authority, path), { message: /exists and is not from a simulator/ });
        t.is(await readFile(path, "utf8"), content);
    }
});

test("a path that cannot be written is named, with the reason", async (t) => {
    const path = join(await folderOf(t), "nosuch", "ca.pem");
    await t.throwsAsync(writeCertificateFile("", path), {
        message: `--ca-file ${path} cannot be written (ENOENT): choose another path`,
    });
});
