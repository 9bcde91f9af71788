import { AsyncLocalStorage } from "node:async_hooks";
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { Severity } from "../plan/preview-line.ts";
import { printable } from "../text/print.ts";

/** Logs lines on resources of the run, by the engine's Log call. */
export interface EngineLog {
    /**
     * Logs a line, or several as one message, on the resource of the step under way. `urn` names another resource, or
     * the stack if it is empty.
     */
    log(severity: Severity, lines: string | readonly string[], urn?: string): void;
    /**
     * Shows a line about the step under way in the resource's row. A terminal shows it until the next line, and not in
     * the diagnostics at the end; a pipeline's log has it once. `urn` as for {@link EngineLog.log}.
     */
    status(line: string, severity?: Severity, urn?: string): void;
    /** Does the work of a step. Its lines belong to this resource, and have reached the engine when it ends. */
    during<T>(urn: string, step: () => Promise<T>): Promise<T>;
    close(): void;
}

const severities: Readonly<Record<Severity, engineMessages.LogSeverity>> = {
    info: engineMessages.LogSeverity.INFO,
    warn: engineMessages.LogSeverity.WARNING,
    error: engineMessages.LogSeverity.ERROR,
};

/** How long the engine may take to accept a line, in milliseconds. */
const answerWithinMs = 10_000;

/** Opens the log of the engine at this address. Without an address, lines go to stderr, which the engine shows. */
export function openEngineLog(address: string | undefined): EngineLog {
    const steps = new AsyncLocalStorage<string>();
    const pending = new Set<Promise<void>>();
    const client =
        address === undefined ? undefined : new engineServices.EngineClient(address, grpc.credentials.createInsecure());

    function send(severity: Severity, line: string, urn: string, isStatus: boolean): Promise<void> {
        const request = new engineMessages.LogRequest();
        request.setSeverity(severities[severity]);
        request.setMessage(line);
        request.setUrn(urn);
        request.setEphemeral(isStatus);
        return new Promise((resolve) => {
            // A line that does not arrive must neither fail the step nor hold it up.
            try {
                client?.log(request, new grpc.Metadata(), { deadline: Date.now() + answerWithinMs }, () => resolve());
            } catch {
                // A debugger's process may already serve another engine.
                resolve();
            }
        });
    }

    function deliver(severity: Severity, lines: readonly string[], urn: string, isStatus = false): void {
        const text = lines.map(printable).join("\n");
        if (!client) {
            console.error(text);
            return;
        }
        const sent = send(severity, text, urn, isStatus).finally(() => pending.delete(sent));
        pending.add(sent);
    }

    return {
        log: (severity, lines, urn = steps.getStore() ?? "") => deliver(severity, [lines].flat(), urn),
        status: (line, severity = "info", urn = steps.getStore() ?? "") => deliver(severity, [line], urn, true),
        async during(urn, step) {
            try {
                return await steps.run(urn, step);
            } finally {
                await Promise.all(pending);
            }
        },
        close: () => client?.close(),
    };
}
