import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A file with the certificate authority that clients must trust. */
export interface CertificateFile {
    /** Absolute. */
    readonly path: string;
    /** Removes the file, unless the user chose its path. */
    remove(): Promise<void>;
}

/** Writes the certificate authority (PEM) to a file of its own, or to the path that the user chose. */
export async function writeCertificateFile(pem: string, chosen: string | undefined): Promise<CertificateFile> {
    if (chosen !== undefined) {
        const path = resolve(chosen);
        await refuseOtherFile(path, chosen);
        await writeFile(path, pem).catch((error: NodeJS.ErrnoException) => {
            throw new Error(`--ca-file ${chosen} cannot be written (${error.code}): choose another path`);
        });
        return { path, async remove() {} };
    }
    const folder = await mkdtemp(join(tmpdir(), "defender-simulator-"));
    const path = join(folder, "certificate-authority.pem");
    await writeFile(path, pem);
    return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Throws if there is a file that is not the certificate authority of an earlier simulator, so that none is lost. */
async function refuseOtherFile(path: string, chosen: string): Promise<void> {
    let there: string;
    try {
        there = await readFile(path, "utf8");
    } catch {
        return;
    }
    if (!isOfSimulator(there)) {
        throw new Error(`--ca-file ${chosen} exists and is not from a simulator: choose another path, or delete it`);
    }
}

function isOfSimulator(text: string): boolean {
    if (!/^-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----\s*$/.test(text)) {
        return false;
    }
    try {
        return new X509Certificate(text).subject.startsWith("CN=Defender simulator ");
    } catch {
        return false;
    }
}
