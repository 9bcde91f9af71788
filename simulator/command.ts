import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arguments, readArguments, usage } from "./command-arguments.ts";
import { cleanText, fleetTable, requestLine, signInLine } from "./lines.ts";
import { demoFleet } from "./seed.ts";
import type { AppRegistration } from "./sign-in/app-registration.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";

interface DemoApp extends AppRegistration {
    clientSecret: string;
}

function demoApp(): DemoApp {
    return {
        tenantId: randomUUID(),
        clientId: randomUUID(),
        clientSecret: randomBytes(24).toString("base64url"),
        roles: ["Machine.Read.All", "Machine.Isolate"],
    };
}

/** Shell lines with what a client of the simulator needs. */
function environmentOf({ url, authorityUrl }: Simulator, app: DemoApp, certificateFile: string): string {
    return `export DEFENDER_API_URL=${url}
export AZURE_AUTHORITY_HOST=${authorityUrl}
export NODE_EXTRA_CA_CERTS=${shellWord(certificateFile)}
export DEFENDER_TENANT_ID=${app.tenantId}
export DEFENDER_CLIENT_ID=${app.clientId}
export DEFENDER_CLIENT_SECRET=${app.clientSecret}`;
}

function shellWord(text: string): string {
    return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function introduction(simulator: Simulator, environment: string): string {
    return `Simulated Defender for Endpoint API on ${simulator.url}

${environment}

${fleetTable(simulator.actions())}

Requests (Ctrl+C ends):
`;
}

function optionsOf({ port, token, quotas, faults }: Arguments): SimulatorOptions {
    return {
        port,
        quotas,
        ...(token === undefined ? {} : { token }),
        ...(faults === undefined ? {} : { faults }),
        actions: demoFleet(),
    };
}

function print(line: string): void {
    process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
    const settings = readArguments(process.argv.slice(2));
    if (settings.help) {
        process.stdout.write(usage);
        return;
    }
    const app = settings.signIn ? demoApp() : undefined;
    const simulator = await startSimulator({
        ...optionsOf(settings),
        ...(app ? { signIn: { apps: [app], onSignIn: (signIn) => print(signInLine(signIn)) } } : {}),
        onRequest(request) {
            const { actionId } = request;
            print(requestLine(request, actionId === undefined ? undefined : simulator.action(actionId)?.status));
            simulator.clearRequests();
        },
    });

    let folder: string | undefined;
    async function end(): Promise<void> {
        await simulator.close();
        if (folder) {
            await rm(folder, { recursive: true, force: true });
        }
    }
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        // Not once: a terminal's Ctrl+C arrives from npm a second time.
        process.on(signal, () => void end());
    }

    let environment = `export DEFENDER_API_URL=${simulator.url}
export DEFENDER_ACCESS_TOKEN=${settings.token ?? "simulated-token"}`;
    if (app) {
        folder = await mkdtemp(join(tmpdir(), "defender-simulator-"));
        const certificateFile = join(folder, "certificate-authority.pem");
        await writeFile(certificateFile, simulator.certificate ?? "");
        environment = environmentOf(simulator, app, certificateFile);
    }
    process.stdout.write(introduction(simulator, environment));
}

try {
    await main();
} catch (error) {
    process.stderr.write(`simulator: ${cleanText(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = 1;
}
