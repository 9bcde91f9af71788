import grpc from "@grpc/grpc-js";
import test from "ava";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { failureOf } from "../../provider/plugin/failures.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { keptIn, type PluginFailure, secret, setUrnOf, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const scene = await startPluginScene();
test.after.always(() => scene[Symbol.asyncDispose]());
const { plugin, declared } = scene;

/** The state that a failed step keeps; fails the test if it keeps none. */
async function kept(step: Promise<unknown>) {
    const error = await step.then(
        () => undefined,
        (failure: PluginFailure) => failure,
    );
    if (!error?.kept) {
        throw new Error(`the step kept no state: ${error?.message}`);
    }
    return { ...error.kept, code: error.code, message: error.message };
}

test.serial(
    "create cancels, and its answer has the outputs, the secrets and the flag for the next update",
    async (t) => {
        const urn = urnOf("one");
        const news = await declared(urn, { expect: { type: "Isolate" } });
        const { id, properties, refreshBeforeUpdate } = await plugin.create(urn, {
            ...news,
            machineActionId: secret(news.machineActionId),
            notAfter: secret("2100-01-01T00:00:00Z"),
        });
        t.is(id, String(news.machineActionId));
        t.true(refreshBeforeUpdate);
        t.like(properties, {
            machineActionId: secret(id),
            notAfter: secret("2100-01-01T00:00:00Z"),
            comment: "INC-4711",
            declaredBy: "incident/prod/one",
            outcome: "cancelled",
            effect: "prevented",
        });
        t.false("__provider" in properties);
        t.regex(
            scene.simulator.action(id)?.cancellationComment ?? "",
            /^INC-4711 \[pulumi incident\/prod\/one [0-9a-f]{12}\]$/,
        );
        const edited = { ...news, comment: "INC-4712" };
        const updated = await plugin.update(urn, id, { olds: properties, news: edited });
        t.like(updated, { refreshBeforeUpdate: true, properties: { comment: "INC-4712", outcome: "cancelled" } });
        t.is(scene.requests(id).filter((operation) => operation === "cancel").length, 1);
    },
);

test.serial("a request that is not proven in time keeps its record, and customTimeouts bound the wait", async (t) => {
    const urn = urnOf("slow");
    const news = await declared(urn, { confirmWithinSeconds: 200 }, { behaviour: "never-final" });
    const started = { ...news, machineActionId: secret(news.machineActionId) };
    const failure = await kept(plugin.create(urn, started, { timeout: 0.3 }));
    t.is(failure.code, grpc.status.UNKNOWN);
    t.is(failure.id, String(news.machineActionId));
    t.true(failure.refreshBeforeUpdate);
    t.is(failure.reasons.length, 1);
    t.regex(failure.reasons[0] ?? "", /ERR_DEFENDER_NOT_CONFIRMED.*is still InProgress/);
    t.like(failure.properties, {
        machineActionId: secret(news.machineActionId),
        confirmWithinSeconds: 200,
        status: "InProgress",
    });
    t.truthy(failure.properties.requestedAtUtc);
    scene.simulator.finish(failure.id, "Cancelled");
    const { properties } = await plugin.update(urn, failure.id, { olds: failure.properties, news }, { timeout: 5 });
    t.like(properties, { confirmWithinSeconds: 200, outcome: "cancelled" });
    const byDefault = await declared(urnOf("undeclared"), {}, { behaviour: "never-final" });
    const other = await kept(plugin.create(urnOf("undeclared"), byDefault, { timeout: 0.3 }));
    t.false("confirmWithinSeconds" in other.properties);
});

test.serial("a failure before anything was sent keeps no state", async (t) => {
    const urn = urnOf("refused");
    for (const [changes, action, message] of [
        [{ expect: { type: "Offboard" } }, {}, /ERR_DEFENDER_UNEXPECTED/],
        [{ notAfter: "2026-01-01T00:00:00Z" }, {}, /ERR_DEFENDER_PAST_NOT_AFTER/],
        [{}, { status: "Succeeded" }, /ERR_DEFENDER_TOO_LATE/],
    ] as const) {
        const error = await t.throwsAsync<PluginFailure>(plugin.create(urn, await declared(urn, changes, action)));
        t.is(error.code, grpc.status.FAILED_PRECONDITION);
        t.is(error.kept, undefined);
        t.regex(error.message, message);
    }
});

test.serial("an update in which a value is not known sends nothing", async (t) => {
    const urn = urnOf("unknown");
    const news = await declared(urn, { expect: { type: "Offboard" } });
    for (const unknown of [{ expect: unknownValue }, { expect: { type: unknownValue } }, { notAfter: unknownValue }]) {
        const error = await t.throwsAsync<PluginFailure>(plugin.create(urn, { ...news, ...unknown }));
        t.regex(error.message, /(?:expect|notAfter) is not known, or a part of it.*Nothing was sent/);
    }
    t.deepEqual(scene.requests(String(news.machineActionId)), []);
});

test.serial("a set keeps what it achieved, and marks the secret of its list where it is", async (t) => {
    const urn = setUrnOf("playbook");
    const [one, two] = [scene.seed(), scene.seed({ status: "Succeeded" })];
    const cancellations = [{ machineActionId: secret(one) }, { machineActionId: two }];
    const { inputs } = await plugin.check(urn, { comment: "INC-4711", cancellations });
    const failure = await kept(plugin.create(urn, inputs));
    t.regex(failure.message, /^1 of 2 cancellations failed; 1 completed, and saved; ERR_DEFENDER_TOO_LATE/);
    t.like(failure.properties.results, {
        [one]: { outcome: "cancelled" },
        [two]: { failure: "ERR_DEFENDER_TOO_LATE" },
    });
    const read = await plugin.read(urn, failure.id, { properties: failure.properties, inputs });
    t.like(read.inputs.cancellations, [{ machineActionId: secret(one) }, { machineActionId: two }]);
    t.true(read.refreshBeforeUpdate);
    await plugin.delete(urn, failure.id, failure.properties);
});

test("a kept state of any size is a partial failure, and half a character does not break its answer", (t) => {
    // Node's HTTP/2 takes at most 8 continuations of a header, so only the engine can receive this one.
    const properties = { large: "x".repeat(1_000_000), half: ["\ud83d", undefined, Number.NaN, 1n] };
    const failure = failureOf(new StepFailure([`half a character: \ud83d`], { id: "id", properties }));
    t.is(failure.code, grpc.status.UNKNOWN);
    t.is(failure.details, "half a character: \ufffd");
    const kept = keptIn(failure.metadata ?? new grpc.Metadata());
    t.is(String(kept?.properties.large).length, 1_000_000);
    t.deepEqual(kept?.properties.half, ["\ufffd", null, null, "1"]);
});

test.serial("Cancel during a create stops it: nothing more is sent, and the record is kept", async (t) => {
    await scene.begin();
    const urn = urnOf("interrupted");
    const news = await declared(urn, {}, { behaviour: "never-final" });
    const id = String(news.machineActionId);
    const running = kept(plugin.create(urn, news));
    while (!scene.requests(id).includes("cancel")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await plugin.cancel();
    const late = declared(urnOf("late")).then((inputs) => plugin.create(urnOf("late"), inputs));
    await t.throwsAsync(late, { message: /ERR_DEFENDER_INTERRUPTED/ });
    const failure = await running;
    t.regex(failure.reasons.join(), /ERR_DEFENDER_INTERRUPTED/);
    t.truthy(failure.properties.requestedAtUtc);
    t.is(scene.requests(id).filter((operation) => operation === "cancel").length, 1);
    await scene.begin();
});

test.serial("steps of many resources at a time keep their lines and their results apart", async (t) => {
    const names = Array.from({ length: 8 }, (_, index) => `at-once-${index}`);
    const results = await Promise.all(
        names.map(async (name) => {
            const news = await declared(urnOf(name), {}, { behaviour: "in-progress-then-cancelled", settleMs: 10 });
            return { name, news, answer: await plugin.create(urnOf(name), news) };
        }),
    );
    for (const { name, news, answer } of results) {
        t.is(answer.id, String(news.machineActionId));
        t.is(answer.properties.declaredBy, `incident/prod/${name}`);
        const lines = plugin.engine.linesOf(urnOf(name));
        t.true(lines.length > 0 && lines.every((line) => line.includes(answer.id)));
    }
});

test.serial("an engine that takes no lines fails no step, and no line has the token", async (t) => {
    plugin.engine.answer = "with an error";
    const urn = urnOf("silent");
    const news = await declared(urn, {}, { behaviour: "in-progress-then-cancelled", settleMs: 10 });
    t.is((await plugin.create(urn, news)).properties.outcome, "cancelled");
    plugin.engine.answer = "normally";
    const { stdout, stderr } = plugin.printed;
    t.false(JSON.stringify([plugin.engine.lines, stdout, stderr]).includes(token));
    t.deepEqual([stdout, stderr], ["", ""]);
});
