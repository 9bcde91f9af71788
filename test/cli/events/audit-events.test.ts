import test from "ava";
import { problemsOfRow } from "../../helpers/asim-table.ts";
import { auditWorld, intern, tenant } from "../../helpers/audit-world.ts";
import { eventsIn, problemsOf } from "../../helpers/ocsf-schema.ts";
import { stackExport } from "../../helpers/stack-state.ts";

test("an undeclared cancellation is an event, severe by the ranking, with one id in each audit and format", async (t) => {
    const { seed, cancelDirectly, cancel, scene } = await auditWorld(t);
    const { simulator, clock, run } = scene;
    const machines = { risky: "a".repeat(40), calm: "b".repeat(40) };
    const isolation = seed({ machineId: machines.risky, computerDnsName: "ws-1.contoso.example" });
    const scan = seed({ machineId: machines.calm, type: "RunAntiVirusScan" });
    simulator.changeMachine({ id: machines.risky, riskScore: "High" });
    simulator.changeMachine({ id: machines.calm, riskScore: "None" });
    const stdin = stackExport(await cancel(seed()));
    const audit = async (format: string) =>
        (await run(["audit", "--state", "-", "--format", format], { stdin })).stdout;
    t.is(await audit("ocsf"), "", "no event, no line");

    cancelDirectly(isolation, intern, "by hand");
    cancelDirectly(scan, "analyst@contoso.example");
    const events = eventsIn(await audit("ocsf"));
    t.deepEqual(problemsOf(events), []);
    t.like(events, {
        0: {
            ...{ command_uid: isolation, severity: "Critical", status: "Success", status_code: "undeclared" },
            actor: { user: { uid: intern } },
            device: { uid: machines.risky, hostname: "ws-1.contoso.example" },
            metadata: { event_code: "UndeclaredCancellation", tenant_uid: tenant },
            unmapped: { cancellationComment: "by hand", weight: 8 },
        },
        1: { command_uid: scan, severity: "Low", actor: { user: { name: "analyst@contoso.example" } } },
        length: 2,
    });
    t.regex(events[0]?.message, /^Isolate on ws-1\.contoso\.example: Cancelled without a declaration by 1{8}-/);

    clock.advance(3_600_000);
    const rows = (await audit("asim"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    t.deepEqual(rows.flatMap(problemsOfRow), []);
    t.deepEqual(
        rows.map(({ EventOriginalUid }) => EventOriginalUid),
        events.map(({ metadata }) => metadata.uid),
    );
    t.like(rows[0], { EventSubType: "UndeclaredCancellation", EventSeverity: "High", ActorUserId: intern });
    t.like(rows[1], { EventSeverity: "Low", ActorUsername: "analyst@contoso.example", ActorUsernameType: "UPN" });
});

test("a requested cancellation that has not ended is no success, and its end is another event", async (t) => {
    const { seed, cancelDirectly, scene } = await auditWorld(t);
    const id = seed({ behaviour: "in-progress-then-cancelled", settleMs: 60_000 });
    cancelDirectly(id, intern);
    const audit = async () => eventsIn((await scene.run(["audit", "--format", "ocsf"])).stdout);
    const [requested] = await audit();
    t.like(requested, { command_uid: id, status: "Unknown", status_code: "undeclaredRequest" });
    scene.clock.advance(60_000);
    const [ended] = await audit();
    t.like(ended, { command_uid: id, status: "Success", status_code: "undeclared" });
    t.not(ended?.metadata.uid, requested?.metadata.uid);
});
