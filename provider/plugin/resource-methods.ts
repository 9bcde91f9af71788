import type grpc from "@grpc/grpc-js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { StepFailure } from "../lifecycles/lifecycle.ts";
import { DefenderError } from "../model/errors.ts";
import { typeOf } from "../model/resource-types.ts";
import { isObject, type Properties, unknownValue } from "../schema/input-rules.ts";
import { describeValue } from "../text/sanitize.ts";
import { answer, failureMessage } from "./answer.ts";
import type { CurrentRun } from "./current-run.ts";
import { detailedDiff } from "./detailed-diff.ts";
import { showsViews } from "./provider-settings.ts";
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
import { publishViews, type RowsOf, type ViewRequest } from "./views.ts";
import { fromEngine, secretNames, toEngine, type WireProperties } from "./wire-properties.ts";

const { DiffChanges } = provider.DiffResponse;

/** The methods about one resource: its properties in the engine's form, around the steps of `resource-steps`. */
export function resourceMethods(current: CurrentRun): Partial<IResourceProviderServer> {
    /** A method about one resource: its lines belong to the resource. `secretsOf`: what its failure must keep secret. */
    function step<Request extends { getUrn(): string }, Response>(
        work: (request: Request, resource: StepResource) => Promise<Response>,
        secretsOf: (request: Request) => readonly WireProperties[] = () => [],
    ): grpc.handleUnaryCall<Request, Response> {
        return answer((request) => {
            const urn = request.getUrn();
            return current.engine.during(urn, () => work(request, resourceOf(urn)));
        }, secretsOf);
    }

    /** Whether a set with these properties has rows. A row's name has the id of its action, so a secret list has none. */
    function hasRows(...sources: readonly WireProperties[]): boolean {
        return showsViews(current.config) && !secretNames(...sources).has("cancellations");
    }

    /**
     * Shows the machines of a set as rows, also if its step fails and keeps a state. `sources`: the properties in the
     * request, with their secrets.
     */
    async function showingRows<Result extends { readonly outs: Properties; readonly rows?: Properties }>(
        request: ViewRequest,
        resource: StepResource,
        { of, sources }: { readonly of: RowsOf; readonly sources: readonly WireProperties[] },
        work: () => Promise<Result>,
    ): Promise<Result> {
        // A replaced set is still in the state when the new one is created. With the same rows twice, the engine would
        // refuse the whole state, so the rows of the new set come with its next update.
        const isReplacement = request.getOldViewsList === undefined && current.inState.has(resource.urn);
        // Where the program runs, the engine refreshes a set right before its update, and gives both the same stored rows.
        // It would keep the rows of both, and end with a state that it refuses (CLI 3.259.0): the update shows them.
        const isLeftToUpdate = of === "refresh" && current.isOfProgram;
        const show = async (results: unknown, isComplete: boolean) => {
            if (resource.kind === "set" && isObject(results) && !isReplacement && !isLeftToUpdate) {
                const isOn = hasRows(...sources);
                await publishViews(request, { owner: resource, results, isComplete, isOn, of });
            }
        };
        try {
            const result = await work();
            await show(result.rows ?? result.outs.results, result.outs.digest !== unknownValue);
            return result;
        } catch (error) {
            if (error instanceof StepFailure && error.kept) {
                await show(error.kept.properties.results, true);
            }
            throw error;
        }
    }

    return {
        check: step(async (request: provider.CheckRequest, resource) => {
            const [olds, news] = [fromEngine(request.getOlds()), fromEngine(request.getNews())];
            if (Object.keys(olds.values).length > 0) {
                current.inState.add(resource.urn);
            }
            const { inputs, failures } = await checkResource(current.get(), resource, {
                olds: olds.values,
                news: news.values,
                hasRows: hasRows(olds),
            });
            const response = new provider.CheckResponse();
            response.setInputs(toEngine(inputs, news));
            const secret = secretNames(news);
            const all = [...secretTextFailures(news), ...failures.map((one) => withoutSecretValue(one, secret))];
            response.setFailuresList(all.map(failureMessage));
            return response;
        }),

        diff: step(async (request: provider.DiffRequest, resource) => {
            const [olds, news] = [fromEngine(request.getOlds()).values, fromEngine(request.getNews()).values];
            const { changes, replaces } = await diffResource(current.get(), resource, request.getId(), olds, news);
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
                    { of: request.getPreview() ? "preview" : "update", sources: [news] },
                    async () =>
                        request.getPreview()
                            ? previewResource(current.get(), resource, { id: "", olds: {}, news: news.values })
                            : createResource(current.get(), resource, news.values, request.getTimeout()),
                );
                response.setId(id);
                response.setProperties(toEngine(outs, news));
                return response;
            },
            (request) => [fromEngine(request.getProperties())],
        ),

        update: step(
            async (request: provider.UpdateRequest, resource) => {
                const [olds, news] = [fromEngine(request.getOlds()), fromEngine(request.getNews())];
                const given = { id: request.getId(), olds: olds.values, news: news.values };
                const { outs } = await showingRows(
                    request,
                    resource,
                    { of: request.getPreview() ? "preview" : "update", sources: [news] },
                    async () =>
                        request.getPreview()
                            ? previewResource(current.get(), resource, given)
                            : updateResource(current.get(), resource, given, request.getTimeout()),
                );
                const response = new provider.UpdateResponse();
                response.setRefreshBeforeUpdate(true);
                response.setProperties(toEngine(outs, news));
                return response;
            },
            (request) => [fromEngine(request.getOlds()), fromEngine(request.getNews())],
        ),

        read: step(
            async (request: provider.ReadRequest, resource) => {
                const [properties, inputs] = [fromEngine(request.getProperties()), fromEngine(request.getInputs())];
                if (request.hasInputs()) {
                    current.inState.add(resource.urn);
                }
                const read = await showingRows(
                    request,
                    resource,
                    { of: "refresh", sources: [properties, inputs] },
                    async () =>
                        readResource(current.get(), resource, {
                            id: request.getId(),
                            properties: properties.values,
                            inputs: request.hasInputs() ? inputs.values : undefined,
                        }),
                );
                const response = new provider.ReadResponse();
                response.setId(read.id);
                response.setProperties(toEngine(read.outs, properties, inputs));
                response.setInputs(toEngine(read.inputs, properties, inputs));
                response.setRefreshBeforeUpdate(true);
                return response;
            },
            (request) => [fromEngine(request.getProperties()), fromEngine(request.getInputs())],
        ),

        // A cancellation cannot be taken back, and dropping its record must not start the action again. So this succeeds
        // for each record, also for one whose type or state is unusable.
        delete: answer((request: provider.DeleteRequest) =>
            current.engine.during(request.getUrn(), async () => {
                const owner = parseUrn(request.getUrn());
                await publishViews(request, { owner, results: {}, isComplete: true, isOn: false, of: "delete" });
                current.inState.delete(request.getUrn());
                return new empties.Empty();
            }),
        ),
    };
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
