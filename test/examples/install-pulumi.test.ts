import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { packageRoot } from "../helpers/engine.ts";
import { createMachine } from "../helpers/pipelines/machine.ts";

test("a release of the CLI is unpacked only if it has the given hash", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "defender-install-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const { env, pulumiSha256 } = await createMachine({ folder, pulumi: "#!/bin/sh\n", command: "#!/bin/sh\n" });
    const install = async (...args: string[]) => {
        const { exitCode } = await execa(join(packageRoot, "examples/gitops/install-pulumi.sh"), args, {
            env,
            reject: false,
        });
        return exitCode;
    };
    const cli = join(folder, "cli");
    t.is(await install("3.259.0", "0".repeat(64), cli), 1);
    t.false(existsSync(join(cli, "pulumi")));
    t.is(await install("3.259.0", pulumiSha256, cli), 0);
    t.true(existsSync(join(cli, "pulumi/pulumi")));
    for (const args of [[], ["latest", pulumiSha256, cli], ["3.259.0", "", cli], ["3.259.0/../x", pulumiSha256, cli]]) {
        t.is(await install(...args), 64, args.join(" "));
    }
});
