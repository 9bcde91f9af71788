import {
    chmodSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { fileStore, memoryStore } from "../../provider/quota/quota-file.ts";
import { emptyUsage, type QuotaUsage } from "../../provider/quota/quota-usage.ts";

const processFile = join(import.meta.dirname, "..", "helpers", "quota-process.ts");
const now = Date.parse("2026-05-05T07:00:00Z");

const full: QuotaUsage = {
    answered: [now - 1, now],
    refused: [now],
    open: { lease: now },
    learnt: [{ calls: 45, periodMs: 60_000, share: 45, at: now }],
    pause: { until: now + 8_000, at: now, untimed: 0 },
};

/** A file in a new folder, which goes with the test. */
function newFile(t: ExecutionContext): string {
    const folder = mkdtempSync(join(tmpdir(), "quota-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, "cache", "quota.json");
}

const fails = (line: string) => {
    throw new Error(line);
};
const set = (file: string, usage: QuotaUsage, log = fails) =>
    fileStore(file, log).update(() => ({ usage, result: null }));
const get = (file: string, log: (line: string) => void = fails) =>
    fileStore(file, log).update((usage) => ({ usage, result: usage }));

test("what one store keeps, another reads", async (t) => {
    const file = newFile(t);
    t.deepEqual(await get(file), emptyUsage);
    await set(file, full);
    t.deepEqual(await get(file), full);
});

test("the file keeps its names: what another release wrote is read, and its reader finds what it knows in ours", async (t) => {
    const file = newFile(t);
    const text =
        `{"version":1,"log":{"answered":[${now - 1},${now}],"refused":[${now}],"open":{"lease":${now}},` +
        `"learnt":[{"calls":45,"periodMs":60000,"share":45,"at":${now}}],` +
        `"pause":{"until":${now + 8_000},"at":${now},"untimed":0},"probe":{"turn":"lease","at":${now}}}}`;
    await set(file, emptyUsage);
    writeFileSync(file, text);
    const known = { ...full, probe: { lease: "lease", at: now } };
    t.deepEqual(await get(file), known);
    await set(file, { ...known, answered: [now] });
    t.is(readFileSync(file, "utf8"), text.replace(`[${now - 1},${now}]`, `[${now}]`));
});

test("the file is the user's alone, complete, and nothing lies beside it", async (t) => {
    const file = newFile(t);
    const answered = Array.from({ length: 1_500 }, (_, index) => now + index);
    await set(file, { ...full, answered });
    const { mode, size } = statSync(file);
    t.is(mode & 0o777, 0o600);
    t.is(statSync(dirname(file)).mode & 0o777, 0o700);
    t.true(size < 30_000, `${size} bytes`);
    t.deepEqual(readdirSync(dirname(file)), ["quota.json"]);
});

const broken = {
    "an empty file": "",
    "half a file": JSON.stringify({ version: 1, log: full }).slice(0, 60),
    "another version's": JSON.stringify({ version: 2, log: full }),
    "a limit of nothing": JSON.stringify({
        version: 1,
        log: { ...full, learnt: [{ calls: 0, periodMs: 1_000, share: 0, at: now }] },
    }),
    "something else": "[1,2,3]",
};

for (const [what, text] of Object.entries(broken)) {
    test(`${what} counts as nothing known, and is replaced`, async (t) => {
        const file = newFile(t);
        await set(file, emptyUsage);
        writeFileSync(file, text);
        t.deepEqual(await get(file), emptyUsage);
        t.deepEqual(JSON.parse(readFileSync(file, "utf8")), { version: 1, log: emptyUsage });
    });
}

test("a file that vanishes while it is used is written again from memory", async (t) => {
    const file = newFile(t);
    const store = fileStore(file, fails);
    await store.update(() => ({ usage: full, result: null }));
    rmSync(dirname(file), { recursive: true });
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
    t.deepEqual(await get(file), full);
});

test("a file whose writer was killed before it had its name is read", async (t) => {
    const file = newFile(t);
    await set(file, full);
    renameSync(file, `${file}.new`);
    t.deepEqual(await get(file), full);
});

test("a look that changes nothing writes nothing", async (t) => {
    const file = newFile(t);
    await set(file, full);
    const { ino } = statSync(file);
    await get(file);
    t.is(statSync(file).ino, ino);
});

test("what went on in memory stays there: the file is not used again in this run", async (t) => {
    const file = newFile(t);
    writeFileSync(dirname(file), "in the way");
    const said: string[] = [];
    const store = fileStore(file, (line) => said.push(line));
    await Promise.all([1, 2].map(() => store.update((usage) => ({ usage, result: null }))));
    t.is(said.length, 1, "said once, though two met it");
    rmSync(dirname(file));
    await store.update(() => ({ usage: full, result: null }));
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
    t.throws(() => statSync(file), { code: "ENOENT" });
});

test("a folder that cannot be made is said once, and the usage goes on in memory", async (t) => {
    const file = newFile(t);
    writeFileSync(dirname(file), "in the way");
    const said: string[] = [];
    const store = fileStore(file, (line) => said.push(line));
    await store.update(() => ({ usage: full, result: null }));
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
    t.is(said.length, 1);
    t.regex(
        said[0] ?? "",
        /quota\.json cannot be used \(.*cache is not a folder\): this process cannot see how much .* other processes use$/,
    );
});

test("a file that cannot be written is said once, and what was decided holds", async (t) => {
    const file = newFile(t);
    mkdirSync(file, { recursive: true });
    const said: string[] = [];
    const store = fileStore(file, (line) => said.push(line));
    t.is(await store.update(() => ({ usage: full, result: "decided" })), "decided");
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
    t.is(said.length, 1);
});

test("a file whose new text cannot be written is said once, and what was decided goes on in memory", async (t) => {
    const file = newFile(t);
    await set(file, emptyUsage);
    const before = readFileSync(file, "utf8");
    mkdirSync(`${file}.new`);
    const said: string[] = [];
    const store = fileStore(file, (line) => said.push(line));
    t.is(await store.update(() => ({ usage: full, result: "decided" })), "decided");
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
    t.is(said.length, 1);
    t.regex(said[0] ?? "", /quota\.json cannot be used \(\w+\): this process cannot see/);
    t.is(readFileSync(file, "utf8"), before);
});

test("a text that no other process has changed is not parsed again", async (t) => {
    const file = newFile(t);
    const store = fileStore(file, fails);
    await store.update(() => ({ usage: full, result: null }));
    t.is(await store.update((usage) => ({ usage, result: usage })), full);
    await set(file, { ...full, answered: [now] });
    t.deepEqual(await store.update((usage) => ({ usage, result: usage })), { ...full, answered: [now] });
});

test("a process that was killed while it held the lock holds nobody up for long", async (t) => {
    const file = newFile(t);
    const killed = await execa(process.execPath, [processFile, "hold", file], { reject: false });
    t.is(killed.signal, "SIGKILL");
    t.deepEqual(readdirSync(dirname(file)), ["quota.json.lock"]);
    const start = performance.now();
    // Fails if it is said that the file cannot be used.
    await set(file, full);
    t.log(`waited ${Math.round(performance.now() - start)} ms`);
    t.deepEqual(await get(file), full);
});

const untrusted: Readonly<Record<string, (file: string) => RegExp>> = {
    "a folder that others can write to": (file) => {
        chmodSync(dirname(file), 0o770);
        return /other users can write to .*cache\)/;
    },
    "a way to it that every user can write to": (file) => {
        chmodSync(dirname(dirname(file)), 0o777);
        return /every user can write to .*quota-\w+\)/;
    },
    "a link in the file's place": (file) => {
        symlinkSync(join(dirname(dirname(file)), "elsewhere"), file);
        return /quota\.json is a link\)/;
    },
    "a file that others can write to": (file) => {
        writeFileSync(file, "");
        chmodSync(file, 0o666);
        return /other users can write to .*quota\.json\)/;
    },
};

for (const [what, put] of Object.entries(untrusted)) {
    test(`${what} is said once, nothing is read or written there, and the usage goes on in memory`, async (t) => {
        const file = newFile(t);
        mkdirSync(dirname(file), { mode: 0o700 });
        const elsewhere = join(dirname(dirname(file)), "elsewhere");
        writeFileSync(elsewhere, JSON.stringify({ version: 1, log: full }));
        const why = put(file);
        const said: string[] = [];
        const store = fileStore(file, (line) => said.push(line));
        t.deepEqual(await store.update((usage) => ({ usage: full, result: usage })), emptyUsage);
        t.deepEqual(await store.update((usage) => ({ usage, result: usage })), full);
        t.is(said.length, 1);
        t.regex(said[0] ?? "", why);
        t.is(readFileSync(elsewhere, "utf8"), JSON.stringify({ version: 1, log: full }));
    });
}

test("a link in the place of the new text is replaced, and what it leads to stays", async (t) => {
    const file = newFile(t);
    await set(file, emptyUsage);
    const elsewhere = join(dirname(dirname(file)), "elsewhere");
    writeFileSync(elsewhere, "kept");
    symlinkSync(elsewhere, `${file}.new`);
    await set(file, full);
    t.is(readFileSync(elsewhere, "utf8"), "kept");
    t.deepEqual(await get(file), full);
    t.deepEqual(readdirSync(dirname(file)), ["quota.json"]);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    test(`a process that has used the file still ends by ${signal}, as one that has not`, async (t) => {
        const file = newFile(t);
        for (const args of [["idle"], ["idle", file]]) {
            const child = execa(process.execPath, [processFile, ...args], { reject: false });
            for await (const line of child) {
                t.is(line, "ready");
                child.kill(signal);
            }
            const ended = await child;
            t.is(ended.signal, signal, ended.stderr);
            t.is(ended.exitCode, undefined);
        }
    });
}

test("a change that fails lets the lock go", async (t) => {
    const file = newFile(t);
    const store = fileStore(file, fails);
    const broken = async () => store.update(() => fails("a fault of ours"));
    await t.throwsAsync(broken, { message: "a fault of ours" });
    t.deepEqual(await get(file), emptyUsage);
});

test("the memory store keeps what it is given", async (t) => {
    const store = memoryStore();
    t.is(await store.update((usage) => ({ usage: { ...usage, answered: [now] }, result: 1 })), 1);
    t.deepEqual(await store.update((usage) => ({ usage, result: usage.answered })), [now]);
});
