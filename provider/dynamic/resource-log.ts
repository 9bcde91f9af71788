import { createRequire } from "node:module";
import type { LogOnResource } from "../lifecycles/drift-lines.ts";
import { printable, printWarning } from "../text/print.ts";

/** The parts of the SDK's engine service that a log line needs. */
interface EngineService {
    readonly EngineClient: new (
        address: string,
        credentials: unknown,
    ) => {
        log(request: object, metadata: object, options: { deadline: number }, answer: () => void): unknown;
        close(): void;
    };
}

interface EngineMessages {
    readonly LogRequest: new () => {
        setSeverity(severity: number): void;
        setMessage(text: string): void;
        setUrn(urn: string): void;
    };
    readonly LogSeverity: { readonly WARNING: number };
}

interface Grpc {
    readonly credentials: { createInsecure(): unknown };
    readonly Metadata: new () => object;
}

/** How long the engine may take to accept a message, in milliseconds. */
const answerWithinMs = 10_000;

/**
 * Logs warnings of a refresh on the resource that they concern. What a dynamic provider prints appears on the stack,
 * beside the lines of all other resources. `address`: that of the engine; without it, the lines are printed.
 *
 * The SDK passes no URN to a dynamic provider, so the URN is put together from the declaration's name. For a resource
 * inside a component it lacks the types of its parents, and the engine then shows the lines on a row of their own.
 *
 * The messages are the SDK's own. They are loaded here because only a refresh that finds drift needs them.
 */
export function logOnResourceOf(type: string, address: string | undefined): LogOnResource {
    return async (declaredBy, lines) => {
        const urn = urnOf(type, declaredBy);
        if (address === undefined || urn === undefined || !(await isSent(address, urn, lines))) {
            for (const line of lines) {
                printWarning(line);
            }
        }
    };
}

/** The URN of a resource whose parent is the stack. `declaredBy` comes from state, so it may be anything. */
export function urnOf(type: string, declaredBy: unknown): string | undefined {
    const [, project, stack, name] =
        typeof declaredBy === "string" ? (/^([\w.-]+)\/([\w.-]+)\/([^:]+)$/.exec(declaredBy) ?? []) : [];
    return name === undefined ? undefined : `urn:pulumi:${stack}::${project}::${type}::${name}`;
}

/** Whether the engine has taken the lines. A line that does not arrive must neither fail the step nor hold it up. */
async function isSent(address: string, urn: string, lines: readonly string[]): Promise<boolean> {
    try {
        const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
        const { EngineClient } = require("./proto/engine_grpc_pb.js") as EngineService;
        const { LogRequest, LogSeverity } = require("./proto/engine_pb.js") as EngineMessages;
        const { credentials, Metadata } = require("@grpc/grpc-js") as Grpc;
        const request = new LogRequest();
        request.setSeverity(LogSeverity.WARNING);
        request.setMessage(lines.map(printable).join("\n"));
        request.setUrn(urn);
        const client = new EngineClient(address, credentials.createInsecure());
        try {
            const deadline = Date.now() + answerWithinMs;
            return await new Promise((resolve) => {
                client.log(request, new Metadata(), { deadline }, (error?: unknown) => resolve(!error));
            });
        } finally {
            client.close();
        }
    } catch {
        return false;
    }
}
