import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import statusServices from "@pulumi/pulumi/proto/resource_status_grpc_pb.js";
import statusMessages from "@pulumi/pulumi/proto/resource_status_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type structs from "google-protobuf/google/protobuf/struct_pb.js";

/** A line that a provider logged. */
export interface LoggedLine {
    readonly severity: "debug" | "info" | "warning" | "error";
    readonly line: string;
    readonly urn: string;
    /** Whether a terminal shows it only until the next line. Absent if not. */
    readonly isEphemeral?: true;
}

/** A step of a view that the plugin published. */
export interface PublishedView {
    readonly op: string;
    readonly name: string;
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly error: string;
}

/** The part of the engine that a plugin calls. */
export interface StandInEngine {
    readonly address: string;
    readonly lines: LoggedLine[];
    readonly views: PublishedView[];
    /** The lines on a resource. */
    linesOf(urn: string): string[];
    /** Called with each line. */
    onLine: (line: LoggedLine) => void;
    /** How the next calls are answered. Default: "normally". */
    answer: "normally" | "with an error";
    close(): Promise<void>;
}

const severities = ["debug", "info", "warning", "error"] as const;

export async function startStandInEngine(): Promise<StandInEngine> {
    const server = new grpc.Server();
    const lines: LoggedLine[] = [];
    const views: PublishedView[] = [];
    const refusal = { code: grpc.status.UNAVAILABLE, details: "not now" };
    const { Op } = statusMessages.ViewStep;
    const nameOfOp = (op: number) => Object.entries(Op).find(([, value]) => value === op)?.[0] ?? String(op);
    server.addService(engineServices.EngineService as unknown as grpc.ServiceDefinition, {
        log({ request }: { request: engineMessages.LogRequest }, callback: grpc.sendUnaryData<empties.Empty>) {
            const severity = severities[request.getSeverity()] ?? "error";
            const line: LoggedLine = {
                severity,
                line: request.getMessage(),
                urn: request.getUrn(),
                ...(request.getEphemeral() ? { isEphemeral: true } : {}),
            };
            lines.push(line);
            engine.onLine(line);
            callback(engine.answer === "normally" ? null : refusal, new empties.Empty());
        },
    });
    server.addService(statusServices.ResourceStatusService as unknown as grpc.ServiceDefinition, {
        publishViewSteps(
            { request }: { request: statusMessages.PublishViewStepsRequest },
            callback: grpc.sendUnaryData<statusMessages.PublishViewStepsResponse>,
        ) {
            views.push(
                ...request.getStepsList().map((step) => ({
                    op: nameOfOp(step.getOp()),
                    name: step.getName(),
                    outputs: valuesOf(step.getNew()?.getOutputs()),
                    error: step.getError(),
                })),
            );
            const failure = engine.answer === "normally" ? null : refusal;
            callback(failure, new statusMessages.PublishViewStepsResponse());
        },
    });
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    const engine: StandInEngine = {
        address: `127.0.0.1:${port}`,
        lines,
        views,
        linesOf: (urn) => lines.filter((one) => one.urn === urn).map(({ line }) => line),
        onLine: () => {},
        answer: "normally",
        close: async () => server.forceShutdown(),
    };
    return engine;
}

function valuesOf(message: structs.Struct | undefined): Readonly<Record<string, unknown>> {
    return (message?.toJavaScript() ?? {}) as Record<string, unknown>;
}
