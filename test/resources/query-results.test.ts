import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import {
    getMachineActions,
    getMachineActionsOutput,
    MachineActionCancellation,
    MachineActionCancellationSet,
    type MachineActionCancellationSetArgs,
} from "../../provider/index.ts";
import { startSimulator } from "../../simulator/index.ts";
import { useOwnCache } from "../helpers/own-cache.ts";

const registered = new Map<string, pulumi.runtime.MockResourceArgs>();

test.before(async () => {
    await pulumi.runtime.setMocks(
        {
            newResource(args) {
                registered.set(args.name, args);
                return { id: args.id || args.name, state: args.inputs };
            },
            call: () => ({}),
        },
        "project",
        "stack",
    );
    process.env.DEFENDER_ACCESS_TOKEN = "look-up-token";
    useOwnCache();
});

/** The inputs of a resource as they reach the engine. */
async function inputsOf(resource: pulumi.CustomResource): Promise<Record<string, unknown>> {
    const urn = await new Promise<string>((resolve) => resource.urn.apply(resolve));
    return registered.get(urn.split("::").at(-1) ?? "")?.inputs ?? {};
}

const ofSet = async (cancellations: MachineActionCancellationSetArgs["cancellations"]) =>
    (await inputsOf(new MachineActionCancellationSet(randomUUID(), { cancellations, comment: "INC-4711" }))).fromQuery;

const ofSingle = async (machineActionId: pulumi.Input<string>) =>
    (await inputsOf(new MachineActionCancellation(randomUUID(), { machineActionId, comment: "INC-4711" }))).fromQuery;

const entries = (ids: readonly string[]) => ids.map((machineActionId) => ({ machineActionId }));

test.serial("before any look-up no input is added, whatever form the list has", async (t) => {
    const ids = [randomUUID(), randomUUID()];
    for (const cancellations of [entries(ids), Promise.resolve(entries(ids)), pulumi.output(entries(ids)), []]) {
        const inputs = await inputsOf(
            new MachineActionCancellationSet(randomUUID(), { cancellations, comment: "INC-4711" }),
        );
        t.deepEqual(Object.keys(inputs).sort(), ["__provider", "cancellations", "comment", "declaredBy"]);
    }
    t.is(await ofSingle(randomUUID()), undefined);
});

test.serial("a promised list whose look-up begins later is counted", async (t) => {
    const ids = [randomUUID(), randomUUID()];
    await using simulator = await startSimulator({ actions: ids.map((id) => ({ id })) });
    process.env.DEFENDER_API_URL = simulator.url;
    const promised = Promise.resolve()
        .then(() => getMachineActions())
        .then((actions) => actions.map(({ id }) => ({ machineActionId: id })));
    t.is(await ofSet(promised), 2);
});

test.serial("ids that a look-up has found are counted, in whatever case and form, and others are not", async (t) => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const [first = "", second = "", third = ""] = ids;
    await using simulator = await startSimulator({
        actions: ids.map((id, index) => ({ id, status: index < 2 ? "Pending" : "Succeeded" })),
    });
    process.env.DEFENDER_API_URL = simulator.url;
    t.is(await ofSet(entries(ids)), undefined, "nothing has found them yet");

    const found = await getMachineActions({ status: "Pending" });
    t.is(found.length, 2);
    const declared = found.map(({ id }) => ({ machineActionId: id.toUpperCase() }));
    t.is(await ofSet(declared), 2);
    t.is(await ofSet([...declared, { machineActionId: randomUUID() }]), 2);
    t.is(await ofSet(pulumi.output(declared)), 2);
    t.is(await ofSet([pulumi.output({ machineActionId: pulumi.output(first) })]), 1);
    t.is(await ofSet(entries([third])), undefined, "the query was not for this one");
    t.is(await ofSingle(second), 1);
    t.is(await ofSingle(pulumi.output(second)), 1);
    t.is(await ofSingle(third), undefined);

    const later = getMachineActionsOutput({ status: pulumi.output("Succeeded") });
    t.is(await ofSet(later.apply((actions) => actions.map(({ id }) => ({ machineActionId: id })))), 1);
});

test.serial("what is only watched has no such input", async (t) => {
    const id = randomUUID();
    await using simulator = await startSimulator({ actions: [{ id }] });
    process.env.DEFENDER_API_URL = simulator.url;
    await getMachineActions();
    t.is((await inputsOf(MachineActionCancellation.get(randomUUID(), id))).fromQuery, undefined);
    t.is(await ofSingle(id), 1);
});

test.serial("nobody passes the input by hand", async (t) => {
    const args = { cancellations: [], comment: "INC-4711", fromQuery: 7 };
    t.false("fromQuery" in (await inputsOf(new MachineActionCancellationSet(randomUUID(), args))));
});
