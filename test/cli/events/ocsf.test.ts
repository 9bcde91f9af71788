import { readFileSync } from "node:fs";
import test from "ava";
import { applyArguments } from "../../helpers/command.ts";
import { appliedSet, pendingScene, reported } from "../../helpers/event-scenes.ts";
import { eventsIn, problemsOf } from "../../helpers/ocsf-schema.ts";
import { asMoved, asOfPlugin } from "../../helpers/plugin-state.ts";
import { rc1Text } from "../../helpers/rc1-fixtures.ts";
import { stackExport } from "../../helpers/stack-state.ts";
import { stageOf } from "../../helpers/verified.ts";

test("60 cancellations are 61 valid events: the run, and each cancellation with its machine, request and actor", async (t) => {
    const scene = await pendingScene(t, 60);
    const set = (await appliedSet(scene, scene.ids)).state();
    const events = eventsIn(await reported(scene, "ocsf", set));
    t.deepEqual(problemsOf(events), []);
    t.is(events.length, 61);
    t.is(new Set(events.map(({ metadata }) => metadata.uid)).size, 61);
    const [run, first] = events;
    t.like(run, { status_code: "runComplete", count: 60, command_uid: set.id, status: "Success" });
    t.deepEqual(new Set(events.slice(1).map((event) => event.command_uid)), new Set(scene.ids));
    const [id = ""] = scene.ids;
    t.like(first, {
        ...{
            class_uid: 7001,
            activity_id: 99,
            type_uid: 700199,
            status_id: 1,
            status_code: "prevented",
            severity_id: 1,
        },
        message: "Isolate on ws-1.contoso.example: Cancelled before execution",
        command_uid: id,
        device: { uid: `${"a".repeat(39)}0`, hostname: "ws-1.contoso.example" },
        actor: { app_uid: "9a1b2c3d-0000-4000-8000-00000000abcd" },
        api: { response: { code: 200 } },
        metadata: { tenant_uid: "0e1f2a3b-4c5d-4e6f-8a7b-00000000abcd", correlation_uid: "incident/prod/playbook-12" },
        unmapped: { statusBeforeCancel: "Pending", outcome: "cancelled", effect: "prevented" },
    });
    t.is(first?.time, Date.parse(scene.simulator.action(id)?.cancellationDateTimeUtc ?? ""));
    t.deepEqual(
        first?.observables.map(({ name }: { readonly name: string }) => name),
        ["command_uid", "device.uid", "device.hostname", "actor.user.name"].slice(0, first?.observables.length),
    );
});

test("the events of the provider plugin are those of the dynamic provider, also in the middle of a move", async (t) => {
    const scene = await pendingScene(t, 3);
    const [single = "", ...others] = scene.ids;
    const one = await stageOf(scene, "one", false).up({ machineActionId: single, comment: "INC-4711" });
    const resources = [one, await appliedSet(scene, others)].map((stage) => stage.state());
    for (const format of ["ocsf", "asim", "chat"]) {
        const expected = await reported(scene, format, ...resources);
        t.not(expected, "", format);
        t.is(await reported(scene, format, ...resources.map(asOfPlugin)), expected, format);
        t.is(await reported(scene, format, ...resources.map(asMoved)), expected, format);
    }
});

test("the records of release 1.0.0-rc.1 give valid events, and none of drift claims a success", async (t) => {
    const scene = await pendingScene(t, 0);
    const results = new Map<string, string[]>();
    for (const name of [
        "single",
        "set",
        "drift",
        "reissue",
        "partial-failure",
        "apply.evidence",
        "apply-short.evidence",
    ]) {
        const stdin = readFileSync(new URL(`../../fixtures/rc.1/${name}.json`, import.meta.url), "utf8");
        const events = eventsIn((await scene.run(["report", "--format", "ocsf"], { stdin })).stdout);
        t.deepEqual(problemsOf(events), [], name);
        t.true(events.length > 1, name);
        const told = events.map(
            ({ metadata, status_code, status }) => `${metadata.event_code} ${status_code} ${status}`,
        );
        results.set(name, [...new Set(told)].sort());
    }
    t.deepEqual(results.get("drift"), [
        "Cancellation prevented Success",
        "Drift drifted Failure",
        "Failure failed Failure",
        "Run runFailed Failure",
        "Run runPartial Partial",
    ]);
    t.deepEqual(results.get("reissue"), [
        "Cancellation prevented Success",
        "Failure failed Failure",
        "Reissue reissueCancelled Issued again, and cancelled",
        "Reissue reissueOpen Issued again, and not final",
        "Run runComplete Success",
    ]);
    t.deepEqual(results.get("partial-failure"), [
        "Cancellation notRequested Failure",
        "Cancellation prevented Success",
        "Cancellation tooLate Failure",
        "Cancellation unproven Unknown",
        "Failure failed Failure",
        "Run runComplete Success",
        "Run runUnproven Unknown",
    ]);
});

test("the evidence of apply names the operator and the reason", async (t) => {
    const scene = await pendingScene(t, 2);
    const entries = scene.ids.map((id) => `  - machineActionId: ${id}`).join("\n");
    await scene.write("incident.yaml", `version: 1\ncomment: INC-4711\ncancellations:\n${entries}\n`);
    const { code, stdout } = await scene.run([...applyArguments, "--json"], { env: { USER: "analyst" } });
    t.is(code, 0);
    const { operator } = JSON.parse(stdout);
    const ended = eventsIn((await scene.run(["report", "--format", "ocsf"], { stdin: stdout })).stdout);
    t.deepEqual(problemsOf(ended), []);
    t.deepEqual(
        ended.map((event) => [event.metadata.event_code, event.status_code, event.actor.user.name]),
        [
            ["Run", "runComplete", operator],
            ["Cancellation", "prevented", operator],
            ["Cancellation", "prevented", operator],
        ],
    );
    t.is(ended[0]?.unmapped.reason, "the Git host is down");
});

test("a record without any cancellation gives no line but the run, and a selection only what was selected", async (t) => {
    const scene = await pendingScene(t, 2, (index) => (index === 1 ? { status: "Succeeded" } : {}));
    const set = (await appliedSet(scene, scene.ids, { ifAlreadyFinal: "accept" })).state();
    const stdin = stackExport(set);
    const codes = async (...args: string[]) =>
        eventsIn((await scene.run(["report", "--format", "ocsf", ...args], { stdin })).stdout).map(
            ({ status_code }) => status_code,
        );
    t.deepEqual(await codes(), ["runComplete", "prevented", "tooLate"]);
    t.deepEqual(await codes("--outcome", "tooLate"), ["runComplete", "tooLate"]);
    t.deepEqual(await codes("--outcome", "expired"), []);
    const empty = await scene.run(["report", "--format", "ocsf", "--output", "empty.jsonl"], { stdin: stackExport() });
    t.is(empty.code, 0);
    t.is(await scene.read("empty.jsonl"), "", "no event is no line");
});

test("the lines of an apply that did not end are no success", async (t) => {
    const scene = await pendingScene(t, 0);
    const recorded = JSON.parse(rc1Text("apply.evidence.json"));
    const { type, id, inputs, outputs } = recorded.resource;
    const [machineActionId = ""] = Object.keys(outputs.results);
    const [{ commentSent: comment, digest, apiHost, packageVersion }] = outputs.evidence;
    const at = "2026-05-04T10:00:00Z";
    const header = { line: 0, kind: "defender-cancellation apply journal", version: 1, digest, startedAtUtc: at };
    const sent = { comment, digest, apiHost, packageVersion, atUtc: at, observedAtUtc: at };
    const request = { line: 1, kind: "request", request: 1, machineActionId, action: { status: "Pending" }, ...sent };
    const stdin = [{ ...header, resource: { type, id, inputs } }, request]
        .map((line) => JSON.stringify(line))
        .join("\n");
    const events = eventsIn((await scene.run(["report", "--format", "ocsf"], { stdin })).stdout);
    t.deepEqual(problemsOf(events), []);
    t.like(events, {
        0: { status_code: "runUnfinished" },
        1: { status_code: "unproven" },
        2: { status_code: "failed" },
    });
    t.false(events.some(({ status }) => status === "Success"));
});

test("an error of a set is told of the actions whose result has it, and of no other", async (t) => {
    const scene = await pendingScene(t, 0);
    const stdin = rc1Text("partial-failure.json");
    const { cancellations } = JSON.parse((await scene.run(["report", "--json"], { stdin })).stdout);
    const failed = cancellations.filter(({ failure }: { readonly failure?: string }) => failure !== undefined);
    t.is(failed.length, 6);
    t.deepEqual(new Set(failed.map(({ outcome }: { readonly outcome: string }) => outcome)), new Set(["unproven"]));
});
