import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import grpc from "@grpc/grpc-js";
import test from "ava";
import fc from "fast-check";
import { wireValue } from "../../provider/lifecycles/wire-value.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { edited, hostileJson, hostileText } from "../helpers/hostile.ts";
import { outputValue, PluginFailure, secret, setUrnOf, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene({ DEFENDER_VISIBILITY_SECONDS: "0" });
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin, simulator } = scene;
const { engine } = plugin;

/** These stand for an action of each run of a property. */
const [id, other] = ["5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", "0d644968-1ae3-4156-8db4-825ef705871b"];
const names = [
    ...["machineActionId", "comment", "expect", "notAfter", "ifAlreadyFinal", "onReissue", "declaredBy", "evidence"],
    ...["cancellations", "maxCancellations", "results", "counts", "digest", "reissues", "status", "outcome", "failure"],
    ...["desiredStatus", "deviations", "fromQuery", "__provider", "value", "setUrn", "views", "accessToken", id, other],
];
const marks = [
    "not readable: ERR_DEFENDER_SERVER",
    unknownValue,
    "Cancelled",
    "InProgress",
    "cancelled",
    "p/s/n",
    1e300,
];
const plainJson = hostileJson(names, id, other, ...marks);
const anyJson = fc.oneof(
    { weight: 4, arbitrary: plainJson },
    { weight: 1, arbitrary: plainJson.map(secret) },
    { weight: 1, arbitrary: fc.record({ value: plainJson, secret: plainJson }).map(outputValue) },
);
const declaredBy = "incident/prod/fuzzed";
const common = { comment: "INC-4711", declaredBy, desiredStatus: "Cancelled" };
const record = { status: "Cancelled", type: "Isolate", outcome: "cancelled", confirmedAtUtc: "2026-05-04T11:00:01Z" };
const single = { ...common, machineActionId: id };
const set = { ...common, cancellations: [{ machineActionId: id }, { machineActionId: other }] };
const storedSet = {
    ...common,
    digest: "00",
    results: { [id]: { ...record, at: 0 }, [other]: { status: "Pending", at: 1 } },
};
const view = fc.record({
    name: fc.oneof(fc.constant("row"), hostileText),
    inputs: edited({ machineActionId: id, setUrn: setUrnOf("fuzzed") }, anyJson),
    outputs: edited({ machineActionId: id, ...record }, anyJson),
});
const request = fc.record({
    isSet: fc.boolean(),
    method: fc.constantFrom("check", "diff", "create", "update", "read", "delete", "import" as const),
    preview: fc.boolean(),
    name: fc.oneof({ weight: 4, arbitrary: fc.constant("fuzzed") }, { weight: 1, arbitrary: hostileText }),
    singles: fc.tuple(edited(single, anyJson), edited({ ...single, ...record }, anyJson)),
    sets: fc.tuple(edited(set, anyJson), edited(storedSet, anyJson)),
    oldViews: fc.array(view, { maxLength: 2 }),
});

/** As the engine sends it, with the ids of this run. */
function asSent<T extends object>(value: T, ids: readonly string[]): T {
    const [first = "", second = ""] = ids;
    return JSON.parse(JSON.stringify(wireValue(value)).replaceAll(id, first).replaceAll(other, second));
}

/** A failure as the engine shall show it: clean, without a secret, and not that of a program. */
function assertClean(text: string): void {
    assert.ok(!isDeceptive(text.replaceAll("\n", " ")), text);
    assert.ok(!text.includes(token));
    assert.doesNotMatch(
        text,
        /\b(?:Type|Range|URI|Syntax|Internal)Error\b|is not a function|Cannot (?:read|convert)|call stack/,
    );
    assert.doesNotMatch(text, /^\s*::/m);
}

test.serial(
    "each request of the engine gets an answer or a clean failure, and only create and update send",
    async (t) => {
        await fuzz(
            t,
            "requests of the engine",
            fc.asyncProperty(request, async (given) => {
                const ids = [scene.seed(), scene.seed()];
                const { isSet, method, preview, name, oldViews, singles, sets } = asSent(given, ids);
                const [news, olds] = isSet ? sets : singles;
                const urn = isSet ? setUrnOf(name) : urnOf(name);
                const resourceId = isSet ? "set-1" : (ids[0] ?? "");
                const options = { preview, oldViews, statusAddress: engine.address };
                simulator.clearRequests();
                engine.lines.splice(0);
                engine.views.splice(0);
                const calls = {
                    check: () => plugin.check(urn, news, olds),
                    diff: () => plugin.diff(urn, resourceId, { olds, news }),
                    create: () => plugin.create(urn, news, options),
                    update: () => plugin.update(urn, resourceId, { olds, news }, options),
                    read: () => plugin.read(urn, resourceId, { properties: olds, inputs: news }, options),
                    import: () => plugin.read(urn, resourceId, {}, options),
                    delete: () => plugin.delete(urn, resourceId, olds, options),
                };
                try {
                    await calls[method]();
                } catch (error) {
                    assert.ok(error instanceof PluginFailure, String(error));
                    assert.equal(
                        error.code,
                        error.kept ? grpc.status.UNKNOWN : grpc.status.FAILED_PRECONDITION,
                        error.message,
                    );
                    for (const text of [error.message, ...(error.kept?.reasons ?? [])]) {
                        assertClean(text);
                    }
                }
                for (const { line } of engine.lines) {
                    assertClean(line);
                }
                assert.ok(engine.views.every(({ error }) => error === ""));
                const cancels = simulator.requests.filter(({ operation }) => operation === "cancel");
                const maySend = (method === "create" || method === "update") && !preview;
                assert.ok(maySend || cancels.length === 0, `${method} has sent a cancel request`);
                assert.ok(cancels.every(({ actionId }) => JSON.stringify(news).includes(actionId ?? randomUUID())));
                assert.equal(new Set(cancels.map(({ actionId }) => actionId)).size, cancels.length, "once each");
            }),
        );
        t.false(/Unexpected error/.test(plugin.printed.stderr), plugin.printed.stderr);
        assertClean(plugin.printed.stderr);
    },
);

const hidden = "hidden-value-7f3a9c";
const anySetting = fc.oneof(
    anyJson,
    fc.constantFrom(secret(hidden), secret({ value: hidden }), secret([hidden]), "public"),
);
const settings = edited(
    { accessToken: secret(hidden), cloud: "public", visibilitySeconds: 0, preflight: "warn", views: true },
    anySetting,
);
const query = edited(
    { status: "Pending", type: "Isolate", machineId: id, createdAfter: "2026-05-04T10:00:00Z", top: 5 },
    anySetting,
);

test.serial("no failure of a setting or of a look-up is that of a program, or has a secret value", async (t) => {
    await scene.begin();
    await fuzz(
        t,
        "settings and look-ups of the engine",
        fc.asyncProperty(settings, settings, query, async (olds, news, args) => {
            const calls = [
                async () => (await plugin.checkConfig(wireValue(news))).failures.map(({ reason }) => reason),
                async () => void (await plugin.diffConfig(wireValue(olds), wireValue(news))),
                async () => void (await plugin.invoke("defender:index:getMachineActions", wireValue(args))),
            ];
            for (const call of calls) {
                const said = await call().catch((error) => {
                    assert.ok(error instanceof PluginFailure, String(error));
                    return [error.message];
                });
                for (const text of said ?? []) {
                    assertClean(text);
                    assert.ok(!text.includes(hidden), text);
                }
            }
        }),
    );
    assert.ok(!plugin.printed.stderr.includes(hidden));
});
