import type { MachineSeed } from "../machines/machine-row.ts";
import type { AppRegistration } from "../sign-in/app-registration.ts";
import type { Simulator } from "../simulator.ts";
import { appTable } from "./app-table.ts";
import { cut, fleetTable } from "./fleet-table.ts";
import { sanitize } from "./lines.ts";

/** Environment variables and their values. */
export type Environment = Readonly<Record<string, string>>;

/** What the introduction depends on, beside the simulator. */
export interface IntroductionOptions {
    environment: Environment;
    /** The applications of the sign-in, if there is one. */
    apps?: readonly AppRegistration[] | undefined;
    /** The URLs by which other machines reach the simulator. Default: none. */
    otherUrls?: readonly string[];
    /** The machines that were added to those of the actions. Default: none. */
    machines?: readonly MachineSeed[];
    /** The width of the terminal. */
    columns: number;
    /** The file with the certificate authority, if there is one. */
    certificateFile: string | undefined;
    /** How the user ends and steers the simulator, in a few words. */
    controls: string;
    /** The system, whose shell the variables are for: PowerShell on Windows. Default: this one. */
    platform?: NodeJS.Platform;
}

/** The text that the command shows before the requests: the fleet first, what the user copies last. */
export function introduction(simulator: Simulator, options: IntroductionOptions): string {
    const { environment, apps, machines = [], otherUrls = [], columns, certificateFile, controls } = options;
    const trust =
        certificateFile === undefined
            ? ""
            : `Clients must trust this certificate authority (Node.js by NODE_EXTRA_CA_CERTS; the README has others):
${certificateFile}

`;
    const isWindows = (options.platform ?? process.platform) === "win32";
    const exports = Object.entries(environment).map(([name, value]) =>
        isWindows ? `$env:${name} = ${powerShellWord(value)}` : `export ${name}=${shellWord(value)}`,
    );
    return `Simulated Defender for Endpoint API on ${simulator.url}
${otherUrls.length === 0 ? "" : `Other machines reach it on ${otherUrls.join(", ")}\n`}
${fleetTable(simulator.actions(), columns)}
${machinesLine(machines, columns)}
${apps === undefined ? "" : `${appTable(apps)}\n\n`}${trust}Variables for pulumi-defender-cancellation, its provider plugin and its command; other clients need
only the address and a token:

${exports.join("\n")}
${simulator.pageUrl === undefined ? "" : `\nLive page: ${simulator.pageUrl}\n`}
Requests (${controls}):
`;
}

/** How many machines there are, the first names, and where their ids are; empty without machines. */
function machinesLine(machines: readonly MachineSeed[], columns: number): string {
    const [first] = machines;
    if (first === undefined) {
        return "";
    }
    const others = machines.length === 1 ? "" : " …";
    const ending = `${others} (GET /api/machines shows their ids)`;
    const beginning = `${machines.length} machine${machines.length === 1 ? "" : "s"}: `;
    const name = sanitize(first.computerDnsName || first.id);
    return `${beginning}${cut(name, Math.max(12, columns - beginning.length - ending.length))}${ending}\n`;
}

function shellWord(text: string): string {
    return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_quoting_rules */
function powerShellWord(text: string): string {
    return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, (quote) => quote.repeat(2))}'`;
}
