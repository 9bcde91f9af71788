import test from "ava";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { outputValue, type PluginFailure, secret, setUrnOf, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene();
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin } = scene;

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "6a3d8b21-a4c5-4d2f-9e30-7b8c9d0e1f2a";
const urn = urnOf("isolation");
const setUrn = setUrnOf("playbook");
const news = { machineActionId, comment: "INC-4711" };

test("check takes the owner of a declaration from the URN, and not from inputs or state", async (t) => {
    const foreign = { declaredBy: "other/prod/theirs", __provider: "exports.handler = () => steal()" };
    const { inputs, failures } = await plugin.check(urn, { ...news, ...foreign }, { ...news, ...foreign });
    t.deepEqual(failures, []);
    t.deepEqual(inputs, { ...news, declaredBy: "incident/prod/isolation", desiredStatus: "Cancelled" });
    for (const name of ["a::b", "a$b", "defender:index:Other::$x", "line\nbreak"]) {
        t.is((await plugin.check(urnOf(name), news)).inputs.declaredBy, `incident/prod/${name}`);
    }
    const child = "urn:pulumi:prod::incident::my:comp:Component$defender:index:MachineActionCancellation::child";
    t.is((await plugin.check(child, news)).inputs.declaredBy, "incident/prod/child");
});

test("a set keeps its name as long as it may have rows, which Pulumi does not move with an alias", async (t) => {
    const set = { comment: "INC-4711", cancellations: [{ machineActionId }] };
    const refused = async (olds: object) => (await plugin.check(setUrn, set, { ...set, ...olds })).failures.length;
    t.is(await refused({ declaredBy: "incident/prod/another" }), 1);
    t.is(await refused({ declaredBy: "incident/prod/playbook" }), 0);
    t.is(await refused({ declaredBy: "incident/staging/playbook" }), 0, "the stack was renamed");
    t.is(await refused({ declaredBy: "incident/prod/another", __provider: "text" }), 0, "a dynamic set has no rows");
    const hidden = { declaredBy: "incident/prod/another", cancellations: [{ machineActionId: secret(other) }] };
    t.is(await refused(hidden), 0, "a secret list has no rows");
    const many = Array.from({ length: 101 }, () => ({ machineActionId }));
    t.is(await refused({ declaredBy: "incident/prod/another", cancellations: many }), 0, "a large set has no rows");
    t.is((await plugin.check(urn, news, { ...news, declaredBy: "incident/prod/another" })).failures.length, 0);
});

test("a type of another package or of the dynamic provider is refused", async (t) => {
    const types = ["aws:s3:Bucket", "pulumi-nodejs:dynamic/defender:MachineActionCancellation", "toString"];
    for (const type of types) {
        const foreign = `urn:pulumi:prod::incident::${type}::x`;
        const error = await t.throwsAsync<PluginFailure>(plugin.check(foreign, news));
        t.regex(error.message, /is not a type of this provider/, type);
    }
    await t.throwsAsync(plugin.check("no URN", news), { message: /is not a type of this provider/ });
});

test("check names unknown and unusable inputs, and lets values pass that a preview does not know", async (t) => {
    const { failures } = await plugin.check(urn, { ...news, notBefore: "now", expect: { host: "a" }, notAfter: null });
    t.deepEqual(failures.map(({ property }) => property).sort(), ["expect.host", "notAfter", "notBefore"]);
    const resource = outputValue({ urn: "urn:x", id: "y" });
    t.deepEqual((await plugin.check(urn, { ...news, expect: [resource] })).failures.length, 1);
    const unknown = { machineActionId: unknownValue, comment: unknownValue, expect: { type: unknownValue } };
    t.deepEqual((await plugin.check(urn, unknown)).failures, []);
    t.deepEqual((await plugin.check(setUrn, { comment: "INC-4711", cancellations: unknownValue })).failures, []);
    const asOutput = {
        machineActionId: outputValue({ dependencies: [] }),
        comment: outputValue({ value: "INC-4711" }),
    };
    const checked = await plugin.check(urn, asOutput);
    t.deepEqual([checked.failures, checked.inputs.machineActionId], [[], unknownValue]);
});

test("inputs of any depth and size get an answer, and the process goes on", async (t) => {
    let deep: unknown = "x";
    for (let level = 0; level < 200; level++) {
        deep = { level: deep };
    }
    await plugin.check(urn, { ...news, expect: deep }).catch(() => undefined);
    const long = "x".repeat(500_000);
    const { failures } = await plugin.check(urn, { ...news, [long.slice(0, 100_000)]: long });
    t.is(failures.length, 1);
    t.true((failures[0]?.reason.length ?? 0) < 1_000);
    t.deepEqual((await plugin.check(urn, news)).failures, []);
});

test("text that a reviewer approves must not be secret, at any depth", async (t) => {
    for (const [at, given] of [
        ["comment", { comment: secret("hidden") }],
        ["comment", { comment: outputValue({ value: "hidden", secret: true }) }],
        ["expect", { expect: secret({ type: "hidden" }) }],
        ["expect", { expect: { type: "Isolate", requestor: secret("hidden") } }],
        ["expect", { expect: secret(unknownValue) }],
    ] as const) {
        const { failures } = await plugin.check(urn, { ...news, ...given });
        t.true(
            failures.every(({ property, reason }) => property === "" && !reason.includes("hidden")),
            at,
        );
        t.true(
            failures.some(({ reason }) => reason.startsWith(`${at} is secret`)),
            at,
        );
    }
    for (const [at, cancellations] of [
        ["cancellations", secret([{ machineActionId }])],
        ["cancellations[0]", [secret({ machineActionId })]],
        [
            "cancellations[1].expect",
            [{ machineActionId }, { machineActionId: other, expect: { type: secret("hidden") } }],
        ],
    ] as const) {
        const { failures } = await plugin.check(setUrn, { comment: "INC-4711", cancellations });
        t.deepEqual(
            failures.map(({ property, reason }) => [property, reason.split(" is secret")[0]]),
            [["", at]],
        );
    }
});

test("one mistake in thousands of entries is reported a few times", async (t) => {
    const cancellations = Array.from({ length: 500 }, () => ({ machineActionId, expect: { type: secret("Isolate") } }));
    const { failures } = await plugin.check(setUrn, { comment: "INC-4711", cancellations, maxCancellations: 500 });
    t.true(failures.length < 50);
    t.true(failures.some(({ reason }) => reason === "and 480 more texts that are secret"));
});

test("a secret id stays secret where it is, and a wrong one is refused without its value", async (t) => {
    const single = await plugin.check(urn, { ...news, machineActionId: secret(machineActionId.toUpperCase()) });
    t.deepEqual([single.failures, single.inputs.machineActionId], [[], secret(machineActionId)]);
    const wrong = await plugin.check(urn, { ...news, machineActionId: secret("hidden-id") });
    t.is(wrong.failures.length, 1);
    t.is(wrong.failures[0]?.property, "");
    t.regex(
        wrong.failures[0]?.reason ?? "",
        /^machineActionId is secret, and its value is not usable: expected the id/,
    );
    const cancellations = [{ machineActionId: secret(machineActionId) }, { machineActionId: other }];
    const set = await plugin.check(setUrn, { comment: "INC-4711", cancellations });
    t.deepEqual([set.failures, set.inputs.cancellations], [[], cancellations]);
    // With ignoreChanges, the engine passes the checked inputs of the last run.
    t.deepEqual((await plugin.check(setUrn, set.inputs, set.inputs)).failures, []);
    const twice = { comment: "INC-4711", cancellations: [cancellations[0], { machineActionId }] };
    const { failures } = await plugin.check(setUrn, twice);
    t.deepEqual(failures, [
        { property: "", reason: "cancellations[1].machineActionId is secret, and its value is not usable" },
    ]);
});

/** The stored state of a proven cancellation. */
const proven = {
    ...news,
    declaredBy: "incident/prod/isolation",
    desiredStatus: "Cancelled",
    status: "Cancelled",
    outcome: "adopted",
    effect: "unknown",
    confirmedAtUtc: "2026-05-04T11:00:00Z",
};
const inputsOf = { ...news, declaredBy: "incident/prod/isolation", desiredStatus: "Cancelled" };

test("diff names the kind of each change, and drift as the desired status", async (t) => {
    const compare = (changes: object, oldInputs: object = inputsOf, olds: object = proven) =>
        plugin.diff(urn, machineActionId, {
            olds: { ...olds },
            news: { ...inputsOf, ...changes },
            oldInputs: { ...oldInputs },
        });
    t.deepEqual(await compare({}), { changes: false, replaces: [], detailed: {}, diffs: [] });
    const edited = await compare({ notAfter: "2026-05-05T00:00:00Z", comment: "INC-4712" });
    t.deepEqual(edited.detailed, { notAfter: "ADD", comment: "UPDATE" });
    const removed = { expect: { type: "Isolate" } };
    const fewer = await compare({}, { ...inputsOf, ...removed }, { ...proven, ...removed });
    t.deepEqual([fewer.changes, fewer.detailed], [true, { expect: "DELETE" }]);
    const replaced = await compare({ machineActionId: other });
    t.deepEqual([replaced.replaces, replaced.detailed], [["machineActionId"], { machineActionId: "UPDATE_REPLACE" }]);
    const unknown = await compare({ machineActionId: unknownValue });
    t.deepEqual([unknown.changes, unknown.replaces, unknown.detailed], [true, [], { machineActionId: "UPDATE" }]);
    // The engine has already put an ignored property back to its old value, here the observed one.
    const observed = { ...inputsOf, desiredStatus: "InProgress" };
    const ignoring = (await plugin.check(urn, observed, observed)).inputs;
    const drifted = await compare(ignoring, observed, { ...proven, status: "InProgress", outcome: "" });
    t.deepEqual([drifted.changes, drifted.detailed], [true, { desiredStatus: "UPDATE" }]);
});

test("a state that was moved from the dynamic provider is a change, and its update sends no request", async (t) => {
    const moved = { ...proven, __provider: "exports.handler = () => steal()" };
    const olds = { ...inputsOf, __provider: moved.__provider };
    const { changes, replaces, detailed } = await plugin.diff(urn, machineActionId, {
        olds: moved,
        news: inputsOf,
        oldInputs: olds,
    });
    t.deepEqual([changes, replaces, detailed], [true, [], {}]);
    for (const preview of [true, false]) {
        const given = { olds: moved, news: inputsOf };
        const { properties, refreshBeforeUpdate } = await plugin.update(urn, machineActionId, given, { preview });
        t.deepEqual(properties, proven);
        t.true(refreshBeforeUpdate);
    }
    t.deepEqual(scene.requests(machineActionId), []);
});
