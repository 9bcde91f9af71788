import { createRequire } from "node:module";
import { type Log, printable, printLine } from "../text/print.ts";
import { engineAddress } from "./engine-process.ts";

/** How long the engine may take to accept a line, in milliseconds. */
const answerWithinMs = 10_000;

/** The part of the SDK's client of the engine that is used here. */
interface EngineClient {
    log(request: object, options: { readonly deadline: number }, ended: () => void): void;
}

interface LogRequest {
    setSeverity(severity: number): void;
    setMessage(text: string): void;
    setEphemeral(isEphemeral: boolean): void;
}

interface EngineMessages {
    readonly LogRequest: new () => LogRequest;
    readonly LogSeverity: { readonly INFO: number };
}

/**
 * Shows lines about the step under way in the stack's row. A terminal shows each line until the next one, and not in
 * the diagnostics at the end; a pipeline's log has it once. `address`: that of the engine. Without one, the lines are
 * printed.
 *
 * The SDK's plugin process has loaded its own messages already. They are loaded here because only a long step needs them.
 */
export function createEngineStatus(address: string | undefined = engineAddress()): Log {
    if (address === undefined) {
        return printLine;
    }
    const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
    let engine: EngineClient | undefined;
    return (line) => {
        const messages = require("./proto/engine_pb.js") as EngineMessages;
        const request = new messages.LogRequest();
        request.setSeverity(messages.LogSeverity.INFO);
        request.setMessage(printable(line));
        request.setEphemeral(true);
        // A line that does not arrive must not fail the step.
        try {
            engine ??= connect(require, address);
            engine.log(request, { deadline: Date.now() + answerWithinMs }, () => {});
        } catch {
            printLine(line);
        }
    };
}

function connect(require: NodeJS.Require, address: string): EngineClient {
    // The package that the SDK loads, because its client accepts no other one.
    const { credentials } = require("@grpc/grpc-js") as {
        credentials: { createInsecure(): object };
    };
    const { EngineClient } = require("./proto/engine_grpc_pb.js") as {
        EngineClient: new (address: string, credentials: object) => EngineClient;
    };
    return new EngineClient(address, credentials.createInsecure());
}
