import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import type { FaultPlan } from "../../simulator/index.ts";
import { type CommandRun, type CommandScene, commandScene, tokenWith } from "./command.ts";

/** The identity of the runs. */
export const appId = "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/** A way to end a process, at a moment or, for a limit, from its start. */
export type Ending =
    | { readonly signals: readonly NodeJS.Signals[] }
    | { readonly closes: "stdout" | "stderr" }
    /** The maximum size of each file that the process writes, in kilobytes. */
    | { readonly fileLimit: number }
    /** Any change of the folder or the process. */
    | { readonly act: (scene: ApplyScene) => void };

export interface EndedApplyOptions {
    readonly ending: Ending;
    /** The number of the cancel request at which the run is ended. */
    readonly atRequest: number;
    /** How long after that request, in milliseconds. */
    readonly delayMs?: number;
    readonly actions?: number;
    /** Arguments after the file, `--reason`, `--as` and `--yes`. Default: `--evidence evidence.json`. */
    readonly args?: readonly string[];
    readonly cwd?: string;
    readonly faults?: FaultPlan;
}

export interface ApplyScene extends CommandScene {
    readonly child: ChildProcess;
}

/** A run of `apply` in a process of its own, after its end. */
export interface EndedApply extends CommandScene {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
    /** The actions for which the API received cancel requests, one entry a request. */
    readonly seen: readonly string[];
    /** The text of a file in the folder; undefined where there is none. */
    textOf(name: string): Promise<string | undefined>;
    /** The name of the evidence file that the run has chosen itself. */
    ownFile(): string | undefined;
    report(name: string): Promise<CommandRun>;
}

const cli = join(import.meta.dirname, "../../cli/main.ts");

/** Runs `apply` over HTTP against a simulated API, and ends it. */
export async function endedApply(t: ExecutionContext, options: EndedApplyOptions): Promise<EndedApply> {
    const { ending, atRequest, delayMs = 0, args = ["--evidence", "evidence.json"], faults } = options;
    const seen: string[] = [];
    let end: (() => void) | undefined;
    const ids = Array.from(
        { length: options.actions ?? 6 },
        (_, index) => `5f2c7a10-93b4-4c1e-8d2f-${index.toString(16).padStart(12, "0")}`,
    );
    const token = tokenWith({ appid: appId, tid: "a-tenant" });
    const scene = await commandScene(t, {
        actions: ids.map((id, index) => ({ id, computerDnsName: `ws-${index}.contoso.example` })),
        now: Date.now,
        env: { DEFENDER_ACCESS_TOKEN: token },
        faults(request) {
            if (request.operation === "cancel") {
                seen.push(request.actionId ?? "");
                if (seen.length === atRequest) {
                    end?.();
                }
            }
            return faults?.(request);
        },
    });
    const { folder, simulator } = scene;
    await scene.write(
        "incident.yaml",
        `version: 1\ncomment: "INC-4711"\ncancellations:\n${ids.map((id) => `    - machineActionId: ${id}\n`).join("")}`,
    );
    const apply = ["apply", join(folder, "incident.yaml"), "--reason", "the forge is down"];
    const command = [
        process.execPath,
        "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
        ...[cli, ...apply, "--as", "incident/prod/playbook-12", "--yes", ...args],
    ];
    const limited = "fileLimit" in ending ? ["bash", "-c", `ulimit -f ${ending.fileLimit}; exec "$@"`, "bash"] : [];
    const [program = "", ...rest] = [...limited, ...command];
    const child = spawn(program, rest, {
        cwd: options.cwd ?? folder,
        env: {
            PATH: process.env.PATH,
            XDG_CACHE_HOME: join(folder, "cache"),
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: token,
        },
    });
    child.stdin.end();
    end = () => void delay(delayMs).then(() => carryOut(ending, { ...scene, child }));
    const [stdout, stderr, [code, signal]] = await Promise.all([
        text(child.stdout).catch(() => ""),
        text(child.stderr).catch(() => ""),
        new Promise<[number | null, NodeJS.Signals | null]>((done) => child.once("exit", (...how) => done(how))),
    ]);
    return {
        ...scene,
        ...{ code, signal, stdout, stderr, seen },
        textOf: (name) =>
            existsSync(join(folder, name)) ? readFile(join(folder, name), "utf8") : Promise.resolve(undefined),
        ownFile: () => readdirSync(folder).find((name) => name.startsWith("defender-cancellation-apply-")),
        report: (name) => scene.run(["report", "--state", name, "--json"]),
    };
}

function carryOut(ending: Ending, scene: ApplyScene): void {
    const { child } = scene;
    if ("signals" in ending) {
        for (const signal of ending.signals) {
            child.kill(signal);
        }
    } else if ("closes" in ending) {
        child[ending.closes]?.destroy();
    } else if ("act" in ending) {
        ending.act(scene);
    }
}
