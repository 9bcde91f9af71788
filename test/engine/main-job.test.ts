import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";

const token = "main-job-token-that-nobody-may-see";

test("a cancellation goes through preview, up, empty runs, drift, repair and destroy on the real engine", async (t) => {
    await using simulator = await startSimulator({
        token,
        actions: [
            { type: "Isolate", status: "Pending", computerDnsName: "ws-0417.contoso.example" },
            { type: "Isolate", status: "InProgress", behaviour: "in-progress-then-cancelled", settleMs: 300 },
            { type: "RunAntiVirusScan", status: "Pending" },
        ],
    });
    const ids = simulator.actions().map(({ id }) => id);
    const [isolation] = ids.filter((id) => simulator.action(id)?.computerDnsName === "ws-0417.contoso.example");
    if (!isolation) {
        throw new Error("the seeded isolation is missing");
    }
    let comment = "INC-4711: wrong machines";
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url },
        config: { "defender:accessToken": { value: token, secret: true } },
        declarations: () =>
            ids.map((id, index) => ({
                name: `cancellation-${index}`,
                args: { machineActionId: id.toUpperCase(), comment },
            })),
    });
    t.teardown(engine.dispose);
    let printed = "";
    const outputOf = (run: { output: string; failed: boolean }) => {
        printed += run.output;
        return run.output;
    };
    const operations = () => {
        const seen = simulator.requests.map(({ operation }) => operation);
        simulator.clearRequests();
        return seen;
    };
    const count = (seen: readonly string[], operation: string) => seen.filter((one) => one === operation).length;

    // Preview: reads in one batch, says on each resource's own line what up would do, sends nothing.
    const preview = await engine.preview();
    t.false(preview.failed);
    t.is(outputOf(preview).match(/MachineActionCancellation cancellation-\d create would cancel: /g)?.length, 3);
    t.true(preview.output.includes("would cancel: Isolate on ws-0417.contoso.example, Pending"));
    t.deepEqual(operations(), ["list", "machines"]);

    // Up: one cancel request for each action, then proof by a later read.
    const up = await engine.up();
    t.false(up.failed, outputOf(up));
    const requests = [...simulator.requests];
    const cancels = requests.filter(({ operation }) => operation === "cancel");
    t.deepEqual(cancels.map(({ actionId }) => actionId).sort(), [...ids].sort());
    for (const { headers, body } of cancels) {
        t.regex(headers["content-type"] ?? "", /^application\/json/);
        t.is(headers.authorization, `Bearer ${token}`);
        t.regex(
            JSON.parse(body).Comment,
            /^INC-4711: wrong machines \[pulumi incident\/test\/cancellation-\d [0-9a-f]{12}\]$/,
        );
    }
    for (const id of ids) {
        const sent = requests.findIndex(({ operation, actionId }) => operation === "cancel" && actionId === id);
        const proof = requests.findLastIndex(
            ({ operation, ids: seen }) => operation !== "cancel" && seen?.includes(id),
        );
        t.true(proof > sent, "a read after the cancel request shows the action");
        t.true(requests.filter(({ actionId, ids: seen }) => actionId === id || seen?.includes(id)).length <= 4);
    }
    operations();
    const stored = await engine.resources();
    t.deepEqual(
        stored.map(({ id, outputs }) => [id, outputs.status, outputs.outcome]).sort(),
        ids.map((id) => [id, "Cancelled", "cancelled"]).sort(),
    );
    const effects = new Map(stored.map(({ id, outputs }) => [id, outputs.effect]));
    t.deepEqual(
        ids.map((id) => effects.get(id)),
        ids.map((id) => (simulator.action(id)?.type === "Isolate" && id !== isolation ? "unknown" : "prevented")),
    );
    for (const resource of stored) {
        t.true(String(resource.inputs.__provider).length < 200);
        t.true(JSON.stringify(resource).length < 3_500, "as the backend stores it");
    }

    // Nothing changed: no step, and a preview that knows the proof asks nobody.
    t.false((await engine.up({ expectNoChanges: true })).failed);
    t.false((await engine.preview({ expectNoChanges: true })).failed);
    t.deepEqual(operations(), []);
    t.false((await engine.refresh({ expectNoChanges: true })).failed);
    t.deepEqual(operations(), ["list"]);

    // A changed comment is recorded and sends nothing.
    comment = "INC-4711: wrong machines, approved by the duty manager";
    const edited = await engine.up();
    t.regex(outputOf(edited), /3 updated/);
    t.deepEqual(operations(), []);
    t.true(
        (await engine.resources()).every(
            ({ outputs }) => outputs.comment === comment && outputs.outcome === "cancelled",
        ),
    );

    // Drift: visible to both commands, each time while it lasts.
    simulator.resume(isolation);
    const drifted = await engine.preview({ refresh: true, expectNoChanges: true, diff: true });
    t.true(drifted.failed);
    t.regex(outputOf(drifted), /~ desiredStatus\s*: "InProgress" => "Cancelled"/);
    t.true((await engine.refresh({ previewOnly: true, expectNoChanges: true })).failed);
    for (const _ of ["first", "second"]) {
        const refreshed = await engine.refresh({ expectNoChanges: true });
        t.true(refreshed.failed, outputOf(refreshed));
        t.regex(refreshed.output, /1 updated/);
        t.regex(refreshed.output, /Cancellation \(\S+\):\n {4}warning: not Cancelled any more: \S+ InProgress\n/);
    }
    t.true((await engine.preview({ refresh: true, expectNoChanges: true })).failed);
    t.is((await engine.resources()).find(({ id }) => id === isolation)?.outputs.status, "InProgress");
    t.is((await engine.resources()).find(({ id }) => id === isolation)?.outputs.outcome, undefined);
    t.is(count(operations(), "cancel"), 0);

    // Repair: one cancel request, for the drifted one.
    const repaired = await engine.up({ refresh: true, continueOnError: true });
    t.false(repaired.failed, outputOf(repaired));
    t.is(
        simulator.requests.filter(({ operation, actionId }) => operation === "cancel" && actionId === isolation).length,
        1,
    );
    t.is(count(operations(), "cancel"), 1);
    for (const _ of ["first", "second"]) {
        t.false((await engine.refresh({ expectNoChanges: true })).failed);
    }
    t.false((await engine.preview({ refresh: true, expectNoChanges: true })).failed);
    operations();

    // Destroy: the record goes, Defender is not called.
    const destroyed = await engine.destroy();
    t.false(destroyed.failed);
    t.regex(outputOf(destroyed), /delet/);
    t.deepEqual(operations(), []);
    t.deepEqual(await engine.resources(), []);

    t.false(printed.includes(token), "the token was printed");
    t.false((await engine.leftBehind()).includes(token), "the token was stored in clear");
});
