import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";
import { eventually, processesWith } from "../helpers/processes.ts";

const comment = "INC-4711";

for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const title =
        signal === "SIGINT"
            ? "the first Ctrl-C ends an up soon, with every cancel request in state"
            : "when the CLI is killed in the middle of an up, no plugin process lives on, and the next up adopts";
    test.serial(title, async (t) => {
        await using simulator = await startSimulator({
            actions: Array.from({ length: 4 }, () => ({ behaviour: "never-final" as const })),
        });
        const ids = simulator.actions().map(({ id }) => id);
        const engine = await startEngine({
            environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "interruptions-token" },
            declarations: () =>
                ids.map((machineActionId, index) => ({
                    name: `cancellation-${index}`,
                    args: { machineActionId, comment },
                })),
        });
        t.teardown(engine.dispose);
        const cancelRequests = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;

        const up = engine.up({ continueOnError: true });
        await eventually(() => cancelRequests() === ids.length, 60_000, "all cancel requests are sent");
        const cli = processesWith(`PULUMI_BACKEND_URL=file://${engine.folder}`).find(({ command }) =>
            / up /.test(command),
        );
        t.truthy(cli);
        process.kill(cli?.pid ?? 0, signal);
        t.true((await up).failed);
        await eventually(
            () => processesWith(`PULUMI_BACKEND_URL=file://${engine.folder}`).length === 0,
            5_000,
            "no process of this stack lives on",
        );

        if (signal === "SIGINT") {
            const stored = await engine.resources();
            t.deepEqual(stored.map(({ id }) => id).sort(), [...ids].sort());
            for (const { outputs, initErrors } of stored) {
                t.is(typeof outputs.requestedAtUtc, "string");
                t.is(outputs.outcome, undefined);
                t.regex(initErrors?.[0] ?? "", /ERR_DEFENDER_INTERRUPTED/);
            }
        } else {
            t.false((await engine.cancel()).failed);
            t.false((await engine.refresh({ clearPendingCreates: true })).failed);
        }
        for (const id of ids) {
            simulator.finish(id, "Cancelled");
        }
        const resumed = await engine.up();
        t.false(resumed.failed, resumed.output);
        t.is(cancelRequests(), ids.length);
        const outcome = signal === "SIGINT" ? "cancelled" : "adopted";
        t.deepEqual(
            (await engine.resources()).map(({ outputs }) => outputs.outcome),
            ids.map(() => outcome),
        );
    });
}
