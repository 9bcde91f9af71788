import test from "ava";
import { type Properties, unknownValue } from "../../provider/schema/input-rules.ts";
import { secret, setUrnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene();
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin } = scene;
const { engine } = plugin;
const urn = setUrnOf("rows");

/** Does a step, and returns the views that it published as `OP name status`. */
async function rowsOf<T>(step: Promise<T>): Promise<{ readonly answer: T; readonly rows: string[] }> {
    const before = engine.views.length;
    const answer = await step;
    const views = engine.views.slice(before);
    return { answer, rows: views.map(({ op, name, outputs }) => `${op} ${name} ${outputs.status ?? "-"}`.trim()) };
}

const statusAddress = engine.address;

function oldViews(properties: Properties, owner: string = urn) {
    return Object.entries(properties.results as Record<string, Properties>).map(([machineActionId, outputs]) => ({
        name: `row-${machineActionId}`,
        inputs: { machineActionId, setUrn: owner },
        outputs: { machineActionId, ...outputs },
    }));
}

async function declaredSet(ids: readonly unknown[], changes: Properties = {}): Promise<Properties> {
    const cancellations = ids.map((machineActionId) => ({ machineActionId }));
    return (await plugin.check(urn, { comment: "INC-4711", cancellations, ...changes })).inputs;
}

test.serial("each step of a set publishes its rows, and a refresh those alone that changed", async (t) => {
    const ids = [scene.seed({ computerDnsName: "ws-1.contoso.example" }), scene.seed({ computerDnsName: null })];
    const [first = "", second = ""] = ids;
    const news = await declaredSet(ids);
    const planned = await rowsOf(plugin.create(urn, news, { preview: true, statusAddress }));
    const [start, otherStart] = ids.map((one) => one.slice(0, 8));
    t.deepEqual(planned.rows.sort(), [`CREATE rows-ws-1-${start} -`, `CREATE rows-${otherStart} -`].sort());
    const created = await rowsOf(plugin.create(urn, news, { statusAddress }));
    t.deepEqual(
        created.rows.sort(),
        [`CREATE rows-ws-1-${start} Cancelled`, `CREATE rows-${otherStart} Cancelled`].sort(),
    );
    const { id, properties } = created.answer;
    const views = { statusAddress, oldViews: oldViews(properties) };
    const still = await rowsOf(plugin.read(urn, id, { properties, inputs: news }, views));
    t.deepEqual(still.rows, []);
    scene.simulator.resume(first);
    const drifted = await rowsOf(plugin.read(urn, id, { properties, inputs: news }, views));
    t.deepEqual(drifted.rows, [`UPDATE row-${first} InProgress`]);
    const fewer = await declaredSet([first]);
    const given = { olds: drifted.answer.properties, news: fewer };
    const now = { statusAddress, oldViews: oldViews(drifted.answer.properties) };
    // A preview that does not know the list removes no row.
    const unknown = { ...given, news: { ...fewer, cancellations: unknownValue } };
    t.deepEqual((await rowsOf(plugin.update(urn, id, unknown, { preview: true, ...now }))).rows, []);
    scene.simulator.finish(first, "Cancelled");
    const updated = await rowsOf(plugin.update(urn, id, given, now));
    t.deepEqual(updated.rows.sort(), [`DELETE row-${second} -`, `UPDATE row-${first} Cancelled`]);
    // While the replaced set is in the state, the engine would refuse its rows twice.
    t.deepEqual((await rowsOf(plugin.create(urn, await declaredSet([scene.seed()]), { statusAddress }))).rows, []);
    const deleted = await rowsOf(plugin.delete(urn, id, updated.answer.properties, views));
    t.is(deleted.rows.length, 2);
    t.true(deleted.rows.every((row) => row.startsWith("DELETE ")));
});

test.serial("a preview and its update give a new row the same name, and it is that of no other row", async (t) => {
    await scene.begin();
    const twins = [1, 2, 3].map((nth) =>
        scene.seed({
            id: `5f2c7a10-0000-4000-8000-00000000000${nth}`,
            computerDnsName: "ws-1.contoso.example",
            // The last one ends before it can be cancelled: it has no row.
            ...(nth === 3 ? { status: "Succeeded" } : {}),
        }),
    );
    const [first = "", second = "", ended = ""] = twins;
    const other = setUrnOf("twins");
    const stored = { name: "twins-ws-1-5f2c7a10", inputs: { machineActionId: first, setUrn: other }, outputs: {} };
    const { answer } = await rowsOf(plugin.create(other, await declaredSet([first]), { statusAddress }));
    const cases = [
        { ids: [first, second], rows: [`CREATE twins-ws-1-${second}`, `UPDATE ${stored.name}`] },
        // The stored row goes only after the new one has come.
        { ids: [second], rows: [`CREATE twins-ws-1-${second}`, `DELETE ${stored.name}`] },
        { ids: [second, ended], rows: [`CREATE twins-ws-1-${second}`, `DELETE ${stored.name}`] },
    ];
    for (const { ids, rows } of cases) {
        const given = { olds: answer.properties, news: await declaredSet(ids) };
        for (const preview of [true, false]) {
            const before = engine.views.length;
            await plugin
                .update(other, answer.id, given, { preview, statusAddress, oldViews: [stored] })
                .catch(() => undefined);
            const shown = engine.views.slice(before).map(({ op, name }) => `${op} ${name}`);
            t.deepEqual(shown.sort(), preview ? rows.map((row) => row.replace("UPDATE", "SAME")) : rows);
        }
    }
    for (const preview of [true, false]) {
        const before = engine.views.length;
        const news = await declaredSet([second, ended]);
        await plugin.create(setUrnOf("new"), news, { preview, statusAddress }).catch(() => undefined);
        t.deepEqual(
            engine.views.slice(before).map(({ op, name }) => `${op} ${name}`),
            [`CREATE new-ws-1-${second}`],
        );
    }
});

test.serial("the row of an action that was issued again is named after its machine, in a preview too", async (t) => {
    await scene.begin();
    const machineActionId = scene.seed({ computerDnsName: "ws-1.contoso.example" });
    const news = await declaredSet([machineActionId]);
    // Without rows, as with `views: false`.
    const { id, properties } = await plugin.create(urn, news, {});
    scene.simulator.reissue(machineActionId);
    await scene.begin();
    const read = await plugin.read(urn, id, { properties, inputs: news });
    for (const preview of [true, false]) {
        const before = engine.views.length;
        const given = { olds: read.properties, news };
        await plugin.update(urn, id, given, { preview, statusAddress }).catch(() => undefined);
        const names = engine.views.slice(before).map(({ name }) => name);
        t.deepEqual(names, [`rows-ws-1-${machineActionId.slice(0, 8)}`], preview ? "preview" : "update");
    }
});

test.serial("rows of another URN are left alone, because the engine would not find them", async (t) => {
    await scene.begin();
    const news = await declaredSet([scene.seed()]);
    const { answer } = await rowsOf(plugin.create(urn, news, { statusAddress }));
    const { id, properties } = answer;
    const now = { statusAddress, oldViews: oldViews(properties, setUrnOf("renamed")) };
    const given = { olds: properties, news: { ...news, comment: "INC-4711, approved" } };
    t.deepEqual((await rowsOf(plugin.update(urn, id, given, { preview: true, ...now }))).rows, []);
    t.deepEqual((await rowsOf(plugin.update(urn, id, given, now))).rows, []);
});

test.serial(
    "rows with the URN that the set had before its stack was renamed get the new one, and go with the set",
    async (t) => {
        await scene.begin();
        const news = await declaredSet([scene.seed()]);
        const { answer } = await rowsOf(plugin.create(urn, news, { statusAddress }));
        const { id, properties } = answer;
        const now = { statusAddress, oldViews: oldViews(properties, urn.replace(":prod:", ":staging:")) };
        const refreshed = await rowsOf(plugin.read(urn, id, { properties, inputs: news }, now));
        t.regex(refreshed.rows.join(), /^UPDATE row-\S+ Cancelled$/);
        t.regex((await rowsOf(plugin.delete(urn, id, properties, now))).rows.join(), /^DELETE row-\S+ -$/);
    },
);

test.serial("a name in an edited state does not reach a terminal by the name of a row", async (t) => {
    await scene.begin();
    const machineActionId = scene.seed({ computerDnsName: "ws-1.contoso.example" });
    const news = await declaredSet([machineActionId]);
    const { id, properties } = await plugin.create(urn, news, { statusAddress });
    const results = properties.results as Record<string, Properties>;
    const computerDnsName = `ws\u001b[2J-\r\n${"1".repeat(500)}`;
    const olds = { ...properties, results: { [machineActionId]: { ...results[machineActionId], computerDnsName } } };
    const edited = { ...news, comment: "INC-4711, approved" };
    const { rows } = await rowsOf(plugin.update(urn, id, { olds, news: edited }, { statusAddress }));
    t.deepEqual(rows, [`CREATE rows-ws- ${"1".repeat(59)}…-${machineActionId.slice(0, 8)} Cancelled`]);
});

test.serial("no row has an error, neither after a failed step nor in a refresh that reads nothing", async (t) => {
    await scene.begin();
    const news = await declaredSet([scene.seed(), scene.seed({ status: "Succeeded" })]);
    // What would fail has none, in a preview as in an update.
    const planned = await rowsOf(plugin.create(urn, news, { preview: true, statusAddress }));
    t.is(planned.rows.length, 1);
    const before = engine.views.length;
    const failed = await plugin.create(urn, news, { statusAddress }).catch((error) => error.kept);
    t.is(engine.views.length, before + 1);
    scene.faults = () => "401";
    await scene.begin();
    const views = { statusAddress, oldViews: oldViews(failed.properties) };
    const { rows } = await rowsOf(
        plugin.read(urn, failed.id, { properties: failed.properties, inputs: news }, views).catch(() => undefined),
    );
    t.deepEqual(rows, []);
    scene.faults = () => undefined;
    t.true(engine.views.every(({ error }) => error === ""));
});

test.serial("a set of more than 100, one with secrets and one with views: false have no rows", async (t) => {
    await scene.begin();
    const many = await declaredSet(
        Array.from({ length: 101 }, () => scene.seed()),
        { maxCancellations: 200 },
    );
    t.deepEqual((await rowsOf(plugin.create(urn, many, { preview: true, statusAddress }))).rows, []);
    const hidden = await declaredSet([secret(scene.seed()), scene.seed()]);
    t.deepEqual((await rowsOf(plugin.create(urn, hidden, { statusAddress }))).rows, []);
    const news = await declaredSet([scene.seed()]);
    const { answer } = await rowsOf(plugin.create(urn, news, { statusAddress }));
    await scene.begin({ accessToken: token, views: "false" });
    const views = { statusAddress, oldViews: oldViews(answer.properties) };
    const { rows } = await rowsOf(plugin.update(urn, answer.id, { olds: answer.properties, news }, views));
    t.regex(rows.join(), /^DELETE row-\S+ -$/);
});

test.serial("an engine that takes no rows fails no step, and neither does an edited setting", async (t) => {
    await scene.begin({ accessToken: token, views: { toString: "edited in the state" } });
    engine.answer = "with an error";
    const refused = await plugin.create(urn, await declaredSet([scene.seed()]), { statusAddress });
    t.like(refused.properties, { counts: { cancelled: 1 } });
    engine.answer = "normally";
    for (const address of ["127.0.0.1:1", "no address", "unix:///none"]) {
        const { properties } = await plugin.create(urn, await declaredSet([scene.seed()]), { statusAddress: address });
        t.like(properties, { counts: { cancelled: 1 } }, address);
    }
    t.regex(plugin.printed.stderr, /The rows of a set could not be shown/);
});

test.serial("an idle process ends when the engine does", async (t) => {
    plugin.endStdin();
    t.is(await plugin.ended, 1);
});
