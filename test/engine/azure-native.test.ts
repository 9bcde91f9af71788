import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { stateCheck } from "../../cli/doctor/state-check.ts";
import { startSimulator } from "../../simulator/index.ts";
import { cliEnvironment, withoutTypeCheck } from "../helpers/cli-environment.ts";
import { packageRoot } from "../helpers/engine.ts";
import type { AzureCall } from "../helpers/fake-azure-native.ts";
import { startLanguageHost } from "../helpers/language-host.ts";

const token = "header.token-that-nobody-may-see.signature";

test("the azure-native example keeps a record of each proof in Azure, and its token nowhere", async (t) => {
    t.timeout(180_000);
    // Inside the clone, so that the program finds the package and the SDKs.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "azure-native-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    for (const name of ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts", "token.ts", "with-token.ts"]) {
        await cp(join(packageRoot, "examples/azure-native", name), join(folder, name));
    }
    const bin = join(folder, "bin");
    const temporary = join(folder, "temporary");
    const log = join(folder, "calls");
    await Promise.all([mkdir(bin), mkdir(temporary), writeFile(log, "")]);
    const plugin = join(packageRoot, "test/helpers/fake-azure-native.ts");
    await writeFile(
        join(bin, "pulumi-resource-azure-native"),
        `#!/bin/sh\nexec "${process.execPath}" "${plugin}" "$@"\n`,
        { mode: 0o755 },
    );
    const [id, otherId] = [randomUUID(), randomUUID()];
    await using simulator = await startSimulator({ token, actions: [{ id }, { id: otherId }] });
    const env = {
        ...cliEnvironment(folder),
        DEFENDER_API_URL: simulator.url,
        FAKE_AZURE_NATIVE_LOG: log,
        FAKE_AZURE_NATIVE_TOKEN: token,
        ...withoutTypeCheck,
        TMPDIR: temporary,
        PATH: `${bin}${delimiter}${process.env.PATH}`,
    };
    const host = await startLanguageHost(true, env);
    t.teardown(() => host.close());
    let printed = "";
    const works = async (command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
        const options = { cwd: folder, all: true, reject: false, env: { ...env, ...more } } as const;
        const { all, exitCode } = await execa(command, args, options);
        printed += all;
        t.is(exitCode, 0, `${command} ${args.join(" ")}\n${all}`);
    };
    const client = ["--yes", "--skip-preview", "--non-interactive", `--client=${host.address}`];
    const pulumi = (...args: string[]) => works("pulumi", args, { DEFENDER_ACCESS_TOKEN: token });
    const calls = async (method: AzureCall["method"]) => {
        const lines = (await readFile(log, "utf8")).trim().split("\n");
        return lines.map((line): AzureCall => JSON.parse(line)).filter((call) => call.method === method);
    };
    const records = async () => {
        const blobs = (await calls("create")).filter(({ type }) => type === "azure-native:storage:Blob");
        return blobs.map(({ inputs }) => ({
            name: String(inputs.blobName),
            ...JSON.parse((inputs.source as { text: string }).text),
        }));
    };

    await pulumi("stack", "init", "prod");
    await pulumi(
        "config",
        "set-all",
        ...["--plaintext", `machineActionId=${id}`],
        ...["--plaintext", "comment=INC-4711: wrong machines"],
        ...["--plaintext", "resourceGroupName=incident-evidence"],
        ...["--plaintext", "azure-native:useDefaultAzureCredential=true"],
    );

    // By `npm run up`: the token of azure-native, which is the only one that the simulator takes.
    await works("npm", ["run", "up", "--", ...client]);
    t.is(simulator.action(id)?.status, "Cancelled");
    t.is((await calls("invoke")).length, 1);
    t.deepEqual(
        (await calls("create")).map(({ type }) => type.split(":")[2]),
        ["StorageAccount", "BlobContainer", "BlobContainerImmutabilityPolicy", "Blob"],
    );
    const [first] = await records();
    t.like(first, {
        machineActionId: id,
        outcome: "cancelled",
        effect: "prevented",
        requestor: "soar@contoso.example",
    });
    t.like(first.evidence, { postStatus: 200, posts: 1 });

    await pulumi("up", "--refresh", "--expect-no-changes", ...client);

    // Drift and its repair: a second record, beside the first.
    simulator.resume(id);
    await pulumi("up", "--refresh", "--run-program", "--continue-on-error", ...client);
    const [, second, ...others] = await records();
    t.deepEqual(others, []);
    t.like(second, { machineActionId: id, outcome: "cancelled", effect: "unknown", evidence: { posts: 2 } });
    t.not(second.name, first.name);

    const { stdout: state } = await execa("pulumi", ["stack", "export"], { cwd: folder, env });
    t.is(stateCheck(state, "prod", ["azure-native"]).verdict, "ok", stateCheck(state, "prod", ["azure-native"]).detail);
    t.regex(stateCheck(state, "prod").detail, /--allow azure-native/);

    await pulumi("destroy", ...client);
    t.deepEqual([await calls("update"), await calls("delete")], [[], []]);

    t.is(simulator.action(otherId)?.status, "Pending");
    t.false(printed.includes(token), "the token was printed");
    t.deepEqual(
        (await readdir(temporary)).filter((name) => name.startsWith("defender-token-")),
        [],
    );
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
        const text = await readFile(join(file.parentPath, file.name), "utf8");
        t.false(text.includes(token), `the token stands in ${file.name}`);
    }
});
