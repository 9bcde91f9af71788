import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { packageVersion } from "../../provider/model/package-version.ts";
import { type System, writeArchives } from "../../tools/release/plugin/archives.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { cliEnvironment } from "../helpers/cli-environment.ts";
import { guardFile } from "../helpers/guard-file.ts";
import { scene } from "../helpers/scene.ts";

const here: System = process.arch === "arm64" ? "linux-arm64" : "linux-amd64";

test("the CLI installs the release archive, and a project without `plugins:` cancels with it", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "defender-archive-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const identity = await startApiServer(() => ({
        body: { access_token: "scene-token", expires_on: "4102444800", resource: "x", token_type: "Bearer" },
    }));
    t.teardown(() => identity[Symbol.asyncDispose]());
    const { engine, simulator, ids } = await scene(t, {
        actions: [{ computerDnsName: "ws-0417.contoso.example" }],
        declare: () => [],
        whole: ([machineActionId]) => [
            { name: "wrong", isOfPlugin: true, args: { machineActionId, comment: "INC-4711: wrong machines" } },
        ],
        isPluginPinned: false,
        // What the plugin loads late must be in the bundle too: the parser of the guard, and the sign-in.
        environment: {
            DEFENDER_GUARD: await guardFile(t, "version: 1\nallowTypes: [Isolate]\n"),
            DEFENDER_ACCESS_TOKEN: "",
            DEFENDER_USE_MSI: "true",
            IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
            IDENTITY_HEADER: "the-identity-header",
        },
    });

    const missing = await engine.preview();
    t.true(missing.failed);
    t.regex(missing.output, /no resource plugin 'pulumi-resource-defender' found/);

    const [archive = ""] = (await writeArchives(folder, [here])).paths;
    const pulumi = (...args: string[]) =>
        execa("pulumi", args, { env: cliEnvironment(engine.folder), cwd: engine.folder, all: true });
    await pulumi("plugin", "install", "resource", "defender", `v${packageVersion}`, "--file", archive);
    const installed = join(engine.folder, "home/plugins", `resource-defender-v${packageVersion}`);
    t.is((await stat(join(installed, "pulumi-resource-defender"))).mode & 0o777, 0o755);
    const { stdout: listed } = await pulumi("plugin", "ls", "--json");
    t.like(JSON.parse(listed), [{ name: "defender", kind: "resource", version: packageVersion }]);

    const up = await engine.up();
    t.false(up.failed, up.output);
    t.is(simulator.action(ids[0] ?? "")?.status, "Cancelled");
    t.is((await engine.resources()).find(({ id }) => id === ids[0])?.outputs.outcome, "cancelled");
    t.is(identity.seen[0]?.headers["x-identity-header"], "the-identity-header");
});
