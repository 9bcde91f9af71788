import test from "ava";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { type PluginFailure, secret, setUrnOf, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene({ DEFENDER_PREFLIGHT_SECONDS: "1" });
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin, declared } = scene;
const { engine } = plugin;
const preview = { preview: true };

test.serial("a preview of 200 single cancellations, 8 at a time, sends at most 10 requests", async (t) => {
    const all = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
            const urn = urnOf(`many-${index}`);
            return { urn, news: await declared(urn) };
        }),
    );
    scene.simulator.clearRequests();
    const rest = [...all];
    const work = async () => {
        for (let next = rest.pop(); next; next = rest.pop()) {
            const { properties } = await plugin.create(next.urn, next.news, preview);
            t.is(properties.type, "Isolate");
        }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    const requests = scene.requests();
    t.true(requests.length <= 10, `${requests.length} requests`);
    t.true(requests.every((operation) => operation !== "cancel"));
    for (const { urn, news } of all) {
        const [line = "", ...others] = engine.linesOf(urn);
        t.regex(line, /^would cancel: /);
        t.is(others.length, 0, String(news.machineActionId));
    }
});

test.serial("a preview shows the outputs that the reading shows, and the others as unknown", async (t) => {
    await scene.begin();
    const urn = urnOf("outputs");
    const news = await declared(urn, {}, { computerDnsName: "ws-1.contoso.example" });
    const given = { ...news, machineActionId: secret(news.machineActionId) };
    const { id, properties, refreshBeforeUpdate } = await plugin.create(urn, given, preview);
    t.deepEqual([id, refreshBeforeUpdate], ["", true]);
    t.like(properties, {
        machineActionId: secret(news.machineActionId),
        computerDnsName: "ws-1.contoso.example",
        status: unknownValue,
        outcome: unknownValue,
        evidence: unknownValue,
    });
    const unknown = await plugin.create(urn, { ...news, machineActionId: unknownValue }, preview);
    t.like(unknown.properties, { machineActionId: unknownValue, computerDnsName: unknownValue, comment: "INC-4711" });
    t.regex(engine.linesOf(urn).at(-1) ?? "", /machineActionId/);
    const done = await plugin.create(urn, news);
    const edited = { olds: done.properties, news: { ...news, comment: "INC-4712" } };
    const update = await plugin.update(urn, done.id, edited, preview);
    t.like(update.properties, { status: "Cancelled", outcome: "cancelled", comment: "INC-4712" });
    // Another action, which the preview does not know yet, has other outputs.
    const other = { olds: done.properties, news: { ...news, machineActionId: unknownValue } };
    const replaced = await plugin.update(urn, done.id, other, preview);
    t.like(replaced.properties, { status: unknownValue, computerDnsName: unknownValue });
});

test.serial("a set has one line and a known digest, if its list is known", async (t) => {
    await scene.begin();
    const urn = setUrnOf("playbook");
    const cancellations = [{ machineActionId: scene.seed() }, { machineActionId: scene.seed() }];
    const { inputs } = await plugin.check(urn, { comment: "INC-4711", cancellations });
    const { properties } = await plugin.create(urn, inputs, preview);
    t.regex(String(properties.digest), /^[0-9a-f]{64}$/);
    t.like(properties, { results: unknownValue, counts: unknownValue, evidence: unknownValue });
    t.false("cancellations" in properties);
    t.is(engine.linesOf(urn).length, 1);
    for (const list of [unknownValue, [...cancellations, unknownValue], [{ machineActionId: unknownValue }]]) {
        const unknown = await plugin.create(urn, { ...inputs, cancellations: list }, preview);
        t.is(unknown.properties.digest, unknownValue);
    }
});

test.serial(
    "strict makes what must fail a failed preview, and only the environment switches previews off",
    async (t) => {
        await scene.begin({ accessToken: token, preflight: "strict" });
        const urn = urnOf("strict");
        const late = await declared(urn, {}, { status: "Succeeded" });
        const error = await t.throwsAsync<PluginFailure>(plugin.create(urn, late, preview));
        t.regex(error.message, /up would fail for 1 of the resources in this preview/);
        t.regex(engine.linesOf(urn).at(-1) ?? "", /^too late: .* Succeeded/);
        t.is(error.kept, undefined);
        // One step fails, and only after all plans have been shown: a step that fails ends the preview.
        await scene.begin({ accessToken: token, preflight: "strict" });
        const urns = ["late-1", "late-2", "fine"].map((name) => urnOf(name));
        const ends = await Promise.allSettled(
            urns.map(async (one, index) =>
                plugin.create(one, await declared(one, {}, index < 2 ? { status: "Succeeded" } : {}), preview),
            ),
        );
        t.is(ends.filter(({ status }) => status === "rejected").length, 1);
        const shown = urns.map((one) => engine.linesOf(one).join());
        t.regex(shown.join("; "), /^too late: .*; too late: .*; would cancel: /s);
        await scene.begin();
        await plugin.create(urn, late, preview);
        t.regex(engine.linesOf(urn).at(-1) ?? "", /^too late: .* Succeeded/);
        await scene.begin({ accessToken: token, preflight: "off" });
        await plugin.create(urn, late, preview);
        t.regex(engine.linesOf(urn).at(-1) ?? "", /could not look.*DEFENDER_PREFLIGHT=off in the environment/);
    },
);

test.serial("a preview waits for its answers as long as is set, and not again for each resource", async (t) => {
    await scene.begin();
    scene.faults = () => ({ name: "slow first byte", milliseconds: 20_000 });
    const rows = await Promise.all(
        ["slow-1", "slow-2"].map(async (name) => ({ urn: urnOf(name), news: await declared(urnOf(name)) })),
    );
    const said = [
        /could not look: no answer within 1 s: waited for the list of actions/,
        /could not look: ERR_DEFENDER_NETWORK: same cause as slow-1$/,
    ];
    for (const [at, { urn, news }] of rows.entries()) {
        await plugin.create(urn, news, preview);
        t.regex(engine.linesOf(urn).join(), said[at] ?? /^$/);
    }
    const onStack = engine.linesOf("").filter((line) => line.includes("same cause as slow-1"));
    t.deepEqual(onStack, ["1 more resource (slow-2): could not look: ERR_DEFENDER_NETWORK: same cause as slow-1"]);
});

test.serial("a cancelled preview logs no plan of what it did not look at", async (t) => {
    await scene.begin();
    const urn = urnOf("cancelled");
    const running = plugin.create(urn, await declared(urn), preview);
    await plugin.cancel();
    await running.catch(() => undefined);
    const after = urnOf("after-cancel");
    await plugin.create(after, await declared(after), preview).catch(() => undefined);
    t.deepEqual([...engine.linesOf(urn), ...engine.linesOf(after)], []);
    scene.faults = () => undefined;
    t.false(JSON.stringify([engine.lines, plugin.printed]).includes(token));
});
