import test, { type ExecutionContext } from "ava";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { type Guarded, type GuardedRun, guarded, setInputs, singleInputs } from "../helpers/guarded.ts";
import { type Attempt, attempts, id, machineId, requestor } from "./ways-around.ts";

async function attempted(t: ExecutionContext, { guard, action, machine }: Attempt): Promise<Guarded> {
    return guarded(t, `version: 1\n${guard}\n`, {
        actions: [{ id, machineId, requestor, ...action }],
        machines: machine ? [{ id: machineId, ...machine }] : [],
    });
}

/** Past the check, as state that was tampered with gets: the guard must do without it. */
const unchecked = (inputs: Record<string, unknown>, { inputs: given }: Attempt) => ({ ...inputs, ...given });

for (const [what, attempt] of Object.entries(attempts)) {
    test(`refused, nothing sent: ${what}`, async (t) => {
        const api = await attempted(t, attempt);
        const run = api.run(attempt.environment);
        const inputs = unchecked(await singleInputs(run, id), attempt);
        const error = await t.throwsAsync(run.single.create(inputs));
        t.regex(String((error as { reasons?: string[] }).reasons ?? error?.message), attempt.rule);
        t.is(api.posts(), 0);
    });

    test(`refused in a set, nothing sent: ${what}`, async (t) => {
        const api = await attempted(t, attempt);
        const run = api.run(attempt.environment);
        const { expect, ifAlreadyFinal, ...common } = attempt.inputs ?? {};
        const entry = {
            machineActionId: id,
            ...(expect ? { expect } : {}),
            ...(ifAlreadyFinal ? { ifAlreadyFinal } : {}),
        };
        const inputs = { ...(await setInputs(run, [entry])), ...common };
        const error = await t.throwsAsync(run.set.create(inputs));
        t.regex(String((error as { reasons?: string[] }).reasons ?? error?.message), attempt.rule);
        t.is(api.posts(), 0);
    });
}

test("a guard path in stack config is an error, whatever the environment says, and nothing is asked", async (t) => {
    const api = await attempted(t, { guard: "denyTypes: [Isolate]", rule: / / });
    const run = api.run({}, { "defender:guard": "/tmp/weak.yaml" });
    const error = await t.throwsAsync(run.single.create(await singleInputs(run, id)));
    t.regex(
        error?.message ?? "",
        /defender:guard is not read from stack config: set DEFENDER_GUARD in the environment/,
    );
    t.is(api.simulator.requests.length, 0);
});

/** Cancels under a guard that lets it, and returns the state. */
async function cancelled(
    api: Guarded,
    changes: Properties,
): Promise<[GuardedRun, Record<string, unknown>, Properties]> {
    const run = api.run();
    const inputs = await singleInputs(run, id, changes);
    const { outs } = await run.single.create(inputs);
    return [run, inputs, outs];
}

test("a repair after drift asks the guard again, and keeps the record when it is refused", async (t) => {
    const api = await attempted(t, { guard: "denyTypes: [Unisolate]", rule: / / });
    const [, inputs, state] = await cancelled(api, {});
    t.is(api.posts(), 1);
    api.simulator.resume(id);
    await api.guard("version: 1\ndenyTypes: [isolate]\n");
    const later = api.run();
    const drifted = await later.single.read(id, state);
    t.is(drifted.props?.status, "InProgress");
    const error = await t.throwsAsync(later.single.update(id, drifted.props ?? {}, inputs));
    t.regex(String((error as { reasons?: string[] }).reasons ?? error?.message), /denyTypes: type is "Isolate"/);
    t.is(api.posts(), 1, "nothing more was sent");
});

test("a re-issue is held against the guard as it is observed", async (t) => {
    const fence = { onReissue: "cancel", notAfter: "2026-05-05T12:00:00Z", expect: { requestor } };
    const api = await attempted(t, { guard: "denyTypes: [Unisolate]", rule: / / });
    const [, inputs, state] = await cancelled(api, fence);
    t.is(api.posts(), 1);
    api.clock.advance(60_000);
    const { id: reissueId } = api.simulator.reissue(id);
    for (const [guard, rule] of [
        ["protectRiskScores: [High]", /protectRiskScores: riskScore is "High"/],
        ["denyTypes: [Isolate]", /denyTypes: type is "Isolate"/],
        ["requireExpect: [machineId]", /requireExpect: expect lacks machineId/],
        ["maxNotAfterHours: 1", /maxNotAfterHours: notAfter is 2026-05-05 12:00:00Z/],
    ] as const) {
        // Since then somebody has found what is on that machine.
        api.simulator.seedMachine({ id: machineId, riskScore: "High" });
        await api.guard(`version: 1\n${guard}\n`);
        const later = api.run();
        const { props = {} } = await later.single.read(id, state);
        const error = await t.throwsAsync(later.single.update(id, props, inputs));
        const reasons = String((error as { reasons?: string[] }).reasons ?? error?.message);
        t.regex(reasons, rule);
        t.regex(reasons, new RegExp(reissueId));
        t.is(api.posts(), 1, "nothing more was sent");
    }
    t.is(api.simulator.action(reissueId)?.status, "Pending");
});

test("a re-issue in another spelling of its type is one, and is held against the guard", async (t) => {
    const fence = { onReissue: "cancel", notAfter: "2026-05-05T12:00:00Z", expect: { requestor } };
    const api = await guarded(t, "version: 1\nallowTypes: [live-response]\n", {
        actions: [{ id, machineId, requestor, type: "LiveResponse" }],
    });
    const [, inputs, state] = await cancelled(api, fence);
    api.clock.advance(60_000);
    const { id: reissueId } = api.simulator.seed({ machineId, requestor, type: "Live Response" });
    await api.guard('version: 1\ndenyTypes: ["LIVE RESPONSE"]\n');
    const denying = api.run();
    const { props = {} } = await denying.single.read(id, state);
    const error = await t.throwsAsync(denying.single.update(id, props, inputs));
    const reasons = String((error as { reasons?: string[] }).reasons ?? error?.message);
    t.regex(reasons, /denyTypes: type is "Live Response", and the rule denies "LIVE RESPONSE"/);
    t.is(api.posts(), 1);
    await api.guard("version: 1\nallowTypes: [LiveResponse]\n");
    const later = api.run();
    await later.single.update(id, props, inputs);
    t.is(api.posts(), 2);
    t.is(api.simulator.action(reissueId)?.status, "Cancelled");
});

test("20 sets of 20 share one run: not one request more than maxPerRun, and each refusal is said", async (t) => {
    const fleet = Array.from({ length: 400 }, (_, at) => ({
        id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    }));
    const api = await guarded(t, "version: 1\nmaxPerRun: 90\n", { actions: fleet });
    const run = api.run({ DEFENDER_REQUESTS_PER_MINUTE: "1000000", DEFENDER_REQUESTS_PER_HOUR: "1000000" });
    const ends = await Promise.allSettled(
        Array.from({ length: 20 }, async (_, at) => {
            const entries = fleet.slice(20 * at, 20 * (at + 1)).map(({ id: machineActionId }) => ({ machineActionId }));
            return run.set.create(await setInputs(run, entries));
        }),
    );
    t.is(api.posts(), 90);
    const reasons = ends.flatMap((end) =>
        end.status === "rejected" ? [String(end.reason.reasons ?? end.reason)] : [],
    );
    t.true(reasons.length >= 16, "at most four sets came through");
    for (const reason of reasons) {
        t.regex(reason, /maxPerRun: this run has already used its 90 cancel requests/);
    }
});

test("without the right to read machines, a rule that needs them protects all of them", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTags: [tier-0]\n", {
        actions: [{ id, machineId }],
        faults: ({ operation }) =>
            operation === "machines" ? { name: "answer", when: "before", status: 403 } : undefined,
    });
    const run = api.run();
    const error = await t.throwsAsync(run.single.create(await singleInputs(run, id)));
    t.regex(error?.message ?? "", /protectTags: machineTags are not known \(ERR_DEFENDER_FORBIDDEN/);
    t.is(api.posts(), 0);
});
