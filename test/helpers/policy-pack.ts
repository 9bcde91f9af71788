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
export const pluginSingle = "defender:index:MachineActionCancellation";
export const pluginSet = "defender:index:MachineActionCancellationSet";

/** The placeholder that the engine sends to a pack for a text that a preview does not know. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const texts = new Map([machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]));

/** A resource as the engine passes it to a pack before any step; our resources with our provider text. */
export interface AnalyzedResource {
    readonly type?: string;
    readonly name?: string;
    readonly props: object;
}

/** The result of a pack for a resource. */
export interface Analysis {
    readonly violations: readonly { readonly policy: string; readonly level: string; readonly message: string }[];
    readonly notApplicable: readonly string[];
}

/**
 * Runs the policies on a resource as a pack's process does, through the calls of `@pulumi/policy` itself. These pass
 * the inputs behind proxies, which throw for a value that a preview does not know. `Remediate` is called first. The
 * engine does not pass properties that begin with `__` to `Analyze`.
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

/** The findings of one policy for a resource, without its description; empty if there are none. */
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
