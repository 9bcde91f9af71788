import { type ChildProcess, type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import { type CommandRun, type CommandScene, commandScene, tokenWith } from "./command.ts";

/** How a run is ended; each part that is given is done. */
export interface Ending {
    /** Signals, at the moment of the ending. */
    readonly signals?: readonly NodeJS.Signals[];
    /** Outputs that lose their reader, at the moment of the ending. */
    readonly closes?: readonly ("stdout" | "stderr")[];
    /** The maximum size of each file that the process writes, in kilobytes. */
    readonly fileLimit?: number;
    /** The size of the disk with the evidence, in kilobytes. Needs the right to mount one. */
    readonly diskSize?: number;
}

export interface EndedApplyOptions {
    readonly ending: Ending;
    /** The number of the cancel request at which the run is ended. */
    readonly atRequest: number;
    /** How long after that request, in milliseconds. */
    readonly delayMs?: number;
    readonly actions?: number;
    /** How long the answer to a cancel request takes, in milliseconds. */
    readonly answerMs?: number;
    /** The evidence file. Default: `evidence.json`. */
    readonly evidence?: string;
    /** Called with the process when it has started. */
    readonly onStart?: (child: ChildProcess) => void;
}

/** A run of `apply` in a process of its own, after its end. */
export interface EndedApply extends CommandScene, ExitedProcess {
    /** The actions for which the API received cancel requests, one entry a request. */
    readonly seen: readonly string[];
    /** The text of a file in the folder; empty where there is none. */
    textOf(name: string): string;
    report(name: string): Promise<CommandRun>;
    /** Runs `apply` again, in another process, to its end. */
    again(evidence: string): Promise<ExitedProcess>;
}

interface ExitedProcess {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
}

const cli = join(import.meta.dirname, "../../cli/main.ts");
const appId = "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/** Runs `apply` over HTTP against a simulated API, and ends it. */
export async function endedApply(t: ExecutionContext, options: EndedApplyOptions): Promise<EndedApply> {
    const { ending, atRequest, delayMs = 0, answerMs = 0, evidence = "evidence.json", onStart } = options;
    const seen: string[] = [];
    let end = () => {};
    const ids = Array.from(
        { length: options.actions ?? 6 },
        (_, index) => `5f2c7a10-93b4-4c1e-8d2f-${index.toString(16).padStart(12, "0")}`,
    );
    const env = { DEFENDER_ACCESS_TOKEN: tokenWith({ appid: appId, tid: "a-tenant" }) };
    const scene = await commandScene(t, {
        actions: ids.map((id, index) => ({ id, computerDnsName: `ws-${index}.contoso.example` })),
        now: Date.now,
        env,
        // An answer that no process waits for does not hold the test.
        sleep: (milliseconds) => delay(milliseconds, undefined, { ref: false }),
        latency: ({ operation }) => (operation === "cancel" ? { backMs: answerMs } : {}),
        faults(request) {
            if (request.operation === "cancel" && seen.push(request.actionId ?? "") === atRequest) {
                end();
            }
            return undefined;
        },
    });
    const { folder, simulator } = scene;
    await scene.write(
        "incident.yaml",
        `version: 1\ncomment: "INC-4711"\ncancellations:\n${ids.map((id) => `    - machineActionId: ${id}\n`).join("")}`,
    );
    if (ending.diskSize !== undefined) {
        mountDisk(t, join(folder, "disk"), ending.diskSize);
    }
    const start = (name: string, fileLimit?: number) => {
        const command = [
            ...(fileLimit === undefined ? [] : ["bash", "-c", `ulimit -f ${fileLimit}; exec "$@"`, "bash"]),
            ...[process.execPath, "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", cli],
            ...["apply", join(folder, "incident.yaml"), "--reason", "the Git host is down"],
            ...["--as", "incident/prod/playbook-12", "--yes", "--evidence", name],
        ];
        const child = spawn(command[0] ?? "", command.slice(1), {
            cwd: folder,
            env: {
                ...env,
                PATH: process.env.PATH,
                XDG_CACHE_HOME: join(folder, "cache"),
                DEFENDER_API_URL: simulator.url,
                // The process loads the sources in half the time.
                NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/apply-endings"),
            },
        });
        child.stdin.end();
        return child;
    };
    const child = start(evidence, ending.fileLimit);
    onStart?.(child);
    end = () =>
        void delay(delayMs).then(() => {
            for (const signal of ending.signals ?? []) {
                child.kill(signal);
            }
            for (const name of ending.closes ?? []) {
                child[name].destroy();
            }
        });
    return {
        ...scene,
        ...(await exited(child)),
        seen,
        again: (name) => exited(start(name)),
        textOf: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : ""),
        report: (name) => scene.run(["report", "--state", name, "--json"]),
    };
}

async function exited(child: ChildProcessWithoutNullStreams): Promise<ExitedProcess> {
    // An output that is closed ends with an error.
    const [stdout, stderr, [code, signal]] = await Promise.all([
        text(child.stdout).catch(() => ""),
        text(child.stderr).catch(() => ""),
        new Promise<[number | null, NodeJS.Signals | null]>((done) => child.once("exit", (...how) => done(how))),
    ]);
    return { code, signal, stdout, stderr };
}

/** Whether this process may mount a disk. Root may not in every container. */
export function mayMount(): boolean {
    const folder = mkdtempSync(join(tmpdir(), "defender-disk-"));
    try {
        mount(folder, 8);
        execFileSync("umount", [folder]);
        return true;
    } catch {
        return false;
    } finally {
        rmdirSync(folder);
    }
}

function mountDisk(t: ExecutionContext, folder: string, kilobytes: number): void {
    mkdirSync(folder);
    mount(folder, kilobytes);
    t.teardown(() => execFileSync("umount", [folder]));
}

function mount(folder: string, kilobytes: number): void {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder], { stdio: "ignore" });
}

/** The actions of the requests in a record, one entry for each that was sent, whatever the form of the record. */
export function recordedRequests(record: string): string[] {
    const { requests, lines } = recordIn(record);
    const unsent = new Set(
        lines.flatMap(({ kind, result, request }) => (kind === "answer" && result === "not sent" ? [request] : [])),
    );
    return [
        ...requests.filter(({ result }) => result !== "not sent"),
        ...lines.filter(({ kind, request }) => kind === "request" && !unsent.has(request)),
    ].map(({ machineActionId }) => machineActionId);
}

interface RecordLine {
    readonly kind?: string;
    readonly request?: number;
    readonly result?: string;
    readonly machineActionId: string;
}

function recordIn(record: string): { readonly requests: readonly RecordLine[]; readonly lines: readonly RecordLine[] } {
    if (record.startsWith("{\n")) {
        return { requests: JSON.parse(record).requests, lines: [] };
    }
    const lines = record.split("\n").flatMap((line): RecordLine[] => {
        try {
            return line.startsWith('{"line":') ? [JSON.parse(line)] : [];
        } catch {
            // The last line may be cut off.
            return [];
        }
    });
    return { requests: [], lines };
}
