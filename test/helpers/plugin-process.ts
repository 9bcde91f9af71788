import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type PluginClient, pluginClient } from "./plugin-client.ts";
import { type StandInEngine, startStandInEngine } from "./stand-in-engine.ts";

/** The process of the provider plugin, with a stand-in for the engine. */
export interface PluginProcess extends AsyncDisposable, PluginClient {
    readonly engine: StandInEngine;
    readonly pid: number;
    /** What the process has printed so far, without the line with its port. */
    readonly printed: { readonly stdout: string; readonly stderr: string };
    /** Closes the process's stdin, as the end of the engine does. */
    endStdin(): void;
    kill(signal: NodeJS.Signals): void;
    /** The exit code, when the process has ended. */
    readonly ended: Promise<number | null>;
}

export interface PluginProcessOptions {
    readonly environment?: Readonly<Record<string, string>>;
    /** Whether the process gets the address of the engine as an argument. Default: it does. */
    readonly withAddress?: boolean;
}

const root = join(import.meta.dirname, "..", "..");

/** Starts the plugin on the sources, and waits for its port. */
export async function startPlugin({
    environment = {},
    withAddress = true,
}: PluginProcessOptions = {}): Promise<PluginProcess> {
    const cache = await mkdtemp(join(tmpdir(), "defender-plugin-"));
    const engine = await startStandInEngine();
    const main = join(root, "provider", "plugin", "main.ts");
    const args = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", main, join(root, "plugin")];
    const child = spawn(process.execPath, [...args, ...(withAddress ? [engine.address] : [])], {
        env: {
            PATH: process.env.PATH,
            HOME: cache,
            XDG_CACHE_HOME: cache,
            NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
            DEFENDER_VISIBILITY_SECONDS: "1",
            DEFENDER_REQUESTS_PER_MINUTE: "100000",
            DEFENDER_REQUESTS_PER_HOUR: "1000000",
            ...environment,
        },
    });
    const printed = { stdout: "", stderr: "" };
    child.stderr.on("data", (part) => (printed.stderr += String(part)));
    const ended = once(child, "exit").then(([code]) => code as number | null);
    const lines = createInterface({ input: child.stdout });
    const port = await Promise.race([
        once(lines, "line").then(([line]) => String(line)),
        ended.then((code) => Promise.reject(new Error(`the plugin ended with ${code}: ${printed.stderr}`))),
    ]);
    lines.on("line", (line) => (printed.stdout += `${line}\n`));
    const { close, ...client } = pluginClient(`127.0.0.1:${port}`);
    return {
        ...client,
        close,
        engine,
        pid: child.pid ?? 0,
        printed,
        ended,
        endStdin: () => void child.stdin.end(),
        kill: (signal) => void child.kill(signal),
        async [Symbol.asyncDispose]() {
            close();
            child.kill("SIGKILL");
            await ended;
            await engine.close();
            await rm(cache, { recursive: true, force: true });
        },
    };
}
