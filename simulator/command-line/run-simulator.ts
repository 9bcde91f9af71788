import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedRequest } from "../http/request-record.ts";
import type { AppRegistration, RecordedSignIn } from "../sign-in/app-registration.ts";
import { type Simulator, startSimulator } from "../simulator.ts";
import type { SimulatorOptions } from "../simulator-options.ts";
import { type Arguments, readArguments, usage } from "./arguments.ts";
import { takeInputLine } from "./input-lines.ts";
import { fleetTable, jsonLine, requestLine, sanitize, signInLine } from "./lines.ts";

/** The parts of its process that the command uses. */
export interface SimulatorProcess {
    readonly write: (text: string) => void;
    readonly complain: (text: string) => void;
    /** Aborted when the simulator must end. */
    readonly stop: AbortSignal;
    /** Passes on each line of standard input until the returned function is called; used only with `--steps`. */
    readonly readLines?: (take: (line: string) => void) => () => void;
}

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

/** The environment variables that a client of the simulator needs. */
type Environment = Readonly<Record<string, string>>;

function environmentOf({ url, authorityUrl = "" }: Simulator, app: DemoApp, certificateFile: string): Environment {
    return {
        DEFENDER_API_URL: url,
        AZURE_AUTHORITY_HOST: authorityUrl,
        NODE_EXTRA_CA_CERTS: certificateFile,
        DEFENDER_TENANT_ID: app.tenantId,
        DEFENDER_CLIENT_ID: app.clientId,
        DEFENDER_CLIENT_SECRET: app.clientSecret,
    };
}

function shellWord(text: string): string {
    return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function introduction(simulator: Simulator, environment: Environment): string {
    const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`);
    return `Simulated Defender for Endpoint API on ${simulator.url}

${lines.join("\n")}

With these variables, pulumi-defender-cancellation uses this API: its programs in TypeScript, those in YAML and other
languages with its provider plugin, and its command.

${fleetTable(simulator.actions())}

Requests (Ctrl+C ends):
`;
}

function optionsOf({ port, token, quotas, faults, fleet, machines, speed, steps }: Arguments): SimulatorOptions {
    const now = Date.now();
    return {
        port,
        quotas,
        speed,
        steps,
        ...(token === undefined ? {} : { token }),
        ...(faults === undefined ? {} : { faults }),
        actions: fleet(now),
        machines: machines(now),
    };
}

/** Runs the command until it is stopped; returns its exit code. Never rejects. */
export async function runSimulator(args: readonly string[], process: SimulatorProcess): Promise<number> {
    try {
        await simulate(readArguments(args), process);
        return 0;
    } catch (error) {
        process.complain(`simulator: ${sanitize(error instanceof Error ? error.message : String(error))}\n`);
        return 1;
    }
}

async function simulate(settings: Arguments, { write, complain, stop, readLines }: SimulatorProcess): Promise<void> {
    if (settings.help) {
        write(usage);
        return;
    }
    const app = settings.signIn ? demoApp() : undefined;
    const show = createShow(settings.json, write);
    const simulator = await startSimulator({
        ...optionsOf(settings),
        ...(app ? { signIn: { apps: [app], onSignIn: show.signIn } } : {}),
        onRequest(request) {
            const { actionId } = request;
            show.request(request, actionId === undefined ? undefined : simulator.action(actionId)?.status);
            simulator.clearRequests();
        },
    });
    const endLines = settings.steps
        ? readLines?.((line) => complain(`${takeInputLine(line, simulator)}\n`))
        : undefined;
    let folder: string | undefined;
    try {
        let environment: Environment = {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: settings.token ?? "simulated-token",
        };
        if (app) {
            folder = await mkdtemp(join(tmpdir(), "defender-simulator-"));
            const certificateFile = join(folder, "certificate-authority.pem");
            await writeFile(certificateFile, simulator.certificate ?? "");
            environment = environmentOf(simulator, app, certificateFile);
        }
        show.beginning(simulator, environment);
        await stopped(stop);
    } finally {
        endLines?.();
        await simulator.close();
        if (folder) {
            await rm(folder, { recursive: true, force: true });
        }
    }
}

function createShow(json: boolean, write: (text: string) => void) {
    const line = (text: string) => write(`${text}\n`);
    return {
        beginning(simulator: Simulator, environment: Environment): void {
            const { url } = simulator;
            write(
                json
                    ? `${jsonLine({ url, environment, actions: simulator.actions() })}\n`
                    : introduction(simulator, environment),
            );
        },
        request(request: RecordedRequest, actionStatus: string | undefined): void {
            const { headers: _, ...shown } = request;
            line(json ? jsonLine({ ...shown, actionStatus }) : requestLine(request, actionStatus));
        },
        signIn: (signIn: RecordedSignIn) => line(json ? jsonLine(signIn) : signInLine(signIn)),
    };
}

function stopped(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (stop.aborted) {
            resolve();
        }
        stop.addEventListener("abort", () => resolve(), { once: true });
    });
}
