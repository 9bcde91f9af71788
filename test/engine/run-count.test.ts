import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { guardFile } from "../helpers/guard-file.ts";
import { scene } from "../helpers/scene.ts";

test("two providers of one run count together, and the next run has a count of its own", async (t) => {
    const { engine, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 6 }, () => ({})),
        declare: (ids) => ids.slice(0, 3).map((id) => ({ machineActionId: id })),
        whole: (ids) =>
            ids.slice(3).map((machineActionId, at) => ({
                name: `elsewhere-${at}`,
                args: { machineActionId, comment: "INC-4711" },
                provider: { name: "second", args: { visibilitySeconds: 1 } },
            })),
        environment: { DEFENDER_GUARD: await guardFile(t, "version: 1\nmaxPerRun: 2\n") },
    });
    const file = join(engine.folder, "cache", "pulumi-defender-cancellation", "runs.json");
    const countsAfterUp = async (): Promise<Record<string, { taken: number }>> => {
        await engine.up({ continueOnError: true });
        return JSON.parse(await readFile(file, "utf8")).runs;
    };
    const first = await countsAfterUp();
    t.is(cancelRequests(), 2, "of two plugin processes together");
    t.deepEqual(
        Object.values(first).map(({ taken }) => taken),
        [2],
    );
    const both = await countsAfterUp();
    t.is(cancelRequests(), 4, "two more");
    t.deepEqual(
        Object.values(both).map(({ taken }) => taken),
        [2, 2],
    );
});
