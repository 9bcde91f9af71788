import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** Measures one start of a process: milliseconds from its spawn until it is ready. */
export type Measure = () => Promise<number>;

/** A process that runs this CommonJS text, as the SDK's plugin would; ready once it has run. */
export function runs(text: string): Measure {
    return async () => {
        const start = performance.now();
        await using child = spawnNode("--eval", `${text}\nprocess.stdout.write("READY");`);
        await firstOutput(child.process);
        return performance.now() - start;
    };
}

/** The SDK's plugin process with this `__provider` text; ready once it has answered the first `check`. */
export function pluginAnswers(provider: string, inputs: Readonly<Record<string, unknown>>): Measure {
    return async () => {
        const start = performance.now();
        // The engine's address. None of the requests here makes the plugin call it.
        await using child = spawnNode(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), "127.0.0.1:1");
        const port = await firstOutput(child.process);
        await check(`127.0.0.1:${port.trim()}`, { ...inputs, __provider: provider });
        return performance.now() - start;
    };
}

type Node = ChildProcessByStdio<Writable, Readable, Readable>;

function spawnNode(...args: string[]): AsyncDisposable & { readonly process: Node } {
    // As from the engine: standard input stays open, and the plugin ends when it closes.
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
    return { process: child, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
    }
}

async function firstOutput(child: Node): Promise<string> {
    let complaints = "";
    child.stderr.on("data", (text: Buffer) => {
        complaints += text;
    });
    const [output] = await Promise.race([
        once(child.stdout, "data"),
        once(child, "close").then(([code]) => {
            throw new Error(`a measured process ended with exit code ${code}: ${complaints}`);
        }),
    ]);
    return String(output);
}

/** The parts of the SDK's generated classes that are used below. */
interface Message {
    setNews(inputs: unknown): void;
    setOlds(inputs: unknown): void;
    setArgs(config: unknown): void;
}
type Call = (request: Message, done: (error: Error | null) => void) => void;
interface Client {
    check: Call;
    configure: Call;
    close(): void;
}

const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { credentials } = sdk("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
const { ResourceProviderClient } = sdk("./proto/provider_grpc_pb.js") as {
    ResourceProviderClient: new (address: string, credentials: unknown) => Client;
};
const { CheckRequest, ConfigureRequest } = sdk("./proto/provider_pb.js") as Record<
    "CheckRequest" | "ConfigureRequest",
    new () => Message
>;
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: object): unknown };
};

/** The first call of the engine to a plugin. */
async function check(address: string, inputs: object): Promise<void> {
    const client = new ResourceProviderClient(address, credentials.createInsecure());
    const ask = (method: "check" | "configure", request: Message) =>
        new Promise<void>((resolve, reject) => {
            client[method](request, (error) => (error ? reject(error) : resolve()));
        });
    try {
        const configuration = new ConfigureRequest();
        configuration.setArgs(Struct.fromJavaScript({}));
        await ask("configure", configuration);
        const request = new CheckRequest();
        request.setOlds(Struct.fromJavaScript({}));
        request.setNews(Struct.fromJavaScript(inputs));
        await ask("check", request);
    } finally {
        client.close();
    }
}
