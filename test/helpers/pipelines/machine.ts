import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { Variables } from "./played-job.ts";

/** A machine without a network, on which jobs of a pipeline run. */
export interface Machine {
    /** Its own variables, before a job adds any. */
    readonly env: Variables;
    /** The hash of the release of the Pulumi CLI that it can download. */
    readonly pulumiSha256: string;
}

export interface MachineOptions {
    /** The folder for its programs. */
    readonly folder: string;
    /** The text of the program `pulumi` in the release. */
    readonly pulumi: string;
    /** The text of the command that `npm ci` installs. */
    readonly command: string;
    readonly env?: Variables;
}

/** Makes such a machine: its `npm` installs one command, and its `curl` downloads one release. */
export async function createMachine({ folder, pulumi, command, env = {} }: MachineOptions): Promise<Machine> {
    const bin = join(folder, "bin");
    const release = join(folder, "release", "pulumi");
    const archive = join(folder, "pulumi.tar.gz");
    await Promise.all([mkdir(bin, { recursive: true }), mkdir(release, { recursive: true })]);
    const program = (path: string, text: string) => writeFile(path, text, { mode: 0o755 });
    await Promise.all([
        program(join(release, "pulumi"), pulumi),
        program(join(folder, "command"), command),
        program(
            join(bin, "npm"),
            `#!/bin/sh\nmkdir -p node_modules/.bin && cp '${join(folder, "command")}' node_modules/.bin/defender-cancellation\n`,
        ),
        program(
            join(bin, "curl"),
            `#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = --output ] && target=$2; shift; done\ncp '${archive}' "$target"\n`,
        ),
    ]);
    await execa("tar", ["--create", "--gzip", "--file", archive, "--directory", join(folder, "release"), "pulumi"]);
    return {
        env: { ...env, PATH: [bin, env.PATH ?? process.env.PATH].join(delimiter) },
        pulumiSha256: createHash("sha256")
            .update(await readFile(archive))
            .digest("hex"),
    };
}
