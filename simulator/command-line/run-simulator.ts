import { randomBytes, randomUUID } from "node:crypto";
import type { AppRegistration } from "../sign-in/app-registration.ts";
import { type Simulator, startSimulator } from "../simulator.ts";
import type { SimulatorOptions } from "../simulator-options.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { type CertificateFile, writeCertificateFile } from "./certificate-file.ts";
import { createFaultSwitch } from "./fault-switch.ts";
import { type Environment, introduction } from "./introduction.ts";
import { jsonLine, sanitize } from "./lines.ts";
import { createShow } from "./show.ts";
import { isLoopback, startFailure } from "./start-failure.ts";
import { columnsOf, controlsOf, controlsText, type Steering, steer } from "./steering.ts";
import type { SimulatorInput } from "./terminal-keys.ts";
import { usage } from "./usage.ts";
import { UsageError } from "./usage-error.ts";

/** The parts of its process that the command uses. */
export interface SimulatorProcess {
    readonly write: (text: string) => void;
    readonly complain: (text: string) => void;
    /** Aborted when the simulator must end. */
    readonly stop: AbortSignal;
    /**
     * The commands of the user: keys if this and the output are a terminal, otherwise lines. Default: none are read.
     */
    readonly input?: SimulatorInput;
    /** The width of the terminal that the output is shown on. Default: the output is not a terminal. */
    readonly columns?: number | undefined;
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

function optionsOf({ port, host, tls, hosts, token, quotas, fleet }: Arguments): SimulatorOptions {
    return {
        port,
        host,
        tls,
        quotas,
        ...(hosts === undefined ? {} : { hosts }),
        ...(token === undefined ? {} : { token }),
        actions: fleet(Date.now()),
    };
}

/**
 * Runs the command until it is stopped; returns its exit code: 0 ended as asked, 1 could not start, 2 invalid command
 * line. Never rejects.
 */
export async function runSimulator(args: readonly string[], process: SimulatorProcess): Promise<number> {
    try {
        await simulate(readArguments(args), process);
        return 0;
    } catch (error) {
        process.complain(`simulator: ${sanitize(error instanceof Error ? error.message : String(error))}\n`);
        return error instanceof UsageError ? 2 : 1;
    }
}

async function simulate(settings: Arguments, process: SimulatorProcess): Promise<void> {
    const { write, complain, stop } = process;
    const { json, host, token } = settings;
    if (settings.help) {
        write(usage);
        return;
    }
    if (!isLoopback(host)) {
        complain(exposure(settings));
    }
    const app = settings.signIn ? demoApp() : undefined;
    const faults = createFaultSwitch(settings.faults);
    const controls = controlsOf(process, json);
    const end = new AbortController();
    let steering: Steering | undefined;
    const show = createShow(json, (lines) => (steering?.write ?? write)(lines));
    const simulator = await startSimulator({
        ...optionsOf(settings),
        faults: faults.plan,
        ...(app ? { signIn: { apps: [app], onSignIn: show.signIn } } : {}),
        onRequest(request) {
            const { actionId } = request;
            show.request(request, actionId === undefined ? undefined : simulator.action(actionId)?.status);
            simulator.clearRequests();
        },
    }).catch((error: unknown) => {
        throw startFailure(error, settings);
    });
    let authority: CertificateFile | undefined;
    try {
        if (simulator.certificate !== undefined) {
            authority = await writeCertificateFile(simulator.certificate, settings.caFile);
        }
        const environment = app
            ? environmentOf(simulator, app, authority?.path ?? "")
            : {
                  DEFENDER_API_URL: simulator.url,
                  DEFENDER_ACCESS_TOKEN: token ?? "simulated-token",
                  ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority.path }),
              };
        const shown = {
            columns: columnsOf(process),
            certificateFile: authority?.path,
            controls: controlsText[controls],
        };
        show.beginning(
            json
                ? `${jsonLine({ url: simulator.url, environment, actions: simulator.actions() })}\n`
                : introduction(simulator, { environment, ...shown }),
        );
        steering = steer(process, { controls, json }, { simulator, faults, quit: () => end.abort() });
        await stopped(AbortSignal.any([stop, end.signal]));
    } finally {
        steering?.close();
        await simulator.close();
        await authority?.remove();
    }
}

/** The warning about an address that other machines can reach. */
function exposure({ host, token, signIn }: Arguments): string {
    const guard =
        token === undefined && !signIn
            ? "and any token opens it: add --token or --sign-in"
            : "and only the token guards it";
    return `simulator: warning: all machines that reach ${host} can use the simulator, ${guard}\n`;
}

function stopped(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (stop.aborted) {
            resolve();
        }
        stop.addEventListener("abort", () => resolve(), { once: true });
    });
}
