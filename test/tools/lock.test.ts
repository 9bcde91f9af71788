import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { isRunning, nameOf } from "../../tools/set-up/owner.mjs";
import { type Program, start } from "./program.ts";

const holder = join(import.meta.dirname, "lock-holder.mjs");

interface Setting {
    readonly folder: string;
    /** Starts a process that takes the lock, and lets a program work under it where one is given. */
    readonly contend: (worker?: readonly string[]) => Program;
}

async function setting(t: ExecutionContext): Promise<Setting> {
    const folder = await mkdtemp(join(tmpdir(), "lock-"));
    const programs: Program[] = [];
    t.teardown(async () => {
        for (const { child } of programs) {
            child.kill("SIGKILL");
        }
        await rm(folder, { recursive: true, force: true });
    });
    const contend = (worker: readonly string[] = []) => {
        const args = [holder, join(folder, "lock"), join(folder, "witness"), ...worker];
        const program = start(process.execPath, args, { env: { NODE_V8_COVERAGE: "" } });
        programs.push(program);
        return program;
    };
    return { folder, contend };
}

async function release(program: Program): Promise<void> {
    program.child.stdin?.end();
    await program.ended;
}

test("a second process says once that it waits, and gets the lock when the first gives it back", async (t) => {
    const { folder, contend } = await setting(t);
    const first = contend();
    await first.says(/held/);
    const second = contend();
    await second.says(/waiting/);
    t.is(second.stdout(), "");
    await release(first);
    await second.says(/held/);
    await release(second);
    t.is(second.stderr(), `set-up: process ${first.child.pid} is holding the lock; waiting for it\n`);
    t.deepEqual(await readdir(folder), []);
});

test("the lock of a killed process counts for nothing", async (t) => {
    const { folder, contend } = await setting(t);
    const killed = contend();
    await killed.says(/held/);
    killed.child.kill("SIGKILL");
    await killed.ended;
    await rm(join(folder, "witness"), { recursive: true });
    const next = contend();
    await next.says(/held/);
    await release(next);
    t.is(next.stderr(), "");
    t.deepEqual(await readdir(folder), []);
});

test("what a killed process had started ends before the next one works", async (t) => {
    const { folder, contend } = await setting(t);
    const killed = contend([process.execPath, "-e", "console.error(process.pid); setInterval(() => {}, 1000)"]);
    await killed.says(/working as \d+/);
    const pid = Number(/working as (\d+)/.exec(killed.stdout())?.[1]);
    const worker = nameOf(pid);
    t.true(isRunning(worker));
    killed.child.kill("SIGKILL");
    await killed.ended;
    await rm(join(folder, "witness"), { recursive: true });
    const next = contend();
    await next.says(/held/);
    t.false(isRunning(worker));
    await release(next);
});

test("of many processes that find a dead lock at once, one at a time gets it", async (t) => {
    const { folder, contend } = await setting(t);
    const killed = contend();
    await killed.says(/held/);
    const waiters = Array.from({ length: 6 }, () => contend());
    await Promise.all(waiters.map((waiter) => waiter.says(/waiting/)));
    await rm(join(folder, "witness"), { recursive: true });
    killed.child.kill("SIGKILL");
    for (const waiter of waiters) {
        waiter.child.stdin?.end();
    }
    const ends = await Promise.all(waiters.map(({ ended }) => ended));
    t.deepEqual(
        ends.map(({ code }) => code),
        waiters.map(() => 0),
    );
    t.deepEqual(await readdir(folder), []);
});

test("what a killed waiter leaves is removed by the next process that gets the lock", async (t) => {
    const { folder, contend } = await setting(t);
    const first = contend();
    await first.says(/held/);
    const waiter = contend();
    await waiter.says(/waiting/);
    waiter.child.kill("SIGKILL");
    await waiter.ended;
    await release(first);
    t.is((await readdir(folder)).length, 1);
    const next = contend();
    await next.says(/held/);
    await release(next);
    t.deepEqual(await readdir(folder), []);
});
