import { createRequire } from "node:module";
import test from "ava";
import { partialFailure, partialReadFailure, stacklessError } from "../../provider/dynamic/dynamic-provider.ts";

const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const state = {
    id: "an-id",
    properties: { __provider: "text", status: "Pending", posts: 1, nothing: undefined, large: 2n ** 60n },
};
const reasons = ["not yet"];

test("a failure of create or update has the properties that the SDK's plugin looks for, free of what it cannot carry", (t) => {
    const error = partialFailure(state, reasons) as Error & typeof state & { reasons: string[] };
    t.is(error.message, "not yet");
    t.is(error.id, "an-id");
    t.deepEqual(error.reasons, ["not yet"]);
    t.deepEqual(error.properties as unknown, {
        __provider: "text",
        status: "Pending",
        posts: 1,
        large: "1152921504606846976",
    });
});

test("a failure of read brings the engine's own message, as gRPC carries it", (t) => {
    const error = partialReadFailure({ ...state, inputs: { desiredStatus: "Pending" } }, reasons) as Error & {
        code: number;
        metadata: { get(key: string): Buffer[] };
    };
    t.is(error.code, 2);
    const { Status } = sdk("./proto/status_pb.js");
    const { ErrorResourceInitFailed } = sdk("./proto/provider_pb.js");
    const [bytes] = error.metadata.get("grpc-status-details-bin");
    const status = Status.deserializeBinary(new Uint8Array(bytes ?? []));
    t.is(status.getCode(), 2);
    t.is(status.getMessage(), "not yet");
    const [any] = status.getDetailsList();
    t.is(any.getTypeName(), "pulumirpc.ErrorResourceInitFailed");
    const detail = ErrorResourceInitFailed.deserializeBinary(any.getValue());
    t.is(detail.getId(), "an-id");
    t.deepEqual(detail.getReasonsList(), ["not yet"]);
    t.is(detail.getProperties().toJavaScript().status, "Pending");
    t.deepEqual(detail.getInputs().toJavaScript(), { desiredStatus: "Pending" });
});

test("what the SDK prints of a failure of read refers to the resource, which shows the reasons", (t) => {
    const printed = (all: readonly string[]) => {
        const error = partialReadFailure({ ...state, inputs: {} }, all);
        return `${error}: ${error.stack}`;
    };
    t.is(printed(["2 of 60 could not be read", "why"]), "2 of 60 could not be read: its resource shows the reasons");
    t.is(printed(["why"]), "a record could not be refreshed, and is kept: its resource shows the reasons");
});

test("an error for the engine has no stack, which the plugin would print", (t) => {
    t.is(stacklessError("what failed").stack, "");
    t.is(String(stacklessError("what failed")), "Error: what failed");
});
