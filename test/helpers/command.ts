import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { ExecutionContext } from "ava";
import { runCli } from "../../cli/run-cli.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index.ts";
import { type RecordedClock, recordedClock } from "./recorded-clock.ts";

/** The result of a command line. */
export interface CommandRun {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export interface CommandOptions {
    readonly stdin?: string;
    /** Whether stdout and stderr are a terminal. Default: false. stdin never is. */
    readonly isTerminal?: boolean;
    /** The width of that terminal, in columns. Default: not known. */
    readonly columns?: number;
    readonly env?: Readonly<Record<string, string>>;
    /** The current folder. Default: that of the scene. */
    readonly cwd?: string;
}

/** A folder, a simulated tenant with a clock, and the command, run in this process. */
export interface CommandScene {
    readonly folder: string;
    readonly simulator: Simulator;
    readonly clock: RecordedClock;
    run(args: readonly string[], options?: CommandOptions): Promise<CommandRun>;
    write(name: string, content: string | Uint8Array): Promise<void>;
    read(name: string): Promise<string>;
    /** How many cancel requests the API has received. */
    posts(): number;
}

/** A folder with a `pulumi` that only prints its version, for `doctor`. */
const standIn = join(import.meta.dirname, "stand-in");

/** Sets up a scene, and removes it after the test. */
export async function commandScene(
    t: ExecutionContext,
    { env: common = {}, ...options }: SimulatorOptions & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandScene> {
    const folder = await mkdtemp(join(tmpdir(), "defender-command-"));
    const clock = recordedClock();
    const simulator = await startSimulator({ now: () => clock.now(), ...options });
    t.teardown(async () => {
        await simulator.close();
        await rm(folder, { recursive: true, force: true });
    });
    return {
        folder,
        simulator,
        clock,
        async run(args, { stdin = "", isTerminal = false, columns, env = {}, cwd = folder } = {}) {
            const [stdout, stderr] = [collector(), collector()];
            const terminal = { isTTY: isTerminal, ...(columns === undefined ? {} : { columns }) };
            const code = await runCli(args, {
                env: {
                    PATH: `${standIn}${delimiter}${process.env.PATH}`,
                    DEFENDER_API_URL: simulator.url,
                    DEFENDER_ACCESS_TOKEN: "command-token",
                    ...common,
                    ...env,
                },
                cwd,
                stdin: Readable.from([stdin]),
                stdout: Object.assign(stdout.stream, terminal),
                stderr: Object.assign(stderr.stream, terminal),
                clock,
                stop: new AbortController().signal,
                ties: { quotaStore: memoryStore() },
            });
            return { code, stdout: stdout.text(), stderr: stderr.text() };
        },
        write: (name, content) => writeFile(join(folder, name), content),
        read: (name) => readFile(join(folder, name), "utf8"),
        posts: () => simulator.requests.filter(({ operation }) => operation === "cancel").length,
    };
}

function collector() {
    const chunks: string[] = [];
    const stream = new Writable({
        decodeStrings: false,
        write(chunk, _, done) {
            chunks.push(String(chunk));
            done();
        },
    });
    return { stream, text: () => chunks.join("") };
}

/** A bearer token with these claims, as Entra issues them; its signature is not checked. */
export function tokenWith(claims: Readonly<Record<string, unknown>>): string {
    return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}

/** The arguments with which `apply` cancels what `incident.yaml` declares. */
export const applyArguments: readonly string[] = [
    "apply",
    "incident.yaml",
    "--reason",
    "the Git host is down",
    "--as",
    "incident/prod/playbook-12",
    "--yes",
];
