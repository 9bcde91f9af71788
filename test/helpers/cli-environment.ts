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
