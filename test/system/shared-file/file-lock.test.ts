import {
    chmodSync,
    lutimesSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { type LockTime, whileLocked } from "../../../provider/system/shared-file/file-lock.ts";
import { newHolder } from "../../../provider/system/shared-file/lock-holder.ts";
import { replaceFile } from "../../../provider/system/shared-file/private-file.ts";

const lockProcess = join(import.meta.dirname, "..", "..", "helpers", "lock-process.ts");

/** A file in a folder of its own, which goes with the test. */
function newFile(t: ExecutionContext): string {
    const folder = mkdtempSync(join(tmpdir(), "defender-lock-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, "cache", "count");
}

/** A time that passes in sleeps alone. */
function sleepingTime(): LockTime & { readonly passed: () => number } {
    let now = 0;
    return {
        now: () => now,
        async sleep(milliseconds) {
            now += milliseconds;
        },
        passed: () => now,
    };
}

/** Puts a lock there as its holder has it. */
function holdAs(path: string, holder: string): string {
    mkdirSync(join(`${path}.lock`, holder), { recursive: true, mode: 0o700 });
    chmodSync(dirname(path), 0o700);
    return holder;
}

const work = () => "done";

test("who works at the same time comes one after another, in a folder that is made for it", async (t) => {
    const path = newFile(t);
    let inside = 0;
    const alone = () => {
        inside++;
        t.is(inside, 1);
        replaceFile(path, "x");
        inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => whileLocked(path, alone)));
    t.is(readFileSync(path, "utf8"), "x");
});

test("what the work throws comes out, and the lock is free again", async (t) => {
    const path = newFile(t);
    const fail = () => {
        throw new RangeError("of the work");
    };
    await t.throwsAsync(whileLocked(path, fail), { instanceOf: RangeError });
    const time = sleepingTime();
    t.is(await whileLocked(path, work, time), "done");
    t.is(time.passed(), 0);
});

test("where no lock can be, the error says why", async (t) => {
    const path = newFile(t);
    writeFileSync(dirname(path), "in the way");
    await t.throwsAsync(whileLocked(path, work), { name: "SharedFileError", message: /cache is not a folder$/ });
});

test("many processes lose no count, and leave nothing behind", async (t) => {
    const path = newFile(t);
    await Promise.all(Array.from({ length: 4 }, () => execa(process.execPath, [lockProcess, path, "50", "0"])));
    t.is(readFileSync(path, "utf8"), "200");
    t.deepEqual(
        readdirSync(dirname(path)).filter((name) => name.startsWith("count.lock.")),
        [],
    );
});

test("many processes that are killed at any step, most of them with the lock, never hold it at once and lose no count", async (t) => {
    const path = newFile(t);
    let [kills, ends] = [0, 0];
    await Promise.all(
        Array.from({ length: 3 }, async () => {
            for (let lives = 0; lives < 6; lives++) {
                const { signal } = await execa(process.execPath, [lockProcess, path, "30", "15"], { reject: false });
                kills += signal === "SIGKILL" ? 1 : 0;
                ends += signal === undefined ? 1 : 0;
            }
        }),
    );
    await execa(process.execPath, [lockProcess, path, "1", "0"]);
    const ledger = readFileSync(`${path}.ledger`, "utf8").trim().split("\n").map(Number);
    // Each number once and in order: nobody has read what another was about to replace.
    t.deepEqual(
        ledger,
        [...ledger.keys()].map((index) => index + 1),
    );
    t.is(Number(readFileSync(path, "utf8")), ledger.length);
    t.is(kills + ends, 18);
    t.true(kills > 0);
    t.log(`${kills} kills, ${ledger.length} counted`);
});

test("a lock whose holder is gone is taken at once, whatever date it bears", async (t) => {
    for (const date of [new Date("2038-01-01"), new Date("1980-01-01"), new Date()]) {
        const path = newFile(t);
        const { stdout: pid } = await execa(process.execPath, ["--print", "process.pid"]);
        const holder = holdAs(path, newHolder().replace(/-\d+-\d*-[0-9a-f]{12}-/, `-${pid}-1-0123456789ab-`));
        for (const place of [join(`${path}.lock`, holder), `${path}.lock`, dirname(path)]) {
            utimesSync(place, date, date);
        }
        const time = sleepingTime();
        t.is(await whileLocked(path, work, time), "done");
        t.is(time.passed(), 0);
    }
});

test("a process id that was used again holds nothing up", async (t) => {
    const path = newFile(t);
    // Of this process, with another start.
    holdAs(path, newHolder().replace(/-(\d+)-\d*-[0-9a-f]{12}-/, "-$1-1-0123456789ab-"));
    const time = sleepingTime();
    t.is(await whileLocked(path, work, time), "done");
    t.is(time.passed(), 0);
});

test("a lock of our own that could not be let go holds nothing up", async (t) => {
    const path = newFile(t);
    holdAs(path, newHolder());
    const time = sleepingTime();
    t.is(await whileLocked(path, work, time), "done");
    t.is(time.passed(), 0);
});

test("a holder that lives and keeps the lock is named, and its lock stays", async (t) => {
    const path = newFile(t);
    const holder = holdAs(path, newHolder().replace(/-[0-9a-f]{12}-(\d+)$/, "-0123456789ab-$1"));
    await t.throwsAsync(whileLocked(path, work, sleepingTime()), {
        name: "SharedFileError",
        message: `process ${process.pid} holds its lock`,
    });
    t.deepEqual(readdirSync(`${path}.lock`), [holder]);
});

test("a holder of another container, machine or boot is waited for, and no longer than any holder takes", async (t) => {
    const path = newFile(t);
    holdAs(path, "0123456789ab-1-1-0123456789ab-1");
    const time = sleepingTime();
    t.is(await whileLocked(path, work, time), "done");
    t.true(time.passed() > 4_000 && time.passed() < 4_100, `${time.passed()} ms`);
});

test("a holder of another container that takes the lock again and again is no dead one", async (t) => {
    const path = newFile(t);
    let number = 0;
    const busy: LockTime = sleepingTime();
    const time: LockTime = {
        now: busy.now,
        async sleep(milliseconds) {
            rmSync(`${path}.lock`, { recursive: true });
            holdAs(path, `0123456789ab-1-1-0123456789ab-${++number}`);
            await busy.sleep(milliseconds);
        },
    };
    holdAs(path, "0123456789ab-1-1-0123456789ab-0");
    await t.throwsAsync(whileLocked(path, work, time), { message: "process 1 holds its lock" });
});

const debris: Readonly<Record<string, (lock: string, outside: string) => void>> = {
    "an empty folder, as earlier versions locked with, dated ahead": (lock) => {
        mkdirSync(lock);
        utimesSync(lock, new Date("2038-01-01"), new Date("2038-01-01"));
    },
    "a file": (lock) => writeFileSync(lock, ""),
    "a link to a folder": (lock, outside) => symlinkSync(outside, lock),
    "a link to nowhere, dated ahead": (lock) => {
        symlinkSync("/nowhere", lock);
        lutimesSync(lock, new Date("2038-01-01"), new Date("2038-01-01"));
    },
};

for (const [what, put] of Object.entries(debris)) {
    test(`${what} in the lock's place holds nothing up, and nothing beyond it is touched`, async (t) => {
        const path = newFile(t);
        mkdirSync(dirname(path), { mode: 0o700 });
        const outside = join(dirname(dirname(path)), "outside");
        mkdirSync(join(outside, "kept"), { recursive: true });
        put(`${path}.lock`, outside);
        const time = sleepingTime();
        t.is(await whileLocked(path, work, time), "done");
        t.is(time.passed(), 0);
        t.deepEqual(readdirSync(outside), ["kept"]);
    });
}

test("a folder that is not a lock's is removed after the time that no holder takes", async (t) => {
    const path = newFile(t);
    mkdirSync(join(`${path}.lock`, "what is this", "deep"), { recursive: true });
    chmodSync(dirname(path), 0o700);
    t.is(await whileLocked(path, work, sleepingTime()), "done");
});

test("what a process has prepared that was killed before it took the lock is removed", async (t) => {
    const path = newFile(t);
    const gone = newHolder().replace(/-\d+-\d*-[0-9a-f]{12}-/, "-1-0-0123456789ab-");
    const alive = newHolder().replace(/-[0-9a-f]{12}-(\d+)$/, "-0123456789ab-$1");
    for (const holder of [gone, alive]) {
        mkdirSync(join(`${path}.lock.${holder}`, holder), { recursive: true });
    }
    chmodSync(dirname(path), 0o700);
    await whileLocked(path, work);
    t.deepEqual(readdirSync(dirname(path)), [`count.lock.${alive}`]);
});
