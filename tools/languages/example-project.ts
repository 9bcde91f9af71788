import assert from "node:assert/strict";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { Simulator } from "../../simulator/index.ts";
import { cliEnvironment } from "../../test/helpers/cli-environment.ts";
import { packageRoot } from "../../test/helpers/engine.ts";

/** The expected result of a command. */
export interface Expected {
    readonly exitCode?: number;
    readonly prints?: readonly RegExp[];
    readonly printsNot?: readonly RegExp[];
    /** How many cancel requests the command sends. Default: 0. */
    readonly cancels?: number;
}

/** An example as a user has it after `npm install`, in a folder of its own and with a backend of its own. */
export interface ExampleProject {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    /** Runs the Pulumi CLI in it, throws if the result is not as expected, and returns the output. */
    pulumi(args: readonly string[], expected?: Expected): Promise<string>;
}

export interface ExampleOptions {
    readonly name: string;
    /** The parent of the project's folder. */
    readonly parent: string;
    /** The folders to put first on PATH. */
    readonly path: string;
    readonly simulator: Simulator;
    readonly env?: Readonly<Record<string, string>>;
    /** Called with each command and its output. */
    readonly onRun: (command: string, output: string, exitCode: number | undefined) => void;
}

/** Copies an example and links the package into it. */
export async function openExample({
    name,
    parent,
    path,
    simulator,
    env: more,
    onRun,
}: ExampleOptions): Promise<ExampleProject> {
    const folder = join(parent, name);
    await rm(folder, { recursive: true, force: true });
    await cp(join(packageRoot, "examples", name), folder, {
        recursive: true,
        filter: (source) => !/[\\/](?:node_modules|venv|sdks|incidents)$|Pulumi\.\w+\.yaml$/.test(source),
    });
    const bin = join(folder, "node_modules", ".bin");
    await mkdir(bin, { recursive: true });
    await symlink(packageRoot, join(folder, "node_modules", "pulumi-defender-cancellation"), "junction");
    const command = `#!/bin/sh\nexec node "${join(packageRoot, "dist", "cli", "main.js")}" "$@"\n`;
    await writeFile(join(bin, "defender-cancellation"), command, { mode: 0o755 });
    const env = {
        ...cliEnvironment(folder),
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "simulated-token",
        PATH: [path, process.env.PATH].join(delimiter),
        ...more,
    };
    const cancelsSent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    return {
        folder,
        env,
        async pulumi(args, { exitCode = 0, prints = [], printsNot = [], cancels = 0 } = {}) {
            const before = cancelsSent();
            const complete = [...args, "--non-interactive"];
            const result = await execa("pulumi", complete, { cwd: folder, env, all: true, reject: false });
            const output = stripVTControlCharacters(result.all);
            onRun(`pulumi ${args.join(" ")}`, output, result.exitCode);
            assert.equal(result.exitCode, exitCode, `exit code ${result.exitCode} in place of ${exitCode}\n${output}`);
            assert.equal(cancelsSent() - before, cancels, `${cancelsSent() - before} cancel requests\n${output}`);
            for (const pattern of prints) {
                assert.match(output, pattern, `it does not print ${pattern}\n${output}`);
            }
            for (const pattern of printsNot) {
                assert.doesNotMatch(output, pattern, `it prints ${pattern}\n${output}`);
            }
            return output;
        },
    };
}
