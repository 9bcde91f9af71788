import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { DefenderError } from "../model/errors.ts";
import { packageVersion } from "../model/package-version.ts";
import { getMachineActionsToken } from "../model/resource-types.ts";
import { describeValue } from "../text/sanitize.ts";
import { answer, failureMessage } from "./answer.ts";
import type { CurrentRun } from "./current-run.ts";
import { hideArguments, queryOf } from "./invoke.ts";
import { providerChanges } from "./provider-change.ts";
import { explicitName, secretSettings, settingFailures } from "./provider-settings.ts";
import { fromEngine, namedSecret, secretNames, toEngine } from "./wire-properties.ts";

const { DiffChanges } = provider.DiffResponse;

/** The methods about the provider itself: who it is, its settings, its function, and the end of a run. */
export function providerMethods(current: CurrentRun, schema: () => string): Partial<IResourceProviderServer> {
    return {
        handshake: answer((request: provider.ProviderHandshakeRequest) => {
            current.attach(request.getEngineAddress());
            const response = new provider.ProviderHandshakeResponse();
            response.setAcceptSecrets(true);
            return response;
        }),

        attach: answer((request: plugins.PluginAttach) => {
            current.attach(request.getAddress());
            return new empties.Empty();
        }),

        getPluginInfo: answer(() => {
            const response = new plugins.PluginInfo();
            response.setVersion(packageVersion);
            return response;
        }),

        getSchema: answer(() => {
            const response = new provider.GetSchemaResponse();
            response.setSchema(schema());
            return response;
        }),

        checkConfig: answer((request: provider.CheckRequest) => {
            current.register();
            const given = fromEngine(request.getNews());
            const response = new provider.CheckResponse();
            response.setInputs(toEngine(given.values, given, namedSecret(given.values, secretSettings)));
            const failures = settingFailures(given.values, process.env);
            response.setFailuresList(failures.map(failureMessage));
            return response;
        }),

        // A replaced provider replaces all its resources, and no setting makes another provider of it.
        diffConfig: answer(async (request: provider.DiffRequest) => {
            const olds = fromEngine(request.getOldInputs() ?? request.getOlds()).values;
            const news = fromEngine(request.getNews()).values;
            const name = explicitName(request.getName());
            const changed = await providerChanges(olds, news, process.env, (inputs) => current.runWith(inputs, name));
            const response = new provider.DiffResponse();
            response.setChanges(changed.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
            response.setDiffsList([...changed]);
            return response;
        }),

        configure: answer((request: provider.ConfigureRequest) => {
            current.configure(fromEngine(request.getArgs()).values, explicitName(request.getName()));
            const response = new provider.ConfigureResponse();
            response.setAcceptsecrets(true);
            response.setSupportspreview(true);
            return response;
        }),

        invoke: answer((request: provider.InvokeRequest) =>
            current.engine.during("", async () => {
                const given = fromEngine(request.getArgs());
                const token = request.getTok();
                if (token !== getMachineActionsToken) {
                    throw new DefenderError(
                        "ERR_DEFENDER_CONFIGURATION",
                        `${describeValue(token)} is not a function of this provider: expected ${getMachineActionsToken}`,
                    );
                }
                const machineActions = await current
                    .get()
                    .query(queryOf(given.values))
                    .catch((error) => {
                        throw hideArguments(error, secretNames(given));
                    });
                const response = new provider.InvokeResponse();
                response.setReturn(toEngine({ machineActions }));
                return response;
            }),
        ),

        cancel: answer(() => {
            current.cancel();
            return new empties.Empty();
        }),
    };
}
