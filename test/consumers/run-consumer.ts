import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { startSimulator } from "../../simulator/index.ts";
import { cliEnvironment } from "../helpers/cli-environment.ts";
import { startLanguageHost } from "../helpers/language-host.ts";
import { otherNode } from "../helpers/other-node.ts";
import { type ConsumerProject, writeProject } from "./consumer-project.ts";
import type { Consumer } from "./matrix.ts";
import { install } from "./package-managers.ts";
import { startPlugin } from "./start-plugin.ts";

const comment = "INC-4711: wrong machines";

type Works = (command: string, ...args: string[]) => Promise<string>;

/**
 * Makes the project of a row, starts the provider plugin in it, and leads it through preview, up, refresh and destroy on
 * the real CLI. Throws where it does not work.
 */
export async function runConsumer(consumer: Consumer, tarball: string, store: string): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "defender-consumer-"));
    try {
        const [single, listed] = [randomUUID(), randomUUID()];
        await using simulator = await startSimulator({ actions: [{ id: single }, { id: listed }] });
        const node = dirname(await otherNode(consumer.node));
        const env = {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "consumer-token",
            ...cliEnvironment(folder),
            PATH: `${node}${delimiter}${process.env.PATH}`,
        };
        const project = await writeProject(join(folder, "project"), consumer, tarball, {
            actionIds: [single, listed],
            comment,
        });
        await install(consumer.packageManager, project.root, store, env);
        await startPlugin(project.main, env);
        const works: Works = async (command, ...args) => {
            const { exitCode, all } = await execa(command, args, { cwd: project.main, all: true, reject: false, env });
            assert.equal(exitCode, 0, `${command} ${args.join(" ")}\n${all}`);
            return all;
        };
        await compile(consumer, project, works);
        const host = await startLanguageHost(undefined, env);
        try {
            const pulumi = (...args: string[]) => works("pulumi", ...args, "--non-interactive");
            const client = `--client=${host.address}`;
            const sent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
            await pulumi("stack", "init", "test");
            await pulumi("config", "set", "machineActionId", single);
            assert.match(await pulumi("preview", client), /would cancel: Isolate/);
            assert.equal(sent(), 0, "a preview sends no cancel request");
            const told = await pulumi("up", "--yes", "--skip-preview", client);
            assert.ok(told.includes(`"v${consumer.node}"`), `the program runs on Node.js ${consumer.node}\n${told}`);
            for (const id of [single, listed]) {
                assert.equal(simulator.action(id)?.status, "Cancelled");
            }
            await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", client);
            await pulumi("destroy", "--yes", "--skip-preview", client);
            assert.equal(sent(), 2, "one cancel request for each action");
            await pulumi("stack", "rm", "test", "--yes");
        } finally {
            host.close();
        }
    } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
}

/** Checks the types under both of the module resolutions that read `exports`, and compiles where the row says so. */
async function compile({ program, isOldResolution }: Consumer, { main }: ConsumerProject, works: Works): Promise<void> {
    if (program.language === "JavaScript") {
        return;
    }
    const tsc = join(main, "node_modules", ".bin", "tsc");
    await works(tsc, "--noEmit");
    if (!isOldResolution) {
        await works(tsc, "--noEmit", "--module", "preserve", "--moduleResolution", "bundler");
    }
    if (program.run === "tsc before the run") {
        await works(tsc);
    }
}
