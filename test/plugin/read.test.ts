import grpc from "@grpc/grpc-js";
import test from "ava";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { type KeptAnswer, type PluginFailure, setUrnOf, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene();
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin, declared } = scene;

interface Stored {
    readonly urn: string;
    readonly id: string;
    readonly inputs: Properties;
    readonly properties: Properties;
}

async function stored(name: string): Promise<Stored> {
    const urn = urnOf(name);
    const inputs = await declared(urn, { expect: { type: "Isolate" } });
    const { id, properties } = await plugin.create(urn, inputs);
    return { urn, id, inputs, properties };
}

async function storedSet(name: string): Promise<Stored> {
    const urn = setUrnOf(name);
    const cancellations = [{ machineActionId: scene.seed() }, { machineActionId: scene.seed() }];
    const { inputs } = await plugin.check(urn, { comment: "INC-4711", cancellations });
    const { id, properties } = await plugin.create(urn, inputs);
    return { urn, id, inputs, properties };
}

const refresh = ({ urn, id, properties, inputs }: Stored) => plugin.read(urn, id, { properties, inputs });

async function keptBy(record: Stored): Promise<KeptAnswer> {
    const failure: PluginFailure = await refresh(record).then(
        () => {
            throw new Error("the record was read");
        },
        (error) => error,
    );
    if (!failure.kept || failure.code !== grpc.status.UNKNOWN) {
        throw new Error(`no partial failure: ${failure.code} ${failure.message}`);
    }
    return failure.kept;
}

test.serial("a refresh shows drift as the desired status, and the next update cancels again", async (t) => {
    const record = await stored("drift");
    t.like(await refresh(record), {
        properties: record.properties,
        inputs: { desiredStatus: "Cancelled" },
        refreshBeforeUpdate: true,
    });
    scene.simulator.resume(record.id);
    const { inputs, properties, refreshBeforeUpdate } = await refresh(record);
    t.true(refreshBeforeUpdate);
    t.deepEqual([inputs.desiredStatus, properties.status], ["InProgress", "InProgress"]);
    const { inputs: news } = await plugin.check(record.urn, record.inputs, inputs);
    t.like(await plugin.diff(record.urn, record.id, { olds: properties, news, oldInputs: inputs }), {
        changes: true,
        detailed: { desiredStatus: "UPDATE" },
    });
    const updated = await plugin.update(record.urn, record.id, { olds: properties, news });
    t.is(updated.properties.status, "Cancelled");
});

test.serial("a known record that cannot be read is kept byte for byte, and the update reads it again", async (t) => {
    const records = [await stored("kept"), await storedSet("kept-set")];
    const before = plugin.engine.lines.length;
    for (const [fault, code] of [
        [
            {
                name: "answer",
                when: "before",
                status: 403,
                body: `{"error":{"code":"Forbidden","message":"no role for ${token}"}}`,
            },
            "ERR_DEFENDER_FORBIDDEN",
        ],
        ["401", "ERR_DEFENDER_UNAUTHORIZED"],
    ] as const) {
        for (const record of records) {
            await scene.begin();
            scene.faults = () => fault;
            const kept = await keptBy(record);
            t.deepEqual(kept.properties, record.properties);
            t.is(kept.id, record.id);
            t.false(JSON.stringify(kept).includes(token));
            t.true(kept.refreshBeforeUpdate);
            t.true(JSON.stringify(kept.inputs).includes(`not readable: ${code}`), JSON.stringify(kept.inputs));
            t.true(kept.reasons.some((reason) => reason.includes(code)));
            t.regex(kept.reasons.join(), /The next refresh reads it again/);
            const news = (await plugin.check(record.urn, record.inputs, kept.inputs ?? {})).inputs;
            const given = { olds: kept.properties, news };
            t.true((await plugin.diff(record.urn, record.id, { ...given, oldInputs: kept.inputs ?? {} })).changes);
            const error = await t.throwsAsync<PluginFailure>(plugin.update(record.urn, record.id, given));
            t.regex(error.message, new RegExp(code));
            scene.faults = () => undefined;
            t.deepEqual(
                (await plugin.update(record.urn, record.id, given)).properties.status,
                record.properties.status,
            );
            await plugin.delete(record.urn, record.id, record.properties);
        }
    }
    t.true(plugin.engine.lines.slice(before).every(({ severity }) => severity !== "error"));
});

test.serial("a record without a credential, or with settings that are wrong, is kept too", async (t) => {
    const record = await stored("no-credential");
    for (const [config, code] of [
        [{}, "ERR_DEFENDER_NO_CREDENTIAL"],
        [{ accessToken: token, cloud: "mars" }, "ERR_DEFENDER_CONFIGURATION"],
    ] as const) {
        await scene.begin(config);
        const kept = await keptBy(record);
        t.deepEqual(kept.properties, record.properties);
        t.is(kept.inputs?.desiredStatus, `not readable: ${code}`);
    }
    await scene.begin();
});

test.serial("an edited state is kept, and nothing is sent for it", async (t) => {
    const record = await stored("edited");
    const hostile = [
        { evidence: ["steal()"] },
        { reissues: { id: "../../machines" } },
        { status: { deep: [null, { toString: "x" }] } },
        { expect: [1, null] },
        { declaredBy: 7, comment: null, desiredStatus: { a: 1 } },
        { results: "none" },
    ];
    for (const changes of hostile) {
        const properties = { ...record.properties, ...changes };
        const answer = await refresh({ ...record, properties }).catch((error: PluginFailure) => error.kept);
        t.truthy(answer?.properties, JSON.stringify(changes));
    }
    const set = await storedSet("edited-set");
    for (const changes of [
        { results: { "../x": {} } },
        { results: [1] },
        { evidence: "x" },
        { results: { a: null } },
    ]) {
        const kept = await keptBy({ ...set, properties: { ...set.properties, ...changes } });
        t.regex(kept.reasons.join(), /ERR_DEFENDER_STATE/);
    }
    await plugin.delete("urn:pulumi:p::s::defender:index:MachineAction::row", "x", { results: { a: null } });
    const path = await keptBy({ ...record, id: "../../machines/isolate" });
    t.regex(path.reasons.join(), /ERR_DEFENDER_STATE/);
    t.deepEqual(
        scene.requests().filter((operation) => operation === "other"),
        [],
    );
});

test.serial("only an action that has ended can be imported, and a get may watch any", async (t) => {
    const imports = async (action: object) => {
        const id = scene.seed(action);
        return { id, read: await plugin.read(urnOf("imported"), id.toUpperCase(), {}) };
    };
    const cancelled = await imports({
        status: "Cancelled",
        cancellationComment: "INC-4711 [pulumi a/b/c 0123456789ab]",
    });
    t.like(cancelled.read, { id: cancelled.id, refreshBeforeUpdate: true });
    t.like(cancelled.read.inputs, {
        machineActionId: cancelled.id,
        comment: "INC-4711",
        declaredBy: "incident/prod/imported",
        desiredStatus: "Cancelled",
    });
    const late = await imports({ status: "Succeeded" });
    t.like(late.read.inputs, { ifAlreadyFinal: "accept" });
    t.is(scene.requests(late.id).length, 1, "an import reads its action once");
    for (const [action, message] of [
        [{}, /is Pending: only an action that has ended can be imported/],
        [{ behaviour: "never-final" }, /is InProgress: only an action that has ended/],
    ] as const) {
        await t.throwsAsync(imports(action), { message });
    }
    const missing = "00000000-0000-4000-8000-000000000000";
    await t.throwsAsync(plugin.read(urnOf("x"), missing, {}), { message: /ERR_DEFENDER_NOT_FOUND/ });
    await t.throwsAsync(plugin.read(urnOf("x"), "../machines", {}), { message: /expected a GUID/ });
    await t.throwsAsync(plugin.read(setUrnOf("x"), "set-1", {}), { message: /a set cannot be imported/ });
    const asGet = { properties: {}, inputs: {} };
    await t.throwsAsync(plugin.read(setUrnOf("x"), "set-1", asGet), { message: /a set cannot be read by its id/ });
    const watched = scene.seed();
    const got = await plugin.read(urnOf("watched"), watched, asGet);
    t.like(got.properties, { machineActionId: watched, status: "Pending", comment: "" });
    t.deepEqual(
        scene.requests(watched).filter((operation) => operation === "cancel"),
        [],
    );
});

test.serial("an old record is kept while the API is down, and destroy needs no API", async (t) => {
    const record = await stored("down");
    await scene.begin();
    await scene.simulator.close();
    const kept = await keptBy(record);
    t.deepEqual(kept.properties, record.properties);
    t.is(kept.inputs?.desiredStatus, "not readable: ERR_DEFENDER_NETWORK");
    await plugin.delete(record.urn, record.id, record.properties);
    t.false(JSON.stringify([plugin.engine.lines, plugin.printed]).includes(token));
});
