import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { createCurrentRun } from "./current-run.ts";
import { providerMethods } from "./provider-methods.ts";
import { resourceMethods } from "./resource-methods.ts";

/** The engine's service over the shared lifecycles. `address`: that of the engine; `schema`: the package's schema. */
export function createService(address: string | undefined, schema: () => string): Partial<IResourceProviderServer> {
    const current = createCurrentRun(address);
    return { ...providerMethods(current, schema), ...resourceMethods(current) };
}
