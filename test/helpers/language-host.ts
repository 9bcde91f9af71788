import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";

/** The fields of the engine's Run request; the SDK generates the class. */
interface RunRequest {
    getProject(): string;
    getStack(): string;
    getOrganization(): string;
    getPwd(): string;
    getProgram(): string;
    getParallel(): number;
    getDryrun(): boolean;
    getMonitorAddress(): string;
    getArgsList(): string[];
    getConfigMap(): { entries(): Iterable<[string, string]> };
    getConfigsecretkeysList(): string[];
    getInfo(): { getRootDirectory(): string };
}

interface Message {
    setError(text: string): void;
    setVersion(text: string): void;
}

type Callback = (error: Error | undefined, answer: Message) => void;

interface GrpcServer {
    addService(service: unknown, implementation: object): void;
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
}

interface ProjectFile {
    readonly runtime?: string | { readonly options?: { readonly typescript?: boolean } };
}

/** Read here because, with `--client`, the CLI does not pass on the options in Pulumi.yaml. */
async function declaresTypeScript(folder: string): Promise<boolean> {
    const { runtime } = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as ProjectFile;
    return typeof runtime === "object" ? runtime.options?.typescript !== false : true;
}

const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

/** Replaces the CLI's Node language host, whose binary is not on package registries. */
export interface LanguageHost {
    /** For the CLI's hidden flag `--client`. */
    readonly address: string;
    close(): void;
}

/**
 * Runs Pulumi programs as the CLI's own Node language host does: the SDK's `cmd/run` in a process of its own, in the
 * program's folder (https://github.com/pulumi/pulumi/tree/master/sdk/nodejs/cmd/pulumi-language-nodejs).
 *
 * `typescript` is the option of that name under `runtime` in Pulumi.yaml. If undefined, it is read from Pulumi.yaml,
 * where the default is true. `environment` is the CLI's; the program runs on the `node` of its PATH. `engine` is the
 * engine's address, if the CLI passes it on the command line and not in its request.
 */
export async function startLanguageHost(
    typescript: boolean | undefined,
    environment: Readonly<Record<string, string>>,
    engine?: string,
): Promise<LanguageHost> {
    const grpc = sdk("@grpc/grpc-js") as {
        Server: new () => GrpcServer;
        ServerCredentials: { createInsecure(): unknown };
    };
    const { LanguageRuntimeService } = sdk("./proto/language_grpc_pb.js") as { LanguageRuntimeService: unknown };
    const messages = sdk("./proto/language_pb.js") as {
        RunResponse: new () => Message;
        GetRequiredPluginsResponse: new () => Message;
    };
    const { PluginInfo } = sdk("./proto/plugin_pb.js") as { PluginInfo: new () => Message };

    async function run(request: RunRequest): Promise<Message> {
        const program = createRequire(join(request.getPwd(), "package.json"));
        const args = [
            program.resolve("@pulumi/pulumi/cmd/run"),
            `--monitor=${request.getMonitorAddress()}`,
            `--engine=${engine ?? request.getArgsList()[0]}`,
            `--project=${request.getProject()}`,
            `--stack=${request.getStack()}`,
            `--organization=${request.getOrganization()}`,
            `--parallel=${request.getParallel()}`,
            `--pwd=${request.getPwd()}`,
            ...(request.getDryrun() ? ["--dry-run"] : []),
            request.getProgram(),
        ];
        const runsTypeScript = typescript ?? (await declaresTypeScript(request.getInfo().getRootDirectory()));
        const child = spawn("node", args, {
            stdio: ["ignore", "ignore", "pipe"],
            env: {
                ...process.env,
                ...environment,
                PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
                PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
                PULUMI_NODEJS_TYPESCRIPT: String(runsTypeScript),
            },
        });
        let complaints = "";
        child.stderr.on("data", (text) => {
            complaints += text;
        });
        const code = await new Promise((resolve) => child.on("close", resolve));
        const response = new messages.RunResponse();
        if (code !== 0) {
            response.setError(`the program ended with exit code ${code}\n${complaints}`);
        }
        return response;
    }

    const server = new grpc.Server();
    server.addService(LanguageRuntimeService, {
        run: (call: { request: RunRequest }, callback: Callback) => {
            run(call.request).then(
                (response) => callback(undefined, response),
                (error: Error) => callback(error, new messages.RunResponse()),
            );
        },
        getRequiredPlugins: (_: unknown, callback: Callback) =>
            callback(undefined, new messages.GetRequiredPluginsResponse()),
        getPluginInfo: (_: unknown, callback: Callback) => {
            const info = new PluginInfo();
            info.setVersion("1.0.0");
            callback(undefined, info);
        },
    });
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        );
    });
    return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
