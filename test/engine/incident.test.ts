import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { type ActionSeed, startSimulator } from "../../simulator/index.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";

test("the example looks up what a playbook has queued, and cancels the reviewed file as a set", async (t) => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const queued: ActionSeed[] = [
        { id: randomUUID(), creationDateTimeUtc: minutesAgo(30) },
        { id: randomUUID(), creationDateTimeUtc: minutesAgo(20) },
        { id: randomUUID(), creationDateTimeUtc: minutesAgo(10), behaviour: "in-progress-then-cancelled" },
    ];
    const others: ActionSeed[] = [
        { creationDateTimeUtc: minutesAgo(25), requestor: "analyst@contoso.example" },
        { creationDateTimeUtc: minutesAgo(25), type: "RunAntiVirusScan" },
        { creationDateTimeUtc: minutesAgo(90) },
        { creationDateTimeUtc: minutesAgo(15), status: "Succeeded" },
    ];
    await using simulator = await startSimulator({ actions: [...queued, ...others] });
    const environment = { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "incident-token" };
    const example = join(packageRoot, "examples/incident");
    const names = ["index.ts", "look-up.mts", "package.json", "tsconfig.json", "Pulumi.yaml"];
    const files = names.map(async (name) => [name, await readFile(join(example, name), "utf8")] as const);
    await using project = await startProject(Object.fromEntries(await Promise.all(files)), environment);
    const lookUp = (...args: string[]) =>
        execa(process.execPath, ["look-up.mts", ...args], { cwd: project.folder, env: environment, reject: false });

    t.is((await lookUp("--type", "Isolate")).exitCode, 2);
    const asked = ["--type", "Isolate", "--requestor", "soar@contoso.example", "--since", minutesAgo(60)];
    const { exitCode, stdout, stderr } = await lookUp(...asked);
    t.is(exitCode, 0, stderr);
    t.is(stdout, "cancellations.json: 3 of the 4 that were found are not final yet. Review and commit it.");
    const written = JSON.parse(await readFile(join(project.folder, "cancellations.json"), "utf8"));
    t.deepEqual(
        written.map(({ machineActionId }: { machineActionId: string }) => machineActionId),
        queued.map(({ id }) => id).reverse(),
    );
    const { machineId, computerDnsName } = simulator.action(queued[0]?.id ?? "") ?? {};
    t.deepEqual(written[2].expect, {
        type: "Isolate",
        machineId,
        computerDnsName,
        requestor: "soar@contoso.example",
        requestorComment: "playbook 12",
    });

    const works = async (...args: string[]) => {
        const { exitCode: code, all } = await project.pulumi(...args);
        t.is(code, 0, `pulumi ${args.join(" ")}\n${all}`);
        return all;
    };
    await works("stack", "init", "test");
    await works("config", "set", "comment", "INC-4711: playbook 12 isolated the wrong machines");
    t.regex(await works("preview"), /of 3 cancellations: 3 would cancel/);
    await works("up", "--yes", "--skip-preview");
    const { counts, results } = JSON.parse(await works("stack", "output", "--json"));
    t.like(counts, { total: 3, cancelled: 3, unproven: 0 });
    t.deepEqual(Object.keys(results).sort(), queued.map(({ id }) => id).sort());
    t.is(simulator.actions().filter(({ status }) => status === "Cancelled").length, 3);
});
