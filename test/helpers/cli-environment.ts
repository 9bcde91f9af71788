import { join } from "node:path";

/** On the PATH, it has the stand-in for the CLI's Node language host. */
export const languageHostFolder: string = join(import.meta.dirname, "bin");

/** Programs run without a type check, which takes seconds: `npm test` has a step of its own for the examples. */
export const withoutTypeCheck = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } as const;

/** What keeps a run of the Pulumi CLI to one folder and off the network. */
export function cliEnvironment(folder: string): Readonly<Record<string, string>> {
    return {
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_HOME: `${folder}/home`,
        PULUMI_CONFIG_PASSPHRASE: "correct horse",
        // Where the processes of one stack share the quota.
        XDG_CACHE_HOME: `${folder}/cache`,
        // Its processes run dist/, which coverage leaves out, and would write it all the same.
        NODE_V8_COVERAGE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    };
}
