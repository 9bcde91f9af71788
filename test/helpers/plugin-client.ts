import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../../provider/schema/input-rules.ts";

const signatureKey = "4dabf18193072939515e22adb298388d";

/** A secret, as the engine sends it. */
export const secret = (value: unknown): Properties => ({
    [signatureKey]: "1b47061264138c4ac30d75fd1eb44270",
    value,
});

/** A value of another resource, as the engine sends it to a provider that accepts outputs. */
export const outputValue = (parts: Properties): Properties => ({
    [signatureKey]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
    ...parts,
});

export const urnOf = (name: string, type = "MachineActionCancellation", stack = "prod"): string =>
    `urn:pulumi:${stack}::incident::defender:index:${type}::${name}`;

export const setUrnOf = (name: string): string => urnOf(name, "MachineActionCancellationSet");

/** The state that a partial failure keeps. */
export interface KeptAnswer {
    readonly id: string;
    readonly properties: Properties;
    readonly inputs: Properties | undefined;
    readonly reasons: readonly string[];
    readonly refreshBeforeUpdate: boolean;
}

/** A failed call. */
export class PluginFailure extends Error {
    readonly code: grpc.status;
    readonly kept: KeptAnswer | undefined;

    constructor({ code, details, metadata }: grpc.ServiceError) {
        super(details);
        this.code = code;
        this.kept = keptIn(metadata);
    }
}

/** The state in the trailer of a failed call. */
export function keptIn(metadata: grpc.Metadata): KeptAnswer | undefined {
    const [bytes] = metadata.get("grpc-status-details-bin");
    if (!(bytes instanceof Uint8Array)) {
        return undefined;
    }
    const [any] = statuses.Status.deserializeBinary(new Uint8Array(bytes)).getDetailsList();
    const detail = provider.ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
    return {
        id: detail.getId(),
        properties: valuesOf(detail.getProperties()),
        inputs: detail.hasInputs() ? valuesOf(detail.getInputs()) : undefined,
        reasons: detail.getReasonsList(),
        refreshBeforeUpdate: detail.getRefreshBeforeUpdate(),
    };
}

export interface ViewsOfStep {
    readonly statusAddress?: string;
    readonly oldViews?: readonly { readonly name: string; readonly inputs: Properties; readonly outputs: Properties }[];
}

interface Answer {
    readonly properties: Properties;
    readonly refreshBeforeUpdate: boolean;
}

/** The engine's calls. A failed call rejects with a {@link PluginFailure}. */
export interface PluginClient {
    handshake(address: string): Promise<{ readonly acceptSecrets: boolean }>;
    attach(address: string): Promise<void>;
    version(): Promise<string>;
    schema(): Promise<string>;
    checkConfig(news: Properties): Promise<CheckAnswer>;
    diffConfig(olds: Properties, news: Properties): Promise<DiffAnswer>;
    configure(args: Properties, name?: string): Promise<{ readonly acceptSecrets: boolean; readonly preview: boolean }>;
    check(urn: string, news: Properties, olds?: Properties): Promise<CheckAnswer>;
    diff(urn: string, id: string, given: Compared): Promise<DiffAnswer>;
    create(urn: string, news: Properties, options?: StepOptions): Promise<Answer & { readonly id: string }>;
    update(
        urn: string,
        id: string,
        given: { readonly olds: Properties; readonly news: Properties },
        options?: StepOptions,
    ): Promise<Answer>;
    /** `inputs`: undefined in an import. */
    read(
        urn: string,
        id: string,
        given: { readonly properties?: Properties; readonly inputs?: Properties },
        options?: ViewsOfStep,
    ): Promise<Answer & { readonly id: string; readonly inputs: Properties }>;
    delete(urn: string, id: string, properties: Properties, options?: ViewsOfStep): Promise<void>;
    invoke(token: string, args: Properties): Promise<Properties>;
    cancel(): Promise<void>;
    /** A method that the service may not have. */
    call(method: string): Promise<void>;
    close(): void;
}

interface CheckAnswer {
    readonly inputs: Properties;
    readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

interface DiffAnswer {
    readonly changes: boolean;
    readonly replaces: readonly string[];
    /** The kind of each change, such as `UPDATE`. */
    readonly detailed: Readonly<Record<string, string>>;
    readonly diffs: readonly string[];
}

interface Compared {
    readonly olds: Properties;
    readonly news: Properties;
    /** Default: `olds`. */
    readonly oldInputs?: Properties;
}

export interface StepOptions extends ViewsOfStep {
    readonly preview?: boolean;
    readonly timeout?: number;
}

const wire = (values: Properties): structs.Struct => structs.Struct.fromJavaScript(values as never);
const valuesOf = (message: structs.Struct | undefined): Properties => (message?.toJavaScript() ?? {}) as Properties;

/** A request with views, as far as its kind has them. */
interface WithViews {
    setResourceStatusAddress(address: string): unknown;
    setResourceStatusToken(token: string): unknown;
    setOldViewsList?(views: provider.View[]): unknown;
}

function setViews(request: WithViews, { statusAddress = "", oldViews = [] }: ViewsOfStep): void {
    request.setResourceStatusAddress(statusAddress);
    request.setResourceStatusToken("status-token");
    request.setOldViewsList?.(
        oldViews.map(({ name, inputs, outputs }) => {
            const view = new provider.View();
            view.setType("defender:index:MachineAction");
            view.setName(name);
            view.setInputs(wire(inputs));
            view.setOutputs(wire(outputs));
            return view;
        }),
    );
}

export function pluginClient(address: string): PluginClient {
    const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
    const client = new services.ResourceProviderClient(address, grpc.credentials.createInsecure(), limits);

    function send<Response>(method: string, request: unknown): Promise<Response> {
        type Call = (
            request: unknown,
            options: grpc.CallOptions,
            callback: (error: grpc.ServiceError | null, response: Response) => void,
        ) => void;
        const call = (client as unknown as Record<string, Call>)[method];
        return new Promise((resolve, reject) =>
            call?.call(client, request, { deadline: Date.now() + 60_000 }, (error, response) =>
                error ? reject(new PluginFailure(error)) : resolve(response),
            ),
        );
    }

    const checked = (response: provider.CheckResponse): CheckAnswer => ({
        inputs: valuesOf(response.getInputs()),
        failures: response.getFailuresList().map((one) => ({ property: one.getProperty(), reason: one.getReason() })),
    });

    function compared(response: provider.DiffResponse): DiffAnswer {
        const { Kind } = provider.PropertyDiff;
        const kindOf = (kind: number) => Object.entries(Kind).find(([, value]) => value === kind)?.[0] ?? "";
        return {
            changes: response.getChanges() === provider.DiffResponse.DiffChanges.DIFF_SOME,
            replaces: response.getReplacesList(),
            detailed: Object.fromEntries(
                response
                    .getDetaileddiffMap()
                    .getEntryList()
                    .map(([name]) => [name, kindOf(response.getDetaileddiffMap().get(name)?.getKind() ?? -1)]),
            ),
            diffs: response.getDiffsList(),
        };
    }

    return {
        async handshake(engine) {
            const request = new provider.ProviderHandshakeRequest();
            request.setEngineAddress(engine);
            const response = await send<provider.ProviderHandshakeResponse>("handshake", request);
            return { acceptSecrets: response.getAcceptSecrets() };
        },
        async attach(engine) {
            const { default: plugins } = await import("@pulumi/pulumi/proto/plugin_pb.js");
            const request = new plugins.PluginAttach();
            request.setAddress(engine);
            await send("attach", request);
        },
        async version() {
            const { default: empties } = await import("google-protobuf/google/protobuf/empty_pb.js");
            return (await send<{ getVersion(): string }>("getPluginInfo", new empties.Empty())).getVersion();
        },
        async schema() {
            const response = await send<provider.GetSchemaResponse>("getSchema", new provider.GetSchemaRequest());
            return response.getSchema();
        },
        async checkConfig(news) {
            const request = new provider.CheckRequest();
            request.setNews(wire(news));
            return checked(await send("checkConfig", request));
        },
        async diffConfig(olds, news) {
            const request = new provider.DiffRequest();
            request.setOldInputs(wire(olds));
            request.setNews(wire(news));
            return compared(await send("diffConfig", request));
        },
        async configure(args, name = "default") {
            const request = new provider.ConfigureRequest();
            request.setArgs(wire(args));
            request.setName(name);
            const response = await send<provider.ConfigureResponse>("configure", request);
            return { acceptSecrets: response.getAcceptsecrets(), preview: response.getSupportspreview() };
        },
        async check(urn, news, olds = {}) {
            const request = new provider.CheckRequest();
            request.setUrn(urn);
            request.setNews(wire(news));
            request.setOlds(wire(olds));
            return checked(await send("check", request));
        },
        async diff(urn, id, { olds, news, oldInputs = olds }) {
            const request = new provider.DiffRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOlds(wire(olds));
            request.setNews(wire(news));
            request.setOldInputs(wire(oldInputs));
            return compared(await send("diff", request));
        },
        async create(urn, news, { preview = false, timeout = 0, ...views } = {}) {
            const request = new provider.CreateRequest();
            request.setUrn(urn);
            request.setProperties(wire(news));
            request.setPreview(preview);
            request.setTimeout(timeout);
            setViews(request, views);
            const response = await send<provider.CreateResponse>("create", request);
            return {
                id: response.getId(),
                properties: valuesOf(response.getProperties()),
                refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
            };
        },
        async update(urn, id, { olds, news }, { preview = false, timeout = 0, ...views } = {}) {
            const request = new provider.UpdateRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOlds(wire(olds));
            request.setNews(wire(news));
            request.setPreview(preview);
            request.setTimeout(timeout);
            setViews(request, views);
            const response = await send<provider.UpdateResponse>("update", request);
            return {
                properties: valuesOf(response.getProperties()),
                refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
            };
        },
        async read(urn, id, { properties, inputs }, views = {}) {
            const request = new provider.ReadRequest();
            request.setUrn(urn);
            request.setId(id);
            if (properties) {
                request.setProperties(wire(properties));
            }
            if (inputs) {
                request.setInputs(wire(inputs));
            }
            setViews(request, views);
            const response = await send<provider.ReadResponse>("read", request);
            return {
                id: response.getId(),
                properties: valuesOf(response.getProperties()),
                inputs: valuesOf(response.getInputs()),
                refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
            };
        },
        async delete(urn, id, properties, views = {}) {
            const request = new provider.DeleteRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setProperties(wire(properties));
            setViews(request, views);
            await send("delete", request);
        },
        async invoke(token, args) {
            const request = new provider.InvokeRequest();
            request.setTok(token);
            request.setArgs(wire(args));
            return valuesOf((await send<provider.InvokeResponse>("invoke", request)).getReturn());
        },
        async cancel() {
            const { default: empties } = await import("google-protobuf/google/protobuf/empty_pb.js");
            await send("cancel", new empties.Empty());
        },
        async call(method) {
            const requests: Readonly<Record<string, unknown>> = {
                construct: new provider.ConstructRequest(),
                call: new provider.CallRequest(),
                getMapping: new provider.GetMappingRequest(),
                getMappings: new provider.GetMappingsRequest(),
                parameterize: new provider.ParameterizeRequest(),
            };
            await send(method, requests[method]);
        },
        close: () => client.close(),
    };
}
