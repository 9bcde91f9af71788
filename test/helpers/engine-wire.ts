import { createRequire } from "node:module";
import type { StoredState } from "./engine-rules.ts";

/** Encodes and decodes values with the SDK's own messages. */

const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js");
const { Status } = sdk("./proto/status_pb.js");
const { ErrorResourceInitFailed } = sdk("./proto/provider_pb.js");

/** A value as the receiver decodes it; throws "Unexpected struct type." as the plugin does. */
export function carry(value: unknown): Record<string, unknown> {
    const arrived: Record<string, unknown> = Struct.deserializeBinary(
        Struct.fromJavaScript(value).serializeBinary(),
    ).toJavaScript();
    // The engine's maps are not ordered.
    return Object.fromEntries(Object.entries(arrived).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The data that a failing read returns, in the trailer of gRPC. */
export function initFailure(error: unknown): StoredState | undefined {
    const { code, metadata } = error as { code?: unknown; metadata?: { get(key: string): Uint8Array[] } };
    const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
    if (code !== 2 || bytes === undefined) {
        return undefined;
    }
    const [any] = Status.deserializeBinary(new Uint8Array(bytes)).getDetailsList();
    const detail = ErrorResourceInitFailed.deserializeBinary(any.getValue());
    return {
        id: detail.getId(),
        outputs: carry(detail.getProperties().toJavaScript()),
        inputs: carry(detail.getInputs().toJavaScript()),
        initErrors: detail.getReasonsList(),
    };
}

/** The state that a read stores when it ends as unhealthy; undefined if it succeeds. Any other failure is thrown. */
export async function unhealthy(reading: Promise<unknown>): Promise<StoredState | undefined> {
    try {
        await reading;
        return undefined;
    } catch (error) {
        const kept = initFailure(error);
        if (!kept) {
            throw error;
        }
        return kept;
    }
}
