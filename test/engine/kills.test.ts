import test from "ava";
import { killedRun } from "../helpers/killed-run.ts";

// Two of what `npm run test:kills` does fifty times, on each face and with both killed at once among them.
for (const [nth, [face, victim]] of (
    [
        ["dynamic", "plugin"],
        ["plugin", "CLI"],
    ] as const
).entries()) {
    test.serial(
        `${face} provider: an up whose ${victim} is killed is recovered: each action is asked for once, all are cancelled`,
        async (t) => {
            const run = await killedRun({
                victim,
                after: { cancelRequests: 2 + nth },
                cancellations: 6,
                settleMs: 2_000,
                isOfPlugin: face === "plugin",
            });
            t.deepEqual(run.problems, []);
            t.not(run.killedAfterMs, undefined);
            t.is(run.cancelled, 6);
        },
    );
}
