import test from "ava";
import type { FaultPlan } from "../../simulator/index.ts";
import { guarded } from "../helpers/guarded.ts";
import { roads } from "./roads.ts";
import { id, machineId, requestor } from "./ways-around.ts";

for (const [what, { guard, action, others = [], machine, attack, stoppedBy }] of Object.entries(roads)) {
    test(`stopped, nothing sent: ${what}`, async (t) => {
        let plan: FaultPlan = () => undefined;
        const api = await guarded(t, `version: 1\n${guard}\n`, {
            actions: [{ id, machineId, requestor, ...action }, ...others],
            machines: machine ? [{ id: machineId, ...machine }] : [],
            faults: (request) => plan(request),
        });
        const error = await t.throwsAsync<Error & { reasons?: readonly string[] }>(
            attack(api, (next) => {
                plan = next;
            }),
        );
        const { code } = error as { code?: string };
        t.regex([code, ...(error?.reasons ?? [error?.message])].join(": "), stoppedBy);
        t.is(api.posts(), 0);
    });
}
