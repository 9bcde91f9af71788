import type { AppRegistration } from "../sign-in/app-registration.ts";
import type { Simulator } from "../simulator.ts";
import { appTable } from "./app-table.ts";
import { fleetTable } from "./fleet-table.ts";

/** Environment variables and their values. */
export type Environment = Readonly<Record<string, string>>;

/** What the introduction depends on, beside the simulator. */
export interface IntroductionOptions {
    environment: Environment;
    /** The applications of the sign-in, if there is one. */
    apps?: readonly AppRegistration[] | undefined;
    /** The width of the terminal. */
    columns: number;
    /** The file with the certificate authority, if there is one. */
    certificateFile: string | undefined;
    /** How the user ends and steers the simulator, in a few words. */
    controls: string;
}

/** The text that the command shows before the requests: the fleet first, what the user copies last. */
export function introduction(simulator: Simulator, options: IntroductionOptions): string {
    const { environment, apps, columns, certificateFile, controls } = options;
    const trust =
        certificateFile === undefined
            ? ""
            : `Clients must trust this certificate authority (Node.js by NODE_EXTRA_CA_CERTS; the README has others):
${certificateFile}

`;
    const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`);
    return `Simulated Defender for Endpoint API on ${simulator.url}

${fleetTable(simulator.actions(), columns)}

${apps === undefined ? "" : `${appTable(apps)}\n\n`}${trust}With these variables, pulumi-defender-cancellation uses this API: its programs in TypeScript, those
in YAML and other languages with its provider plugin, and its command.

${exports.join("\n")}
${simulator.pageUrl === undefined ? "" : `\nLive page: ${simulator.pageUrl}\n`}
Requests (${controls}):
`;
}

function shellWord(text: string): string {
    return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
