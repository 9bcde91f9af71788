import { createRequire } from "node:module";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/provider-reference.ts";

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
const { makeAnalyzeRpcFun } = policySdk("./server.js") as {
    makeAnalyzeRpcFun(
        pack: string,
        version: string,
        level: string,
        policies: readonly ResourceValidationPolicy[],
    ): (call: { request: Message }, callback: (error: Error | null, response?: Response) => void) => void;
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
 * Asks the policies about a resource as a pack's process does when the engine asks it: by the `Analyze` call of
 * `@pulumi/policy` itself, which hands inputs over behind proxies that throw where a preview does not know a value.
 */
export function analyze(
    policies: readonly ResourceValidationPolicy[],
    { type = single, name = "wrong-isolation", props }: AnalyzedResource,
): Promise<Analysis> {
    const request = new AnalyzeRequest();
    request.setType(type);
    request.setName(name);
    request.setUrn(`urn:pulumi:prod::incident::${type}::${name}`);
    const __provider = texts.get(type);
    request.setProperties(Struct.fromJavaScript({ ...(__provider ? { __provider } : {}), ...props }));
    request.setOptions(new AnalyzerResourceOptions());
    const levelOf = (level: number) => Object.keys(EnforcementLevel).find((name) => EnforcementLevel[name] === level);
    return new Promise((resolve, reject) => {
        makeAnalyzeRpcFun(
            "incidents",
            "1.0.0",
            "advisory",
            policies,
        )({ request }, (error, response) => {
            if (error || !response) {
                reject(error);
                return;
            }
            resolve({
                violations: response.getDiagnosticsList().map((diagnostic) => ({
                    policy: diagnostic.getPolicyname(),
                    level: levelOf(diagnostic.getEnforcementlevel())?.toLowerCase() ?? "",
                    message: diagnostic.getMessage(),
                })),
                notApplicable: response.getNotApplicableList().map((one) => one.getPolicyName()),
            });
        });
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
