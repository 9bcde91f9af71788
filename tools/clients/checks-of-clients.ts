import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../set-up/child.mjs";
import { root } from "../set-up/paths.mjs";
import { ensureGoClient, ensureMcpServer, ensureMdeClient, ensurePython } from "./installations.ts";
import { openMcpSession } from "./mcp-session.ts";
import { openTenant, type Tenant } from "./tenant.ts";

/** A check of one client; it throws when the client does not get what it needs. */
export interface ClientCheck {
    readonly name: string;
    readonly run: () => Promise<void>;
}

const pythonFolder = join(root, "tools", "clients", "python");

async function succeed(command: string, args: string[], { env }: Tenant, more: Record<string, string> = {}) {
    const { code, stdout, stderr } = await run(command, args, { env: { ...process.env, ...env, ...more } });
    assert.equal(code, 0, `exit code ${code}\n${stdout}${stderr}`);
    return stdout.trim();
}

/** Python's msal and azure-identity: at Microsoft's host, and at another one with and without instance discovery. */
export function pythonChecks(): ClientCheck[] {
    return ["msal", "azure-identity"].flatMap((library) =>
        ["microsoft", "discovery", "no-discovery"].map((way) => ({
            name: `Python ${library}, ${way.replace("no-", "no ")}: signs in and lists`,
            async run() {
                const python = await ensurePython();
                await using tenant = await openTenant();
                const script = join(pythonFolder, "sign_in.py");
                const environment = { PYTHONPATH: pythonFolder, PYTHONDONTWRITEBYTECODE: "1" };
                await succeed(python, [script, `${library}-${way}`], tenant, environment);
                assert.deepEqual(
                    tenant.simulator.signIns.map(({ outcome }) => outcome),
                    ["issued"],
                );
            },
        })),
    );
}

/** mde-client of PyPI from the list to the end of an isolation, with the addresses that it has built in. */
export function mdeClientCheck(): ClientCheck {
    return {
        name: "mde-client: lists, isolates, cancels, polls to the end",
        async run() {
            const { python, site } = await ensureMdeClient(await ensurePython());
            await using tenant = await openTenant();
            const script = join(pythonFolder, "mde_client_rescue.py");
            const environment = { PYTHONPATH: `${pythonFolder}:${site}`, PYTHONDONTWRITEBYTECODE: "1" };
            const [cancelled = "", done = ""] = (await succeed(python, [script], tenant, environment)).split(" ");
            assert.equal(tenant.simulator.action(cancelled)?.status, "Cancelled");
            assert.equal(tenant.simulator.action(done)?.status, "Succeeded");
            assert.equal(tenant.simulator.action(done)?.requestor, "A real client");
        },
    };
}

/** Go's OAuth library, which tries Basic client authentication first. */
export function goCheck(): ClientCheck {
    return {
        name: "Go oauth2/clientcredentials, AuthStyle autodetect: signs in and lists",
        async run() {
            const client = await ensureGoClient();
            await using tenant = await openTenant();
            await succeed(client, [], tenant);
            assert.deepEqual(
                tenant.simulator.signIns.map(({ outcome }) => outcome),
                ["issued"],
            );
        },
    };
}

/** microsoft-defender-mcp-server of crates.io, with the variables that it has for other addresses. */
export function mcpCheck(): ClientCheck {
    return {
        name: "microsoft-defender-mcp-server: lists, isolates, cancels, polls to the end",
        async run() {
            const server = await ensureMcpServer();
            await using tenant = await openTenant();
            const { env, folder, simulator } = tenant;
            const log = ["--audit-log", join(folder, "audit.jsonl")];
            const args = ["--enable-device-response", "--disable-human-confirmation", ...log];
            await using session = await openMcpSession(server, args, {
                ...env,
                DEFENDER_AUTHORITY_BASE_URL: simulator.authorityUrl,
                DEFENDER_ENDPOINT_BASE_URL: simulator.url,
            });
            const respond = (action: string, more: object) =>
                session.call("defender_device_response", { action, comment: "INC-4711 rescue", ...more });
            const machines = await session.call("defender_machines", { action: "machine_list" });
            assert.equal(JSON.stringify(machines).includes("ws-1.contoso.example"), true);

            await respond("isolate", { machine_id: "b".repeat(40), isolation_type: "Full" });
            const [first] = simulator.actions();
            await respond("cancel_machine_action", { action_id: first?.id });
            assert.equal(simulator.action(first?.id ?? "")?.status, "Cancelled");

            await respond("isolate", { machine_id: "a".repeat(40), isolation_type: "Full" });
            const [second] = simulator.actions();
            await until(async () => {
                const action = await session.call("defender_forensics", {
                    action: "machine_action_get_status",
                    action_id: second?.id,
                });
                return JSON.stringify(action).includes("Succeeded");
            });
        },
    };
}

/** Asks twice a second, for at most a minute. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
    for (let left = 120; left > 0; left -= 1) {
        if (await isDone()) {
            return;
        }
        await delay(500);
    }
    assert.fail("it did not come to its end within a minute");
}
