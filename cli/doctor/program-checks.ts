import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CliHost } from "../host.ts";
import { oldestNode } from "../node-version.ts";
import { type Check, isAtLeast } from "./check.ts";
import { projectChecks } from "./project-checks.ts";

/** Checks the requirements of a run on this machine. Sends no request. */
export async function programChecks(host: CliHost): Promise<Check[]> {
    return [nodeCheck(process.version), await cliCheck(host), ...projectChecks(host)];
}

export function nodeCheck(version: string): Check {
    const isNew = isAtLeast(version, oldestNode);
    return {
        name: "node",
        verdict: isNew ? "ok" : "fail",
        detail: `${version}${isNew ? "" : `: ${oldestNode} or newer is needed`}`,
    };
}

async function cliCheck({ env, cwd }: CliHost): Promise<Check> {
    try {
        const { stdout } = await promisify(execFile)("pulumi", ["version"], {
            cwd,
            env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
            timeout: 30_000,
        });
        return { name: "pulumi", verdict: "ok", detail: stdout.trim() };
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const detail = code === "ENOENT" ? "there is no pulumi on the PATH" : `\`pulumi version\` failed: ${code}`;
        return { name: "pulumi", verdict: "fail", detail };
    }
}
