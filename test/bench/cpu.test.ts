import { fileURLToPath } from "node:url";
import test from "ava";
import { measureCpu } from "../../bench/cpu/cpu.ts";

test("the processor time of a set is measured beside that of another checkout's package", async (t) => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const alone = await measureCpu(3, 1, undefined);
    t.true(alone.createMs > 0 && alone.processMs > alone.createMs);
    t.is(alone.ratio, undefined);
    const pair = await measureCpu(3, 1, root);
    t.true((pair.against?.createMs ?? 0) > 0);
    t.is(pair.ratio?.median, pair.createMs / (pair.against?.createMs ?? 0));
});
