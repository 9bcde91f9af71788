import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { consumers } from "../consumers/matrix.ts";
import { packInto } from "../consumers/pack.ts";
import { runConsumer } from "../consumers/run-consumer.ts";

// All rows take ten minutes: npm run test:consumers.
test("a project that installs the packed tarball previews, cancels and destroys", async (t) => {
    t.timeout(300_000);
    const folder = await mkdtemp(join(tmpdir(), "defender-tarball-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const tarball = await packInto(folder);
    const [first] = consumers;
    t.truthy(first);
    if (first) {
        await t.notThrowsAsync(runConsumer(first, tarball, join(folder, "store")));
    }
});
