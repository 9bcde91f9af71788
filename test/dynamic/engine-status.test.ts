import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import test from "ava";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { createEngineStatus } from "../../provider/dynamic/engine-status.ts";

test("a status reaches the engine as one clean line that its diagnostics do not keep", async (t) => {
    const { promise, resolve } = Promise.withResolvers<LogRequest>();
    const refuse: grpc.handleUnaryCall<unknown, never> = (_, answer) => answer(new Error("not used"));
    const server = new grpc.Server();
    server.addService(engineServices.EngineService as never, {
        ...{ getRootResource: refuse, setRootResource: refuse, startDebugging: refuse, requirePulumiVersion: refuse },
        log: (call: { readonly request: LogRequest }, answer: grpc.sendUnaryData<unknown>) => {
            answer(null, new empties.Empty());
            resolve(call.request);
        },
    });
    const port = await new Promise<number>((bound, failed) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, found) =>
            error ? failed(error) : bound(found),
        ),
    );
    t.teardown(() => server.forceShutdown());
    createEngineStatus(`127.0.0.1:${port}`)("412/990, 6 min\u001b[31m\n::error::");
    const request = await promise;
    t.true(request.getEphemeral());
    t.is(request.getUrn(), "");
    t.regex(request.getMessage(), /^412\/990, 6 min/);
    t.false(request.getMessage().includes("\n") || request.getMessage().includes("\u001b"));
});
