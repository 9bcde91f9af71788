import test from "ava";
import type { Lifecycle } from "../../provider/lifecycles/lifecycle.ts";
import { createPaceStatus } from "../../provider/lifecycles/pace-status.ts";

test("a wait at the quota's pace is shown for single resources, and not beside the progress of a set", async (t) => {
    const lines: string[] = [];
    const pace = createPaceStatus((line) => lines.push(line));
    pace.logPace("waiting 41 s, before the set");
    const step = Promise.withResolvers<never>();
    const unused = () => Promise.reject(new Error("not used"));
    const lifecycle: Lifecycle = {
        ...{ check: unused, diff: unused, read: unused, delete: unused },
        create: () => step.promise,
        update: () => step.promise,
    };
    const set = pace.withProgress(lifecycle);
    const steps = Promise.allSettled([set.create({}), set.update("set", {}, {})]);
    pace.logPace("waiting 41 s, during the set");
    step.reject(new Error("failed"));
    await steps;
    pace.logPace("waiting 41 s, after the set");
    t.deepEqual(lines, ["waiting 41 s, before the set", "waiting 41 s, after the set"]);
});
