import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SessionQuestion {
    readonly machineActionId: string;
    /** Advances the clock of the process before it sends the request, in milliseconds. */
    readonly aheadMs?: number;
}

export interface SessionReply {
    readonly status?: string;
    readonly appId?: string | undefined;
    readonly tenantId?: string | undefined;
    readonly error?: string;
    readonly stack?: string;
}

export interface SessionOptions {
    /** The DEFENDER_*, AZURE_* … variables; no such variable is inherited. */
    readonly environment: Readonly<Record<string, string>>;
    /** PEM of the private authorities to trust. */
    readonly authorities: readonly string[];
    /** Files to create before it starts, by their names in its folder. */
    readonly files?: Readonly<Record<string, string>>;
    /** The Node.js to run on. Default: this one. */
    readonly node?: string;
}

/** The provider's session, with the real `@azure/identity`, in a process of its own. */
export interface SessionProcess extends AsyncDisposable {
    readonly folder: string;
    read(question: SessionQuestion): Promise<SessionReply>;
    /** Its output so far. */
    output(): string;
}

const foreign = /^(DEFENDER|AZURE|AZURESUBSCRIPTION|ARM|ACTIONS|SYSTEM|IDENTITY|MSI)_|^(HTTPS?|NO|ALL)_PROXY$/i;

/** Starts such a process; `{folder}` in a value of the environment stands for its folder. */
export async function startSession(options: SessionOptions): Promise<SessionProcess> {
    const folder = await mkdtemp(join(tmpdir(), "defender-session-"));
    const trusted = join(folder, "authorities.pem");
    await writeFile(trusted, options.authorities.join("\n"));
    for (const [name, text] of Object.entries(options.files ?? {})) {
        await writeFile(join(folder, name), text, { mode: 0o700 });
    }
    const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    const given = Object.entries(options.environment).map(([name, value]) => [
        name,
        value.replaceAll("{folder}", folder),
    ]);
    const child = fork(new URL("./session-process.ts", import.meta.url), {
        env: { ...Object.fromEntries(inherited), NODE_EXTRA_CA_CERTS: trusted, ...Object.fromEntries(given) },
        execArgv: [],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        ...(options.node ? { execPath: options.node } : {}),
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
            printed += text;
        });
    }
    return {
        folder,
        async read(question) {
            child.send(question);
            const [reply] = await Promise.race([
                once(child, "message"),
                once(child, "exit").then(() => [{ error: `the process ended:\n${printed}` }]),
            ]);
            return reply as SessionReply;
        },
        output: () => printed,
        async [Symbol.asyncDispose]() {
            if (child.connected) {
                const gone = once(child, "exit");
                child.disconnect();
                await gone;
            }
            await rm(folder, { recursive: true, force: true });
        },
    };
}
