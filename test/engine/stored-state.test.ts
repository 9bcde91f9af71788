import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ActionSeed, startSimulator } from "../../simulator/index.ts";
import { type Declaration, packageRoot, type StoredResource, startEngine } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";
// A stack export of version 1, without its source positions and its (unused) secrets provider, moved to a day that
// lies more than a re-issue window back.
import stateV1 from "./fixtures/state-v1.json" with { type: "json" };

type State = typeof stateV1;
type Outputs = Readonly<Record<string, unknown>>;

const isOurs = ({ type }: { readonly type: string }) => type.startsWith("pulumi-nodejs:dynamic/defender:");
const resourcesOf = ({ deployment }: State) => deployment.resources.filter(isOurs) as unknown as StoredResource[];
const nameOf = ({ urn }: StoredResource) => urn.split("::").at(-1) ?? "";

/** Inputs as the program gave them: without what the constructor and `check` add. */
function declarationOf(resource: StoredResource): Declaration {
    const { __provider, declaredBy, desiredStatus, ...args } = resource.inputs;
    return { name: nameOf(resource), args, isSet: /Set$/.test(resource.type) };
}

/** The action that stored outputs describe; what was requested has not ended. */
function seedOf(id: string, outputs: Outputs): ActionSeed {
    const { status, type, machineId, computerDnsName, requestor, requestorComment, creationDateTimeUtc } = outputs;
    const stored = { status, type, machineId, computerDnsName, requestor, requestorComment, creationDateTimeUtc };
    return { id, ...(stored as ActionSeed), behaviour: status === "InProgress" ? "pending" : "never-final" };
}

function seedsOf(resource: StoredResource): ActionSeed[] {
    const { id = "", outputs } = resource;
    const reissues = (outputs.reissues ?? []) as { id: string; status: string }[];
    const { results } = outputs as { results?: Readonly<Record<string, Outputs>> };
    return results
        ? Object.entries(results).map(([one, result]) => seedOf(one, result))
        : [seedOf(id, outputs), ...reissues.map((reissue) => seedOf(reissue.id, { ...outputs, ...reissue }))];
}

async function live(t: ExecutionContext, state: State): Promise<void> {
    await using simulator = await startSimulator({ actions: resourcesOf(state).flatMap(seedsOf) });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "stored-state-token" },
        declarations: () => resourcesOf(state).map(declarationOf),
    });
    t.teardown(engine.dispose);
    const sent = () =>
        simulator.requests.flatMap(({ operation, actionId }) => (operation === "cancel" ? [actionId] : []));
    const stored = async () => new Map((await engine.resources()).map((resource) => [nameOf(resource), resource]));
    const before = new Map(resourcesOf(state).map((resource) => [nameOf(resource), resource]));
    const idOf = (name: string) => before.get(name)?.id ?? "";
    const imported = await engine.importState(state);
    t.false(imported.failed, imported.output);

    // Refresh: what was requested has ended meanwhile; all else is as it was, drift included.
    simulator.finish(idOf("outstanding"), "Cancelled");
    const refreshed = await engine.refresh();
    t.false(refreshed.failed, refreshed.output);
    t.deepEqual(sent(), []);
    const now = await stored();
    t.is(now.size, 7);
    for (const [name, { outputs, initErrors }] of now) {
        t.is(initErrors, undefined, name);
        if (name === "outstanding") {
            t.like(outputs, { status: "Cancelled", outcome: "cancelled" });
        } else if (name === "drifted") {
            const { status, evidence, requestedAtUtc, outcome } = before.get(name)?.outputs ?? {};
            t.like(outputs, { status, evidence, requestedAtUtc, outcome });
        } else {
            t.deepEqual(outputs, before.get(name)?.outputs, name);
        }
    }
    t.is(now.get("drifted")?.inputs.desiredStatus, "InProgress");
    t.is(now.get("reissued")?.inputs.desiredStatus, before.get("reissued")?.inputs.desiredStatus);

    // Update: the drifted one is cancelled again; the re-issue has been dealt with.
    for (const { id } of (before.get("reissued")?.outputs.reissues ?? []) as { id: string }[]) {
        simulator.finish(id, "Cancelled");
    }
    const repaired = await engine.up({ continueOnError: true });
    t.false(repaired.failed, repaired.output);
    t.deepEqual(sent(), [idOf("drifted")]);
    for (const [name, { outputs }] of await stored()) {
        t.is(typeof (outputs.outcome ?? outputs.results), name === "several" ? "object" : "string", name);
    }
    t.like((await stored()).get("drifted")?.outputs, { status: "Cancelled", outcome: "cancelled" });
    const settled = await engine.up({ expectNoChanges: true });
    t.false(settled.failed, settled.output);

    const destroyed = await engine.destroy();
    t.false(destroyed.failed, destroyed.output);
    t.deepEqual(await engine.resources(), []);
    t.deepEqual(sent(), [idOf("drifted")]);
}

test.serial("a stored state of version 1 refreshes, updates and destroys", (t) => live(t, stateV1));

test.serial("a stored state without evidence, adoptedFrom and reissues refreshes, updates and destroys", (t) => {
    const state = structuredClone(stateV1);
    for (const { outputs, inputs } of resourcesOf(state)) {
        delete outputs.evidence;
        delete outputs.adoptedFrom;
        if (outputs.reissues) {
            delete outputs.reissues;
            inputs.desiredStatus = "Cancelled";
        }
    }
    return live(t, state);
});

test.serial("a stored state is destroyed where only the SDK is installed, and not this package", async (t) => {
    const parent = await mkdtemp(join(tmpdir(), "defender-bare-"));
    t.teardown(() => rm(parent, { recursive: true, force: true }));
    await mkdir(join(parent, "node_modules", "@pulumi"), { recursive: true });
    const sdk = join("node_modules", "@pulumi", "pulumi");
    await symlink(join(packageRoot, sdk), join(parent, sdk), "junction");
    await using project = await startProject(
        { "Pulumi.yaml": "name: incident\nruntime: nodejs\n", "state.json": JSON.stringify(stateV1) },
        {},
        { parent },
    );
    for (const args of [
        ["stack", "init", "test"],
        ["stack", "import", "--file", "state.json"],
        ["destroy", "--yes"],
    ]) {
        const { all, exitCode } = await project.pulumi(...args);
        t.is(exitCode, 0, all);
    }
    const { all } = await project.pulumi("stack", "export");
    t.false(all.includes("defender:"), all);
});
