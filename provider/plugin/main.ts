import { readFileSync } from "node:fs";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { errorLine } from "../model/errors.ts";
import { endWithEngine } from "../system/engine-bound.ts";
import { printable } from "../text/print.ts";
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

// An error that no step waits for must not end the process, because the state of all steps under way would be lost.
for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => console.error(printable(`Unexpected error: ${errorLine(error)}`)));
}
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
