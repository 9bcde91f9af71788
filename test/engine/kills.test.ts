import test from "ava";
import { killedRun } from "../helpers/killed-run.ts";

// Two of what `npm run test:kills` does fifty times, with both killed at once among them.
for (const [nth, victim] of (["CLI", "plugin"] as const).entries()) {
    test.serial(
        `an up whose ${victim} is killed is recovered: each action is asked for once, all are cancelled`,
        async (t) => {
            const run = await killedRun({
                victim,
                after: { cancelRequests: 2 + nth },
                cancellations: 6,
                settleMs: 2_000,
            });
            t.deepEqual(run.problems, []);
            t.not(run.killedAfterMs, undefined);
            t.is(run.cancelled, 6);
        },
    );
}
