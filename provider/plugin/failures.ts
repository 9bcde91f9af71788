import grpc from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import { failureTrailer } from "../lifecycles/init-failure.ts";
import { type KeptState, StepFailure } from "../lifecycles/lifecycle.ts";
import { errorLine } from "../model/errors.ts";
import { toEngine, type WireProperties } from "./wire-properties.ts";

/** A failed answer, as gRPC sends it. */
export interface ServiceFailure {
    readonly code: grpc.status;
    readonly details: string;
    readonly metadata?: grpc.Metadata;
}

/**
 * The answer for a failed step. A failure that keeps a state becomes a partial failure: the engine stores the state,
 * shows the reasons, and refreshes the resource before the next update. `secrets`: the properties with the secrets that
 * the state contains again.
 */
export function failureOf(error: unknown, secrets: readonly WireProperties[] = []): ServiceFailure {
    if (error instanceof StepFailure) {
        // gRPC cannot send half a surrogate pair.
        const details = error.reasons.join("; ").toWellFormed();
        return error.kept
            ? { code: grpc.status.UNKNOWN, details, metadata: partial(error.kept, error.reasons, secrets) }
            : { code: grpc.status.FAILED_PRECONDITION, details };
    }
    return { code: grpc.status.FAILED_PRECONDITION, details: errorLine(error).toWellFormed() };
}

const messages = { ...provider, ...statuses, ...anys, Metadata: grpc.Metadata };

function partial(kept: KeptState, reasons: readonly string[], secrets: readonly WireProperties[]): grpc.Metadata {
    return failureTrailer(kept, reasons, true, {
        ...messages,
        encode: (properties) => toEngine(properties, ...secrets),
    });
}
