import { createRequire } from "node:module";
import type { KeptState } from "../lifecycles/step-failure.ts";
import { wireValue } from "../lifecycles/wire-value.ts";

/** For `create` and `update`: the SDK's plugin turns an error with these properties into the engine's answer. */
export function partialFailure({ id, properties }: KeptState, reasons: readonly string[]): Error {
    return Object.assign(stacklessError(reasons.join("; ")), { id, properties: wireValue(properties), reasons });
}

/** The part of the SDK's generated messages that is used below. */
interface Message {
    serializeBinary(): Uint8Array;
    setId(id: string): void;
    setProperties(properties: unknown): void;
    setInputs(inputs: unknown): void;
    setReasonsList(reasons: readonly string[]): void;
    setCode(code: number): void;
    setMessage(message: string): void;
    addDetails(details: unknown): void;
    pack(bytes: Uint8Array, name: string): void;
}
type MessageClass = new () => Message;

/**
 * For `read`: the SDK's plugin passes a thrown error on as it is, so the error brings the engine's answer itself, as
 * gRPC carries it: https://github.com/grpc/grpc/blob/master/src/proto/grpc/status/status.proto in a trailer.
 *
 * The messages are the SDK's own. They are loaded here because only a failing read needs them.
 */
export function partialReadFailure({ id, properties, inputs = {} }: KeptState, reasons: readonly string[]): Error {
    const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
    const { ErrorResourceInitFailed } = require("./proto/provider_pb.js") as { ErrorResourceInitFailed: MessageClass };
    const { Status } = require("./proto/status_pb.js") as { Status: MessageClass };
    const { Any } = require("google-protobuf/google/protobuf/any_pb.js") as { Any: MessageClass };
    const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js") as {
        Struct: { fromJavaScript(value: object): unknown };
    };
    const { Metadata } = require("@grpc/grpc-js") as {
        Metadata: new () => { set(key: string, value: Buffer): void };
    };

    const detail = new ErrorResourceInitFailed();
    detail.setId(id);
    detail.setProperties(Struct.fromJavaScript(wireValue(properties)));
    detail.setInputs(Struct.fromJavaScript(wireValue(inputs)));
    detail.setReasonsList(reasons);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(unknownCode);
    status.setMessage(reasons.join("; "));
    status.addDetails(any);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return Object.assign(stacklessError(reasons.join("; ")), { code: unknownCode, metadata });
}

/** gRPC's status code UNKNOWN, the only one with which the engine looks for the details. */
const unknownCode = 2;

/** An error without a stack: the plugin prints the stack of each error that it gets, which helps no user. */
export function stacklessError(message: string): Error {
    return Object.assign(new Error(message), { stack: "" });
}
