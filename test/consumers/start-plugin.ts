import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { execa } from "execa";
import { packageVersion } from "../../provider/model/package-version.ts";

/** Starts the provider plugin of the package that a project has installed, and asks it for its schema. */
export async function startPlugin(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
    const installed = createRequire(join(folder, "package.json")).resolve("pulumi-defender-cancellation/package.json");
    const launcher = join(dirname(installed), "plugin", "pulumi-resource-defender");
    const plugin = execa(launcher, { stdin: "pipe", buffer: { stdout: false }, reject: false, cwd: folder, env });
    try {
        const ended = plugin.then(({ stderr }) => assert.fail(`the plugin ended at its start:\n${stderr}`));
        const [port] = await Promise.race([once(createInterface({ input: plugin.stdout }), "line"), ended]);
        const { name, version } = JSON.parse(await schemaAt(`127.0.0.1:${port}`)) as Record<string, unknown>;
        assert.deepEqual({ name, version }, { name: "defender", version: packageVersion });
    } finally {
        // The engine holds the other end, and the plugin ends with it.
        plugin.stdin.end();
        await plugin;
    }
}

async function schemaAt(address: string): Promise<string> {
    const client = new services.ResourceProviderClient(address, grpc.credentials.createInsecure());
    try {
        return await new Promise((resolve, reject) => {
            client.getSchema(new provider.GetSchemaRequest(), (error, response) =>
                error ? reject(error) : resolve(response.getSchema()),
            );
        });
    } finally {
        client.close();
    }
}
