import type grpc from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { CheckFailure } from "../schema/input-rules.ts";
import { failureOf, type ServiceFailure } from "./failures.ts";
import type { WireProperties } from "./wire-properties.ts";

/**
 * A method of the service. Its failure is an answer as well: an error that gRPC itself catches reaches the engine as
 * "Unknown error", and one that nothing catches ends the process with all steps that are under way.
 *
 * `secretsOf`: the properties in the request whose secrets a kept state must not show.
 */
export function answer<Request, Response>(
    work: (request: Request) => Promise<Response> | Response,
    secretsOf: (request: Request) => readonly WireProperties[] = () => [],
): grpc.handleUnaryCall<Request, Response> {
    return async ({ request }, callback) => {
        let response: Response;
        try {
            response = await work(request);
        } catch (error) {
            callback(failed(error, () => secretsOf(request)));
            return;
        }
        callback(null, response);
    };
}

function failed(error: unknown, secrets: () => readonly WireProperties[]): ServiceFailure {
    try {
        return failureOf(error, secrets());
    } catch (unsendable) {
        // The request cannot be read, for example because it is nested too deeply. Then no step has begun.
        return failureOf(unsendable);
    }
}

/** A failure of a check, as a message. */
export function failureMessage({ property, reason }: CheckFailure): provider.CheckFailure {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
}
