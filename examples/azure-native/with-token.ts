/**
 * Runs a command with a token of the Defender API in its environment, by azure-native's own sign-in:
 *
 *     node with-token.ts pulumi up --refresh --run-program --continue-on-error
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigMap, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { defenderToken } from "./token.ts";

/** How azure-native signs in, as the selected stack of this folder configures it. */
async function signInConfig(): Promise<ConfigMap> {
    const project = await LocalWorkspace.create({ workDir: "." });
    const stack = await project.stack();
    const config = stack ? await project.getAllConfig(stack.name) : {};
    return Object.fromEntries(Object.entries(config).filter(([key]) => key.startsWith("azure-native:")));
}

async function fetchToken(): Promise<string> {
    // A stack without resources, in a backend of its own that is thrown away: no state contains the token.
    const folder = await mkdtemp(join(tmpdir(), "defender-token-"));
    try {
        const stack = await LocalWorkspace.createOrSelectStack(
            {
                projectName: "defender-token",
                stackName: "once",
                program: async () => ({ token: defenderToken() }),
            },
            {
                workDir: folder,
                envVars: { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: randomUUID() },
            },
        );
        await stack.setAllConfig(await signInConfig());
        const { outputs } = await stack.up();
        return outputs.token?.value;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function main([command, ...args]: string[]): Promise<void> {
    if (command === undefined) {
        throw new Error("usage: node with-token.ts <command> [arguments]");
    }
    const child = spawn(command, args, {
        stdio: "inherit",
        env: { ...process.env, DEFENDER_ACCESS_TOKEN: await fetchToken() },
    });
    // Ctrl-C reaches the command by itself; this process waits until it has saved its state.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    const [code] = await once(child, "exit");
    process.exitCode = code ?? 1;
}

main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
