import { type ChildProcess, spawn } from "node:child_process";

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type Program = {
    readonly child: ChildProcess;
    readonly stdout: () => string;
    readonly stderr: () => string;
    /** Resolves as soon as the output so far matches; rejects when the program ends without it. */
    readonly says: (pattern: RegExp) => Promise<void>;
    readonly ended: Promise<Ended>;
};

/** Starts a program and listens to it; its standard input stays open. */
export function start(
    command: string,
    args: readonly string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Program {
    const child = spawn(command, args, { ...options, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    const listeners = new Set<() => void>();
    const notify = () => {
        for (const listener of listeners) {
            listener();
        }
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        stdout += chunk;
        notify();
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        stderr += chunk;
        notify();
    });
    let done = false;
    const ended = new Promise<Ended>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            done = true;
            resolve({ code, signal });
            notify();
        });
    });
    const says = (pattern: RegExp) =>
        new Promise<void>((resolve, reject) => {
            const check = () => {
                if (pattern.test(stdout + stderr)) {
                    listeners.delete(check);
                    resolve();
                } else if (done) {
                    reject(new Error(`ended without ${pattern}:\n${stdout}${stderr}`));
                }
            };
            listeners.add(check);
            check();
        });
    return { child, stdout: () => stdout, stderr: () => stderr, says, ended };
}

/** Waits for a state of the world that a program reaches in its own time. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
