import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { fileCount, memoryCount, processCount, type RunCount } from "../../provider/guard/run-count.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const engine = "127.0.0.1:40001";

async function pathFor(t: ExecutionContext): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "defender-runs-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    return join(folder, "cache", "runs.json");
}

async function takeAll(counts: readonly RunCount[], asked: number, most: number): Promise<number> {
    const taken = await Promise.all(Array.from({ length: asked }, (_, n) => counts[n % counts.length]?.take(most)));
    return taken.filter(Boolean).length;
}

test("a run has so many places and no more, and what is given back can be taken again", async (t) => {
    const path = await pathFor(t);
    for (const count of [memoryCount(), fileCount(path, engine)]) {
        t.is(await takeAll([count], 5, 3), 3);
        await count.giveBack();
        t.is(await takeAll([count], 5, 3), 1);
        t.false(await count.take(0));
    }
});

test("the count of the day begins with what the day shows, and goes beside that of the run", async (t) => {
    const path = await pathFor(t);
    for (const [one, other] of [
        [fileCount(path, engine), fileCount(path, engine)],
        [processCount(), processCount()],
    ] as const) {
        t.true(await one.day.take(4, 2));
        t.true(await other.day.take(4, 3), "the first call says what was taken before");
        t.false(await one.day.take(4, 2));
        t.true(await one.take(1));
        await other.day.giveBack();
        t.true(await one.day.take(4, 2));
    }
});

test("many processes of one run share its places, and another run has its own", async (t) => {
    const path = await pathFor(t);
    const providers = Array.from({ length: 10 }, () => fileCount(path, engine));
    t.is(await takeAll(providers, 60, 25), 25);
    t.is(await takeAll([fileCount(path, "127.0.0.1:40002")], 30, 25), 25);
});

test("what is asked for at one moment is decided in order: the first in the queue get the places", async (t) => {
    const path = await pathFor(t);
    const count = fileCount(path, engine);
    await count.take(1);
    const asked = [count.take(3), count.take(3), count.take(3), count.giveBack().then(() => true), count.take(3)];
    t.deepEqual(await Promise.all(asked), [true, true, false, true, true]);
    t.is(JSON.parse(await readFile(path, "utf8")).runs[engine].taken, 3);
});

test("a clock that is set on while a run is under way does not forget its count", async (t) => {
    const path = await pathFor(t);
    const clock = recordedClock();
    const count = fileCount(path, engine, clock);
    t.is(await takeAll([count], 3, 2), 2);
    clock.advance(48 * 3_600_000);
    t.false(await count.take(2));
});

test("a run that has long been over leaves its address to another", async (t) => {
    const path = await pathFor(t);
    const clock = recordedClock();
    t.is(await takeAll([fileCount(path, engine, clock)], 3, 2), 2);
    clock.advance(23 * 3_600_000);
    t.false(await fileCount(path, engine, clock).take(2));
    clock.advance(3_600_000);
    t.true(await fileCount(path, engine, clock).take(2));
    t.deepEqual(Object.keys(JSON.parse(await readFile(path, "utf8")).runs), [engine]);
});

test("a count that cannot be kept is an error, never a free place", async (t) => {
    const path = await pathFor(t);
    await t.throwsAsync(fileCount("/dev/null/runs.json", engine).take(5), { name: "SharedFileError" });
    await fileCount(path, engine).take(5);
    for (const damage of ["", "{", '{"version":1,"runs":{"x":{"taken":-1,"at":0}}}', '{"version":2,"runs":{}}']) {
        await writeFile(path, damage);
        await t.throwsAsync(fileCount(path, engine).take(5), { message: /damaged/ });
    }
});

test("a count that goes while its run is under way is an error, and no run of its own", async (t) => {
    const path = await pathFor(t);
    const [count, next] = [fileCount(path, engine), fileCount(path, "127.0.0.1:40002")];
    t.true(await count.take(1));
    await rm(path);
    t.true(await next.take(1));
    for (const again of [count.take(1), count.take(5)]) {
        await t.throwsAsync(again, { message: /has lost the count of this run/ });
    }
});

test("outside the plugin the process is the run", (t) => {
    t.is(processCount(), processCount());
});
