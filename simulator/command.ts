import { parseArgs } from "node:util";
import { cleanText, fleetTable, requestLine } from "./lines.ts";
import { demoFleet } from "./seed.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

const usage = `Simulates the machine actions API of Microsoft Defender for Endpoint on this machine.

Usage: simulator [--port N] [--token T]

  --port N   listen on this port of 127.0.0.1 (default: any free one)
  --token T  accept this bearer token alone (default: any)
  --help     show this text
`;

interface Arguments {
    port: number;
    token: string | undefined;
    help: boolean;
}

function readArguments(): Arguments {
    const { values } = parseArgs({
        options: { port: { type: "string" }, token: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const { port = "0", token, help = false } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new Error("--port must be a number from 0 to 65535.");
    }
    // The token is printed as a shell line: only what a bearer token may be made of.
    if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) {
        throw new Error("--token must be made of letters, digits and - . _ ~ + / =");
    }
    return { port: Number(port), token, help };
}

function introduction(simulator: Simulator, token: string): string {
    return `Simulated Defender for Endpoint API on ${simulator.url}

export DEFENDER_API_URL=${simulator.url}
export DEFENDER_ACCESS_TOKEN=${token}

${fleetTable(simulator.actions())}

Requests (Ctrl+C ends):
`;
}

async function main(): Promise<void> {
    const { port, token, help } = readArguments();
    if (help) {
        process.stdout.write(usage);
        return;
    }
    const simulator = await startSimulator({
        port,
        ...(token === undefined ? {} : { token }),
        actions: demoFleet(),
        onRequest(request) {
            const { actionId } = request;
            const status = actionId === undefined ? undefined : simulator.action(actionId)?.status;
            process.stdout.write(`${requestLine(request, status)}\n`);
            simulator.clearRequests();
        },
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        // Not once: a terminal's Ctrl+C arrives from npm a second time.
        process.on(signal, () => void simulator.close());
    }
    process.stdout.write(introduction(simulator, token ?? "simulated-token"));
}

try {
    await main();
} catch (error) {
    process.stderr.write(`simulator: ${cleanText(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = 1;
}
