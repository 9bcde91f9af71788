import test from "ava";
import { isInWindow } from "../../cli/audit/cancelled-actions.ts";
import { recordDeviation } from "../../cli/audit/record-deviation.ts";
import { entriesOfState } from "../../cli/state/records.ts";
import { resourcesOf } from "../../cli/state/stack-state.ts";
import { parseMachineAction } from "../../provider/api/machine-action-parser.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { auditWorld, foundBy, intern, tenant, us } from "../helpers/audit-world.ts";
import { commandScene, tokenWith } from "../helpers/command.ts";
import { stackExport } from "../helpers/stack-state.ts";

test("what was requested before the window and ended in it is found, and so is what was updated after it", async (t) => {
    const world = await auditWorld(t);
    const { clock } = world.scene;
    const id = world.seed({ behaviour: "in-progress-then-cancelled", settleMs: 30 * 3_600_000 });
    world.cancelDirectly(id, intern);
    clock.advance(31 * 3_600_000);
    const audit = async (...args: string[]) => [...foundBy(await world.scene.run(["audit", "--json", ...args])).keys()];
    t.deepEqual(await audit("--since", "24h"), [id]);
    t.deepEqual(await audit("--since", "30m"), []);
    t.deepEqual(await audit("--since", "40h", "--until", "25h"), [id]);
    t.deepEqual(await audit("--since", "60h", "--until", "32h"), []);
});

test("a time that cannot be one, such as the year 1, hides nothing", (t) => {
    const window = { since: Date.parse("2026-05-04T07:00:00Z"), until: Date.parse("2026-05-05T07:00:00Z") };
    const at = (cancellationDateTimeUtc?: string, lastUpdateDateTimeUtc?: string) =>
        isInWindow({ cancellationDateTimeUtc, lastUpdateDateTimeUtc } as MachineAction, window);
    t.true(at("0001-01-01T00:00:00Z"));
    t.true(at("0001-01-01T00:00:00Z", "2026-05-05T06:00:00Z"));
    t.true(at("yesterday"));
    t.true(at());
    t.true(at("2026-05-01T07:00:00Z", "2026-05-05T06:00:00Z"));
    t.false(at("2026-05-01T07:00:00Z", "2026-05-01T07:00:01Z"));
    t.false(at("2026-05-06T07:00:00Z", "2026-05-06T07:00:01Z"));
});

test("what the API does not return contradicts no record", async (t) => {
    const world = await auditWorld(t);
    const id = world.seed();
    const [entry] = entriesOfState(resourcesOf(stackExport(await world.cancel(id)), "state"));
    const row = world.scene.simulator.action(id);
    const identities = { ours: new Set([us]), recorded: new Set([us]), tenantId: tenant, isComplete: true };
    for (const absent of [
        ["cancellationComment"],
        ["cancellationRequestor"],
        ["cancellationDateTimeUtc"],
        ["cancellationComment", "cancellationRequestor", "cancellationDateTimeUtc"],
        ["machineId", "creationDateTimeUtc", "type"],
    ]) {
        const action = parseMachineAction({ ...row, ...Object.fromEntries(absent.map((name) => [name, null])) });
        t.is(entry && action && recordDeviation(action, { entry }, identities), undefined, absent.join(", "));
    }
});

test("an auditor that only reads takes the canceller from the records, and says so; --canceller checks it", async (t) => {
    const world = await auditWorld(t);
    const { scene } = world;
    const stdin = stackExport(await world.cancel(world.seed()));
    const roles = ["Machine.Read.All"];
    const env = {
        DEFENDER_ACCESS_TOKEN: tokenWith({ tid: tenant, appid: "44444444-0000-4000-8000-0000000000aa", roles }),
    };
    const audit = (...args: string[]) => scene.run(["audit", "--state", "-", ...args], { stdin, env });
    const plain = await audit();
    t.is(plain.code, 0, plain.stdout);
    t.regex(plain.stderr, new RegExp(`^the records name cancellers that this audit cannot check: ${us}\\. Name `, "m"));
    const named = await audit("--canceller", us);
    t.is(named.code, 0, named.stdout);
    t.notRegex(named.stderr, /cannot check/);
    const other = await audit("--canceller", intern);
    t.is(other.code, 2);
    t.regex(other.stdout, /the canceller in its record is not known: see --canceller/);
});

test("what others cancelled before its declaration was applied is counted, so that it can be reviewed", async (t) => {
    const world = await auditWorld(t);
    const id = world.seed({ status: "Cancelled", cancelledBy: intern });
    const { code, stderr } = await world.audit([await world.cancel(id), await world.cancel(world.seed())]);
    t.is(code, 0, stderr);
    t.regex(
        stderr,
        /^1 was cancelled by others before their declaration was applied: `defender-cancellation report --outcome adopted` /m,
    );
    t.regex(stderr, /^2 cancelled since .*: 2 accounted for, 0 not$/m);
});

test("a window in which nothing can lie is refused, because an audit without a finding reads as an all-clear", async (t) => {
    const { scene } = await auditWorld(t);
    const none = await scene.run(["audit", "--since", "2027-05-05T07:00:00Z"]);
    t.is(none.code, 64);
    t.regex(none.stderr, /--since 2027-05-05T07:00:00Z is in the future: no cancellation can match/);
    const reversed = await scene.run(["audit", "--since", "1h", "--until", "2h"]);
    t.is(reversed.code, 64);
    t.regex(
        reversed.stderr,
        /--since 2026-05-05T06:00:00Z is later than --until 2026-05-05T05:00:00Z: no cancellation/,
    );
    t.deepEqual(scene.simulator.requests, []);
});

test("a clock that is ahead of the API's moves no cancellation out of the window", async (t) => {
    const token = tokenWith({ tid: tenant, appid: us, roles: ["Machine.Read.All"] });
    const apiTime = Date.parse("2026-05-02T07:00:00Z");
    const scene = await commandScene(t, { env: { DEFENDER_ACCESS_TOKEN: token }, now: () => apiTime });
    const { id } = scene.simulator.seed({ creationDateTimeUtc: "2026-05-02T06:00:00Z" });
    scene.simulator.cancel(id, intern);
    t.is(scene.clock.now() - apiTime, 72 * 3_600_000);
    for (const args of [[], ["--since", "2h"]]) {
        const audit = await scene.run(["audit", "--json", ...args]);
        t.is(audit.code, 2);
        t.deepEqual([...foundBy(audit).keys()], [id]);
        t.regex(
            audit.stderr,
            /^this machine's clock is 4320 min ahead of the API's: the window begins that much earlier/m,
        );
    }
});
