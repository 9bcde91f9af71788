import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defenderHosts, entraHosts } from "../../simulator/http/host-names.ts";
import { type SignInSimulator, startSimulator } from "../../simulator/index.ts";

/** A simulator that answers for Microsoft's hosts over TLS, and what a client's process needs to reach it. */
export interface Tenant extends AsyncDisposable {
    /** For the files of a client; removed with the tenant. */
    readonly folder: string;
    readonly simulator: SignInSimulator;
    readonly env: Readonly<Record<string, string>>;
}

/** One hour of machines and actions passes in two minutes, so that a client sees an isolation end in a second. */
const speed = 30;

const app = {
    tenantId: "7603f7b8-b739-402d-a064-f3ae9a4704b3",
    clientId: "6d021e3b-889c-42ae-929e-d6860a620fc2",
    clientSecret: "a-secret-of-the-simulator",
    displayName: "A real client",
    roles: ["Machine.Read.All", "Machine.Isolate"],
};

/** Starts a tenant with a machine that is online, `ws-1.contoso.example`, and one that is offline, `ws-2`. */
export async function openTenant(): Promise<Tenant> {
    const folder = await mkdtemp(join(tmpdir(), "real-clients-"));
    const simulator = await startSimulator({
        tls: true,
        signIn: { apps: [app] },
        speed,
        actions: [{ type: "RunAntiVirusScan", status: "Succeeded", machineId: "b".repeat(40) }],
        machines: [
            { id: "a".repeat(40), computerDnsName: "ws-1.contoso.example", online: true },
            { id: "b".repeat(40), computerDnsName: "ws-2.contoso.example", online: false },
        ],
    });
    const certificate = join(folder, "certificate-authority.pem");
    await writeFile(certificate, simulator.certificate);
    return {
        folder,
        simulator,
        env: {
            AZURE_TENANT_ID: app.tenantId,
            AZURE_CLIENT_ID: app.clientId,
            AZURE_CLIENT_SECRET: app.clientSecret,
            DEFENDER_API_URL: simulator.url,
            DEFENDER_AUTHORITY: simulator.authorityUrl,
            DEFENDER_SIMULATOR_HOSTS: [...defenderHosts, ...entraHosts].join(","),
            DEFENDER_SIMULATOR_PORT: new URL(simulator.url).port,
            REQUESTS_CA_BUNDLE: certificate,
            SSL_CERT_FILE: certificate,
            NO_PROXY: "*",
        },
        async [Symbol.asyncDispose]() {
            await simulator.close();
            await rm(folder, { recursive: true, force: true });
        },
    };
}
