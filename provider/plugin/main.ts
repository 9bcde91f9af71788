import { readFileSync } from "node:fs";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { endWithEngine } from "../system/engine-bound.ts";
import { createService } from "./service.ts";

/**
 * The process of the provider plugin. The launcher `plugin/pulumi-resource-defender` starts it with its own folder,
 * which has the schema, and then the engine's arguments. The last of them is the engine's address; a debugger gives
 * none.
 */
const [folder = ".", ...ofEngine] = process.argv.slice(2);
const address = ofEngine.findLast((argument) => /^[\w.:[\]-]+:\d+$/.test(argument));

/** The largest message of the engine, in bytes, as the SDK's own plugins have it. */
const maxMessageBytes = 400 * 1024 * 1024;

endWithEngine();
const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
});
server.addService(
    services.ResourceProviderService as unknown as grpc.ServiceDefinition,
    createService(address, () =>
        readFileSync(join(folder, "schema.json"), "utf8"),
    ) as grpc.UntypedServiceImplementation,
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
        console.error(error.message);
        process.exit(1);
    }
    // The engine reads the port from the first line.
    console.log(String(port));
});
