import type { KeptState } from "./lifecycle.ts";

/** gRPC's status code UNKNOWN, the only one for which the engine reads the details. */
export const unknownCode = 2;

interface Detail {
    serializeBinary(): Uint8Array;
    setId(id: string): unknown;
    setProperties(properties: unknown): unknown;
    setInputs(inputs: unknown): unknown;
    setReasonsList(reasons: string[]): unknown;
    setRefreshBeforeUpdate(value: boolean): unknown;
}

interface Any {
    pack(bytes: Uint8Array, name: string): void;
}

interface Status {
    serializeBinary(): Uint8Array;
    setCode(code: number): unknown;
    setMessage(message: string): unknown;
    addDetails(details: unknown): unknown;
}

interface Metadata {
    set(key: string, value: Buffer): void;
}

/** The SDK's messages of which a partial failure consists. Each provider loads them in its own way. */
export interface FailureMessages<OfMetadata extends Metadata> {
    readonly ErrorResourceInitFailed: new () => Detail;
    readonly Any: new () => Any;
    readonly Status: new () => Status;
    readonly Metadata: new () => OfMetadata;
    /** Properties as the engine's protocol carries them. */
    encode(properties: object): unknown;
}

/**
 * A partial failure in gRPC's form: a status message
 * (https://github.com/grpc/grpc/blob/master/src/proto/grpc/status/status.proto) in a trailer. `refreshes`: whether the
 * engine refreshes the resource before its next update.
 */
export function failureTrailer<OfMetadata extends Metadata>(
    { id, properties, inputs }: KeptState,
    reasons: readonly string[],
    refreshes: boolean,
    messages: FailureMessages<OfMetadata>,
): OfMetadata {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(id);
    detail.setProperties(messages.encode(properties));
    if (inputs) {
        detail.setInputs(messages.encode(inputs));
    }
    detail.setReasonsList([...reasons]);
    // The oldest supported SDK does not have the field.
    if (refreshes) {
        detail.setRefreshBeforeUpdate(true);
    }
    const any = new messages.Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new messages.Status();
    status.setCode(unknownCode);
    status.setMessage(reasons.join("; "));
    status.addDetails(any);
    const metadata = new messages.Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return metadata;
}
