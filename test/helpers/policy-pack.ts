import { createRequire } from "node:module";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";

interface Message {
    setType(type: string): void;
    setUrn(urn: string): void;
    setName(name: string): void;
    setProperties(properties: unknown): void;
    setOptions(options: unknown): void;
}

interface Diagnostic {
    getPolicyname(): string;
    getMessage(): string;
    getEnforcementlevel(): number;
}

interface Response {
    getDiagnosticsList(): Diagnostic[];
    getNotApplicableList(): { getPolicyName(): string }[];
}

const policySdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/policy/package.json"));
const { AnalyzeRequest, AnalyzerResourceOptions, EnforcementLevel } = policySdk("@pulumi/pulumi/proto/analyzer_pb") as {
    AnalyzeRequest: new () => Message;
    AnalyzerResourceOptions: new () => object;
    EnforcementLevel: Record<string, number>;
};
const { Struct } = policySdk("google-protobuf/google/protobuf/struct_pb") as {
    Struct: { fromJavaScript(value: object): unknown };
};
type Rpc = (
    pack: string,
    version: string,
    level: string,
    policies: readonly ResourceValidationPolicy[],
) => (call: { request: Message }, callback: (error: Error | null, response?: Response) => void) => void;

const { makeAnalyzeRpcFun, makeRemediateRpcFun } = policySdk("./server.js") as {
    readonly makeAnalyzeRpcFun: Rpc;
    readonly makeRemediateRpcFun: Rpc;
};

export const single = "pulumi-nodejs:dynamic/defender:MachineActionCancellation";
export const set = "pulumi-nodejs:dynamic/defender:MachineActionCancellationSet";

/** What stands for a text that a preview does not know, in what the engine sends to a pack. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const texts = new Map([machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]));

/** A resource as the engine hands it to a pack, before anything is done with it; of ours with our provider text. */
export interface AnalyzedResource {
    readonly type?: string;
    readonly name?: string;
    readonly props: object;
}

/** What a pack says of a resource. */
export interface Analysis {
    readonly violations: readonly { readonly policy: string; readonly level: string; readonly message: string }[];
    readonly notApplicable: readonly string[];
}

/**
 * Asks the policies about a resource as a pack's process does when the engine asks it: by the calls of `@pulumi/policy`
 * itself, which hand inputs over behind proxies that throw where a preview does not know a value. `Remediate` comes
 * first; to `Analyze` the engine shows no property that begins with `__`.
 */
export async function analyze(
    policies: readonly ResourceValidationPolicy[],
    { type = single, name = "wrong-isolation", props }: AnalyzedResource,
): Promise<Analysis> {
    const __provider = texts.get(type);
    const whole = { ...(__provider ? { __provider } : {}), ...props };
    const shown = Object.fromEntries(Object.entries(whole).filter(([key]) => !key.startsWith("__")));
    await ask(makeRemediateRpcFun, policies, requestFor(type, name, whole));
    const response = await ask(makeAnalyzeRpcFun, policies, requestFor(type, name, shown));
    const levelOf = (level: number) => Object.keys(EnforcementLevel).find((name) => EnforcementLevel[name] === level);
    return {
        violations: response.getDiagnosticsList().map((diagnostic) => ({
            policy: diagnostic.getPolicyname(),
            level: levelOf(diagnostic.getEnforcementlevel())?.toLowerCase() ?? "",
            message: diagnostic.getMessage(),
        })),
        notApplicable: response.getNotApplicableList().map((one) => one.getPolicyName()),
    };
}

function requestFor(type: string, name: string, props: object): Message {
    const request = new AnalyzeRequest();
    request.setType(type);
    request.setName(name);
    request.setUrn(`urn:pulumi:prod::incident::${type}::${name}`);
    request.setProperties(Struct.fromJavaScript(props));
    request.setOptions(new AnalyzerResourceOptions());
    return request;
}

function ask(rpc: Rpc, policies: readonly ResourceValidationPolicy[], request: Message): Promise<Response> {
    return new Promise((resolve, reject) => {
        rpc(
            "incidents",
            "1.0.0",
            "advisory",
            policies,
        )({ request }, (error, response) => (error || !response ? reject(error) : resolve(response)));
    });
}

/** What one policy says of a resource, without its description; nothing where it says nothing. */
export async function saidOf(
    policies: readonly ResourceValidationPolicy[],
    policy: string,
    resource: AnalyzedResource,
): Promise<string | undefined> {
    const only = policies.filter(({ name }) => name === policy);
    const { violations } = await analyze(only, resource);
    const description = `${only[0]?.description}\n`;
    return violations.map(({ message }) => message.replace(description, "")).join("\n") || undefined;
}
