import { isLoopback } from "../http/loopback.ts";
import { startSimulator } from "../simulator.ts";
import type { SimulatorOptions } from "../simulator-options.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { type CertificateFile, writeCertificateFile } from "./certificate-file.ts";
import { registerApps } from "./demo-apps.ts";
import { createFaultSwitch } from "./fault-switch.ts";
import { introduction } from "./introduction.ts";
import { jsonLine, sanitize } from "./lines.ts";
import { createShow } from "./show.ts";
import { startFailure } from "./start-failure.ts";
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

function optionsOf(settings: Arguments): SimulatorOptions {
    const { port, host, tls, hosts, token, quotas, fleet, machines, speed, steps, page } = settings;
    const { cancellationRequestor, forbiddenWording } = settings;
    const now = Date.now();
    return {
        port,
        host,
        tls,
        quotas,
        speed,
        steps,
        cancellationRequestor,
        forbiddenWording,
        ...(hosts === undefined ? {} : { hosts }),
        ...(token === undefined ? {} : { token }),
        ...(page === undefined ? {} : { page }),
        actions: fleet(now),
        machines: machines(now),
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
    const { json, host, token, page } = settings;
    if (settings.help) {
        write(usage);
        return;
    }
    if (!isLoopback(host)) {
        complain(exposure(settings));
    }
    if (page?.host !== undefined && !isLoopback(page.host)) {
        complain(pageExposure(page.host));
    }
    const registered = settings.signIn ? registerApps(settings.apps) : undefined;
    const faults = createFaultSwitch(settings.faults);
    const controls = controlsOf(process, json);
    const end = new AbortController();
    let steering: Steering | undefined;
    const show = createShow(json, (lines) => (steering?.write ?? write)(lines));
    const simulator = await startSimulator({
        ...optionsOf(settings),
        faults: faults.plan,
        ...(registered ? { signIn: { apps: registered.apps, onSignIn: show.signIn } } : {}),
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
        const access = registered
            ? {
                  DEFENDER_API_URL: simulator.url,
                  AZURE_AUTHORITY_HOST: simulator.authorityUrl ?? "",
                  NODE_EXTRA_CA_CERTS: authority?.path ?? "",
                  ...registered.environment,
              }
            : {
                  DEFENDER_API_URL: simulator.url,
                  DEFENDER_ACCESS_TOKEN: token ?? "simulated-token",
                  ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority.path }),
              };
        const { pageUrl } = simulator;
        const environment = { ...access, ...(pageUrl === undefined ? {} : { SIMULATOR_PAGE_URL: pageUrl }) };
        const shown = {
            apps: registered?.apps,
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

function pageExposure(host: string): string {
    return `simulator: warning: all machines that reach ${host} can see the live page, which shows no tokens\n`;
}

function stopped(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (stop.aborted) {
            resolve();
        }
        stop.addEventListener("abort", () => resolve(), { once: true });
    });
}
