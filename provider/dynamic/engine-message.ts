import { requireOfSdk } from "./engine-process.ts";

/** A message to the engine's display. */
export interface EngineMessage {
    readonly severity: "INFO" | "WARNING";
    readonly text: string;
    /** The resource that shows it. Default: the stack. */
    readonly urn?: string;
    /** Whether a terminal shows it only until the next one, and not in the diagnostics at the end. Default: no. */
    readonly isEphemeral?: boolean;
}

interface LogRequest {
    setSeverity(severity: number): void;
    setMessage(text: string): void;
    setUrn(urn: string): void;
    setEphemeral(isEphemeral: boolean): void;
}

interface EngineMessages {
    readonly LogRequest: new () => LogRequest;
    readonly LogSeverity: Readonly<Record<EngineMessage["severity"], number>>;
}

interface EngineClient {
    log(request: LogRequest, options: { readonly deadline: number }, ended: (error?: unknown) => void): void;
    close(): void;
}

interface EngineServices {
    readonly EngineClient: new (address: string, credentials: unknown) => EngineClient;
}

interface Grpc {
    readonly credentials: { createInsecure(): unknown };
}

/** How long the engine may take to accept a message, in milliseconds. */
const answerWithinMs = 10_000;

/**
 * Sends a message to the engine at `address`, for which the SDK gives a dynamic provider no way. Resolves to whether the
 * engine has taken it; a message that does not arrive must neither fail a step nor hold it up.
 *
 * The definitions are the SDK's own, because its client accepts the objects of no other copy of gRPC. They are loaded
 * here because only a step that has something to show needs them.
 */
export async function sendToEngine(address: string, message: EngineMessage): Promise<boolean> {
    try {
        const require = requireOfSdk();
        const { EngineClient } = require("./proto/engine_grpc_pb.js") as EngineServices;
        const { LogRequest, LogSeverity } = require("./proto/engine_pb.js") as EngineMessages;
        const { credentials } = require("@grpc/grpc-js") as Grpc;
        const request = new LogRequest();
        request.setSeverity(LogSeverity[message.severity]);
        request.setMessage(message.text);
        request.setUrn(message.urn ?? "");
        request.setEphemeral(message.isEphemeral ?? false);
        const client = new EngineClient(address, credentials.createInsecure());
        try {
            const deadline = Date.now() + answerWithinMs;
            return await new Promise((resolve) => {
                client.log(request, { deadline }, (error) => resolve(!error));
            });
        } finally {
            client.close();
        }
    } catch {
        return false;
    }
}
