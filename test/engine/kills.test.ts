import test from "ava";
import { killedRun, victims } from "../helpers/killed-run.ts";

// Three of what `npm run test:kills` does fifty times.
for (const [nth, victim] of victims.entries()) {
    test.serial(
        `an up whose ${victim === "both" ? "CLI and plugin are" : `${victim} is`} killed is recovered: each action is asked for once, all are cancelled`,
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
