import type grpc from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { StepFailure } from "../lifecycles/lifecycle.ts";
import { DefenderError } from "../model/errors.ts";
import { packageVersion } from "../model/package-version.ts";
import { getMachineActionsToken, typeOf } from "../model/resource-types.ts";
import { type CheckFailure, isObject, type Properties } from "../schema/input-rules.ts";
import { describeValue } from "../text/sanitize.ts";
import { detailedDiff } from "./detailed-diff.ts";
import { type EngineLog, openEngineLog } from "./engine-log.ts";
import { failureOf } from "./failures.ts";
import { queryOf } from "./invoke.ts";
import { providerChanges } from "./provider-change.ts";
import { configOf, secretSettings, settingFailures, showsViews } from "./provider-settings.ts";
import {
    checkResource,
    createResource,
    diffResource,
    previewResource,
    readResource,
    updateResource,
} from "./resource-steps.ts";
import { parseUrn, type StepResource } from "./resource-urn.ts";
import { secretTextFailures, withoutSecretValue } from "./reviewed-secrets.ts";
import { createRun, type ProviderRun } from "./run.ts";
import { publishViews, type RowsOf, type ViewRequest } from "./views.ts";
import { fromEngine, secretNames, toEngine } from "./wire-properties.ts";

const { DiffChanges } = provider.DiffResponse;

/** The engine's service over the shared lifecycles. `address`: that of the engine; `schema`: the package's schema. */
export function createService(address: string | undefined, schema: () => string): Partial<IResourceProviderServer> {
    let engine: EngineLog = openEngineLog(address);
    let engineAddress = address;
    let config: Properties = {};
    let ownName: string | undefined;
    let run: ProviderRun | undefined;
    /** The resources that this run has found in the state, by URN. */
    let inState = new Set<string>();

    /** A debugger keeps one process for many runs, so each of these calls begins another run. */
    function reset(changes: { address?: string; config?: Properties; name?: string | undefined }): void {
        run = undefined;
        inState = new Set();
        if (changes.address !== undefined && changes.address !== engineAddress) {
            engine.close();
            engineAddress = changes.address;
            engine = openEngineLog(engineAddress);
        }
        if (changes.config) {
            config = changes.config;
            ownName = changes.name;
        }
    }

    function currentRun(): ProviderRun {
        run ??= createRun(engineAddress, configOf(config, ownName), engine);
        return run;
    }

    /** A method about one resource: its lines belong to the resource, and its failure is an answer. */
    function step<Request extends { getUrn(): string }, Response>(
        work: (request: Request, resource: StepResource) => Promise<Response>,
        secretsOf: (request: Request) => ReadonlySet<string> = () => new Set(),
    ): grpc.handleUnaryCall<Request, Response> {
        return ({ request }, callback) => {
            const urn = request.getUrn();
            engine
                .during(urn, () => work(request, resourceOf(urn)))
                .then(
                    (response) => callback(null, response),
                    (error) => callback(failureOf(error, secretsOf(request))),
                );
        };
    }

    /** Shows the machines of a set as rows, also if its step fails and keeps a state. */
    async function showingRows<Result extends { readonly outs: Properties; readonly rows?: Properties }>(
        request: ViewRequest,
        { kind, urn }: StepResource,
        of: RowsOf,
        work: () => Promise<Result>,
    ): Promise<Result> {
        // A replaced set is still in the state when the new one is created. With the same rows twice, the engine would
        // refuse the whole state, so the rows of the new set come with its next update.
        const isReplacement = request.getOldViewsList === undefined && inState.has(urn);
        const show = async (results: unknown) => {
            if (kind === "set" && isObject(results) && !isReplacement) {
                await publishViews(request, results, showsViews(config), of);
            }
        };
        try {
            const result = await work();
            await show(result.rows ?? result.outs.results);
            return result;
        } catch (error) {
            if (error instanceof StepFailure && error.kept) {
                await show(error.kept.properties.results);
            }
            throw error;
        }
    }

    return {
        handshake({ request }, callback) {
            reset({ address: request.getEngineAddress() });
            const response = new provider.ProviderHandshakeResponse();
            response.setAcceptSecrets(true);
            callback(null, response);
        },

        attach({ request }, callback) {
            reset({ address: request.getAddress() });
            callback(null, new empties.Empty());
        },

        getPluginInfo(_, callback) {
            const response = new plugins.PluginInfo();
            response.setVersion(packageVersion);
            callback(null, response);
        },

        getSchema(_, callback) {
            const response = new provider.GetSchemaResponse();
            response.setSchema(schema());
            callback(null, response);
        },

        checkConfig({ request }, callback) {
            const given = fromEngine(request.getNews());
            const response = new provider.CheckResponse();
            const secret = new Set([...secretSettings, ...secretNames(given)]);
            response.setInputs(toEngine(given.values, secret));
            const failures = settingFailures(given.values, secretNames(given), process.env);
            response.setFailuresList(failures.map((one) => failureMessage(withoutSecretValue(one, secret))));
            callback(null, response);
        },

        // A replaced provider replaces all its resources, and no setting makes another provider of it.
        diffConfig({ request }, callback) {
            const olds = fromEngine(request.getOldInputs() ?? request.getOlds()).values;
            const news = fromEngine(request.getNews()).values;
            const name = ownNameIn(request.getName());
            const runWith = (inputs: Properties) => {
                run = createRun(engineAddress, configOf(inputs, name), engine);
                return run;
            };
            providerChanges(olds, news, process.env, runWith).then(
                (changed) => {
                    const response = new provider.DiffResponse();
                    response.setChanges(changed.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
                    response.setDiffsList([...changed]);
                    callback(null, response);
                },
                (error) => callback(failureOf(error)),
            );
        },

        configure({ request }, callback) {
            reset({ config: fromEngine(request.getArgs()).values, name: ownNameIn(request.getName()) });
            const response = new provider.ConfigureResponse();
            response.setAcceptsecrets(true);
            response.setSupportspreview(true);
            callback(null, response);
        },

        check: step(async (request: provider.CheckRequest, resource) => {
            const [olds, news] = [fromEngine(request.getOlds()), fromEngine(request.getNews())];
            const secret = secretNames(news);
            if (Object.keys(olds.values).length > 0) {
                inState.add(resource.urn);
            }
            const { inputs, failures } = await checkResource(currentRun(), resource, olds.values, news.values);
            const response = new provider.CheckResponse();
            response.setInputs(toEngine(inputs, secret));
            const all = [...secretTextFailures(news), ...failures.map((one) => withoutSecretValue(one, secret))];
            response.setFailuresList(all.map(failureMessage));
            return response;
        }),

        diff: step(async (request: provider.DiffRequest, resource) => {
            const [olds, news] = [fromEngine(request.getOlds()).values, fromEngine(request.getNews()).values];
            const { changes, replaces } = await diffResource(currentRun(), resource, request.getId(), olds, news);
            const response = new provider.DiffResponse();
            response.setChanges(changes ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
            if (changes) {
                const oldInputs = fromEngine(request.getOldInputs()).values;
                const detailed = detailedDiff(oldInputs, news, replaces);
                response.setReplacesList(replaces);
                response.setDiffsList([...detailed.keys()]);
                response.setHasdetaileddiff(true);
                for (const [name, one] of detailed) {
                    response.getDetaileddiffMap().set(name, one);
                }
            }
            return response;
        }),

        create: step(
            async (request: provider.CreateRequest, resource) => {
                const news = fromEngine(request.getProperties());
                const response = new provider.CreateResponse();
                response.setRefreshBeforeUpdate(true);
                const { id, outs } = await showingRows(
                    request,
                    resource,
                    request.getPreview() ? "preview" : "update",
                    async () =>
                        request.getPreview()
                            ? previewResource(currentRun(), resource, { id: "", olds: {}, news: news.values })
                            : createResource(currentRun(), resource, news.values, request.getTimeout()),
                );
                response.setId(id);
                response.setProperties(toEngine(outs, secretNames(news)));
                return response;
            },
            (request) => secretNames(fromEngine(request.getProperties())),
        ),

        update: step(
            async (request: provider.UpdateRequest, resource) => {
                const [olds, news] = [fromEngine(request.getOlds()), fromEngine(request.getNews())];
                const given = { id: request.getId(), olds: olds.values, news: news.values };
                const { outs } = await showingRows(
                    request,
                    resource,
                    request.getPreview() ? "preview" : "update",
                    async () =>
                        request.getPreview()
                            ? previewResource(currentRun(), resource, given)
                            : updateResource(currentRun(), resource, given, request.getTimeout()),
                );
                const response = new provider.UpdateResponse();
                response.setRefreshBeforeUpdate(true);
                response.setProperties(toEngine(outs, secretNames(news)));
                return response;
            },
            (request) => secretNames(fromEngine(request.getOlds()), fromEngine(request.getNews())),
        ),

        read: step(
            async (request: provider.ReadRequest, resource) => {
                const [properties, inputs] = [fromEngine(request.getProperties()), fromEngine(request.getInputs())];
                if (request.hasInputs()) {
                    inState.add(resource.urn);
                }
                const read = await showingRows(request, resource, "refresh", () =>
                    readResource(currentRun(), resource, {
                        id: request.getId(),
                        properties: properties.values,
                        inputs: request.hasInputs() ? inputs.values : undefined,
                    }),
                );
                const secret = secretNames(properties, inputs);
                const response = new provider.ReadResponse();
                response.setId(read.id);
                response.setProperties(toEngine(read.outs, secret));
                response.setInputs(toEngine(read.inputs, secret));
                response.setRefreshBeforeUpdate(true);
                return response;
            },
            (request) => secretNames(fromEngine(request.getProperties()), fromEngine(request.getInputs())),
        ),

        // A cancellation cannot be taken back, and dropping its record must not start the action again.
        delete: step(async (request: provider.DeleteRequest) => {
            await publishViews(request, {}, false, "update");
            return new empties.Empty();
        }),

        invoke({ request }, callback) {
            const given = fromEngine(request.getArgs());
            const token = request.getTok();
            const work = async () => {
                if (token !== getMachineActionsToken) {
                    throw new DefenderError(
                        "ERR_DEFENDER_CONFIGURATION",
                        `${describeValue(token)} is not a function of this provider: expected ${getMachineActionsToken}`,
                    );
                }
                return { machineActions: await currentRun().query(queryOf(given.values)) };
            };
            engine.during("", work).then(
                (result) => {
                    const response = new provider.InvokeResponse();
                    response.setReturn(toEngine(result));
                    callback(null, response);
                },
                (error) => callback(failureOf(error)),
            );
        },

        // The engine calls this at the end of every run too, so it ends this run alone.
        cancel(_, callback) {
            run?.stop.abort();
            callback(null, new empties.Empty());
        },
    };
}

/** The name of an explicit provider; undefined for the engine's own, which has the stack config. */
function ownNameIn(name: string | undefined): string | undefined {
    return name === undefined || name === "" || /^default(?:_|$)/.test(name) ? undefined : name;
}

function resourceOf(urn: string): StepResource {
    const parsed = parseUrn(urn);
    const type = typeOf(parsed.type);
    if (type?.face !== "plugin") {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${describeValue(parsed.type)} is not a type of this provider: expected MachineActionCancellation or ` +
                "MachineActionCancellationSet of the package defender",
        );
    }
    return { ...parsed, kind: type.kind };
}

function failureMessage({ property, reason }: CheckFailure): provider.CheckFailure {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
}
