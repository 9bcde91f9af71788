import { isLoopback } from "../http/loopback.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import type { Simulator } from "../simulator.ts";
import type { SimulatorOptions } from "../simulator-options.ts";
import { startSimulator } from "../start-simulator.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { broken } from "./broken.ts";
import { type CertificateFile, writeCertificateFile } from "./certificate-file.ts";
import { type DemoApps, registerApps } from "./demo-apps.ts";
import { eachSecond } from "./each-second.ts";
import { createFaultSwitch } from "./fault-switch.ts";
import { type Environment, introduction } from "./introduction.ts";
import { jsonLine, sanitize } from "./lines.ts";
import { otherAddresses } from "./other-addresses.ts";
import { type ReissueWatch, reissuersOf, watchReissues } from "./reissue-watch.ts";
import { createShow } from "./show.ts";
import type { SimulatorProcess } from "./simulator-process.ts";
import { startFailure } from "./start-failure.ts";
import { columnsOf, controlsOf, controlsText, type Steering, steer } from "./steering.ts";
import { usageFor } from "./usage.ts";
import { UsageError } from "./usage-error.ts";

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

/** Runs the command until it is stopped; returns its exit code. */
export async function runCommand(args: readonly string[], process: SimulatorProcess): Promise<number> {
    try {
        await simulate(readArguments(args), process);
        return 0;
    } catch (error) {
        const message = sanitize(error instanceof Error ? error.message : String(error));
        process.complain(`${broken(`simulator: ${message}`, process.columns)}\n`);
        return error instanceof UsageError ? 2 : 1;
    }
}

async function simulate(settings: Arguments, process: SimulatorProcess): Promise<void> {
    const { write, complain, stop } = process;
    const { json, host, token, page } = settings;
    if (settings.help) {
        write(usageFor(process.columns));
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
    const options = optionsOf(settings);
    const reissuers = json ? new Set<string>() : reissuersOf(options);
    let watch: ReissueWatch | undefined;
    let endWatch: (() => void) | undefined;
    let clear = (): void => {};
    const showApplication = registered !== undefined;
    const show = createShow({ json, showApplication }, (lines) => (steering?.write ?? write)(lines));
    function onSignIn(signIn: RecordedSignIn): void {
        show.signIn(signIn);
        clear();
    }
    const simulator = await startSimulator({
        ...options,
        faults: faults.plan,
        ...(registered ? { signIn: { apps: registered.apps, onSignIn } } : {}),
        onRequest(request) {
            const { operation, actionId } = request;
            if (operation === "create" && actionId !== undefined) {
                watch?.know(actionId);
            }
            show.request(request, actionId === undefined ? undefined : simulator.action(actionId));
            clear();
        },
    }).catch((error: unknown) => {
        throw startFailure(error, settings);
    });
    clear = simulator.clearRequests;
    let authority: CertificateFile | undefined;
    try {
        if (simulator.certificate !== undefined) {
            authority = await writeCertificateFile(simulator.certificate, settings.caFile);
        }
        const environment = environmentOf(simulator, registered, { token, certificateFile: authority?.path });
        const shown = {
            apps: registered?.apps,
            columns: columnsOf(process),
            certificateFile: authority?.path,
            machines: options.machines ?? [],
            otherUrls: otherAddresses(host, simulator.url),
            controls: controlsText[controls],
        };
        show.beginning(
            json
                ? `${jsonLine({ url: simulator.url, environment, actions: simulator.actions() })}\n`
                : introduction(simulator, { environment, ...shown }),
        );
        if (reissuers.size > 0) {
            const watching = watchReissues(reissuers, simulator.actions);
            watch = watching;
            endWatch = eachSecond(() => watching.check().forEach(show.reissue));
        }
        const steered = {
            ...simulator,
            reissue(id: string) {
                const action = simulator.reissue(id);
                watch?.know(action.id);
                return action;
            },
        };
        const targets = { simulator: steered, faults, steps: settings.steps, quit: () => end.abort() };
        steering = steer(process, { controls, json }, targets);
        await stopped(AbortSignal.any([stop, end.signal]));
    } finally {
        endWatch?.();
        steering?.close();
        await simulator.close();
        await authority?.remove();
    }
}

/** What programs need to use the simulator: its address, a token or the applications, and the authority to trust. */
function environmentOf(
    { url, authorityUrl = "", pageUrl }: Simulator,
    registered: DemoApps | undefined,
    { token = "simulated-token", certificateFile }: { token: string | undefined; certificateFile: string | undefined },
): Environment {
    return {
        DEFENDER_API_URL: url,
        ...(registered === undefined ? { DEFENDER_ACCESS_TOKEN: token } : { AZURE_AUTHORITY_HOST: authorityUrl }),
        ...(certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificateFile }),
        ...registered?.environment,
        ...(pageUrl === undefined ? {} : { SIMULATOR_PAGE_URL: pageUrl }),
    };
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
