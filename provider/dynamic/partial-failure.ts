import { createRequire } from "node:module";
import { errorLine } from "../model/errors.ts";
import { plainValue } from "./wire-value.ts";

/**
 * Failures that keep state: the engine records the properties, shows the reasons, and the next `up` updates the
 * resource even if nothing was changed.
 */
export interface PartialState {
    readonly id: string;
    /** All properties of the resource, `__provider` included. */
    readonly properties: Readonly<Record<string, unknown>>;
    /** One line for each thing that fell short. */
    readonly reasons: readonly string[];
}

/** What the engine takes back from a partial failure, with room to spare: 11 MB pass, 15 MB lose the state (measured). */
export const maxFailureBytes = 8_000_000;

/** How large a value is on its way to the engine, in bytes. */
export function sizeOf(value: object): number {
    return Buffer.byteLength(JSON.stringify(value));
}

/** Whether the engine takes these values back from one partial failure. */
export function fitsInFailure(...values: readonly object[]): boolean {
    return values.reduce((sum, value) => sum + sizeOf(value), 0) <= maxFailureBytes;
}

/** For `create` and `update`: the SDK's plugin turns an error with these properties into the engine's answer. */
export function partialFailure({ id, properties, reasons }: PartialState): Error {
    return Object.assign(plainError(reasons.join("; ")), { id, properties: plainValue(properties), reasons });
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
export function partialReadFailure(state: PartialState, inputs: Readonly<Record<string, unknown>>): Error {
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
    detail.setId(state.id);
    detail.setProperties(Struct.fromJavaScript(plainValue(state.properties)));
    detail.setInputs(Struct.fromJavaScript(plainValue(inputs)));
    detail.setReasonsList(state.reasons);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(unknownCode);
    status.setMessage(state.reasons.join("; "));
    status.addDetails(any);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return Object.assign(plainError(state.reasons.join("; ")), { code: unknownCode, metadata });
}

/** Whether an error is one of {@link partialReadFailure}: it brings the state along. */
export function isPartialReadFailure(error: unknown): boolean {
    return error instanceof Error && "metadata" in error;
}

/** gRPC's status code UNKNOWN, the only one with which the engine looks for the details. */
const unknownCode = 2;

/** An error as the engine shall show it: the plugin prints the stack of whatever is thrown, which helps no user. */
export function plainError(message: string): Error {
    return Object.assign(new Error(message), { stack: "" });
}

/** What `work` gives; what it throws loses its stack. */
export function orPlainError<T>(work: () => T): T {
    try {
        return work();
    } catch (error) {
        throw plainError(errorLine(error));
    }
}

/** As {@link orPlainError}, for work that may take a while. */
export async function orPlainRejection<T>(work: () => T | Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw plainError(errorLine(error));
    }
}
