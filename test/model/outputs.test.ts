import test from "ava";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { type Effect, effectOf, isProven, pickOutputs, toOutputs } from "../../provider/model/outputs.ts";

const action = (status: string, commands: MachineAction["commands"] = []): MachineAction => ({
    id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    status,
    type: "Isolate",
    commands,
});

test("Cancelled and TimeOut are proof, Succeeded and Failed only where that was accepted", (t) => {
    const proven = (status: unknown, outcome?: string) => isProven({ status, outcome });
    t.true(proven("Cancelled"));
    t.true(proven("TimeOut"));
    for (const status of ["Succeeded", "Failed"]) {
        t.false(proven(status));
        t.false(proven(status, "cancelled"));
        t.true(proven(status, "tooLate"));
    }
    for (const status of ["Pending", "InProgress", "Cancelling", "", undefined]) {
        t.false(proven(status));
        t.false(proven(status, "cancelled"));
        t.false(proven(status, "tooLate"));
    }
});

test("what happened on the machine is said only as far as it is known", (t) => {
    const created = { commandStatus: "Created" };
    const started = { commandStatus: "Created", startTime: "2026-05-05T07:00:00Z" };
    const completed = { commandStatus: "COMPLETED" };
    const executing = { commandStatus: "Executing" };
    const failed = { commandStatus: "Failed", startTime: "2026-05-05T07:00:00Z" };
    const rows: readonly (readonly [MachineAction, boolean, Effect])[] = [
        [action("Cancelled"), true, "prevented"],
        [action("Cancelled"), false, "unknown"],
        [action("TimeOut"), false, "prevented"],
        [action("Succeeded"), true, "ran"],
        [action("Failed"), true, "unknown"],
        [action("Cancelled", [created, created]), false, "prevented"],
        [action("Cancelled", [created, started]), false, "unknown"],
        [action("Cancelled", [created, completed]), true, "ran"],
        [action("TimeOut", [completed]), false, "ran"],
        [action("TimeOut", [created]), false, "prevented"],
        [action("TimeOut", [started]), false, "unknown"],
        [action("Cancelled", [executing]), true, "unknown"],
        [action("Cancelled", [failed]), true, "unknown"],
    ];
    t.is(effectOf(action("TimeOut"), false, true), "unknown", "it was seen at work, and timed out then");
    t.is(effectOf(action("TimeOut", [created]), false, true), "unknown");
    t.is(effectOf(action("Cancelled", [created]), false, true), "prevented", "its commands tell that nothing ran");
    for (const [seen, wasPending, effect] of rows) {
        t.is(effectOf(seen, wasPending), effect, `${seen.status} ${JSON.stringify(seen.commands)} ${wasPending}`);
    }
});

test("outputs hold what is known of the action and our record, and are found again", (t) => {
    const record = { outcome: "adopted", effect: "unknown", confirmedAtUtc: "2026-05-05T07:00:00.000Z" } as const;
    const outputs = toOutputs(action("Cancelled"), record);
    t.deepEqual(outputs, { status: "Cancelled", type: "Isolate", ...record });
    t.deepEqual(pickOutputs({ ...outputs, comment: "INC-4711", __provider: "x" }), outputs);
});
