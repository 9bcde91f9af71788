import { join } from "node:path";

/** A folder for the PATH, with the stand-in for the CLI's Node language host. */
export const languageHostFolder: string = join(import.meta.dirname, "bin");

/** Programs run without a type check, which takes seconds; `npm test` checks the examples in a step of its own. */
export const withoutTypeCheck = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } as const;

/** The environment that keeps a run of the Pulumi CLI in one folder and off the network. */
export function cliEnvironment(folder: string): Readonly<Record<string, string>> {
    return {
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_HOME: `${folder}/home`,
        PULUMI_CONFIG_PASSPHRASE: "correct horse",
        // The processes of one stack share the quota in this folder.
        XDG_CACHE_HOME: `${folder}/cache`,
        // Its processes run dist/. Coverage leaves that out, but they would still write coverage data.
        NODE_V8_COVERAGE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    };
}
