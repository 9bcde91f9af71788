import { mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { fakeClone } from "./fake-clone.ts";
import { until } from "./program.ts";

const withoutPulumi = ["--without-pulumi"];
const npmCi = "npm ci --include=dev --loglevel=error";

test("the first run installs and compiles, the second finds all of it fresh", async (t) => {
    const clone = await fakeClone(t);
    t.is((await clone.run(withoutPulumi)).code, 0);
    t.deepEqual(await clone.calls(), [npmCi, "tsc"]);
    const again = await clone.run(withoutPulumi);
    t.is(again.code, 0);
    t.is(again.stdout + again.stderr, "");
    t.deepEqual(await clone.calls(), []);
    t.deepEqual(await readdir(join(clone.root, ".set-up")), ["build.json"]);
});

test("a changed source is compiled, a changed lock file is installed and compiled", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(withoutPulumi);
    await clone.calls();
    await writeFile(join(clone.root, "provider", "index.ts"), "// second");
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// second");
    await writeFile(join(clone.root, "package-lock.json"), "{ }");
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), [npmCi, "tsc"]);
});

test("of the compiled types, only those stay that an entry point reaches", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(withoutPulumi);
    t.deepEqual((await readdir(join(clone.root, "dist"))).sort(), ["index.d.ts", "index.js", "one.d.ts"]);
    t.deepEqual((await readdir(join(clone.root, "simulator", "dist"))).sort(), ["index.d.ts", "index.js"]);
});

test("dist is compiled again when it was changed or deleted", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(withoutPulumi);
    await writeFile(join(clone.root, "dist", "index.js"), "// by hand");
    await clone.calls();
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    await rm(join(clone.root, "dist"), { recursive: true });
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// first");
});

test("the simulator is compiled into a folder of its own, and again when that was changed or deleted", async (t) => {
    const clone = await fakeClone(t);
    const output = join(clone.root, "simulator", "dist");
    await clone.run(withoutPulumi);
    t.is(await readFile(join(output, "index.js"), "utf8"), "// first simulator");
    t.false((await readdir(join(clone.root, "dist"))).includes("simulator"));
    await writeFile(join(output, "index.js"), "// by hand");
    await clone.calls();
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    await rm(output, { recursive: true });
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    t.is(await readFile(join(output, "index.js"), "utf8"), "// first simulator");
    await writeFile(join(clone.root, "simulator", "index.ts"), "// second simulator");
    await clone.run(withoutPulumi);
    t.deepEqual(await clone.calls(), ["tsc"]);
    t.is(await readFile(join(output, "index.js"), "utf8"), "// second simulator");
});

test("dependencies whose installation failed are installed by the next run", async (t) => {
    const clone = await fakeClone(t);
    const failed = await clone.run(withoutPulumi, { FAKE_NPM: "fail" });
    t.is(failed.code, 1);
    t.regex(failed.stderr, /npm ci failed with exit code 1/);
    t.notRegex(failed.stderr, /\bat /);
    await clone.calls();
    t.is((await clone.run(withoutPulumi)).code, 0);
    t.deepEqual(await clone.calls(), [npmCi, "tsc"]);
});

test("an interrupted installation ends npm, gives the lock back and is done again", async (t) => {
    const clone = await fakeClone(t);
    const program = clone.start(withoutPulumi, { FAKE_NPM: "hang" });
    await until(async () => (await readFile(join(clone.root, "..", "calls"), "utf8")) !== "");
    program.child.kill("SIGINT");
    t.is((await program.ended).code, 130);
    t.regex(program.stderr(), /interrupted by SIGINT/);
    t.deepEqual(await readdir(join(clone.root, ".set-up")), []);
    await clone.calls();
    t.is((await clone.run(withoutPulumi)).code, 0);
    t.deepEqual(await clone.calls(), [npmCi, "tsc"]);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`a compilation that ${signal} ends leaves the old dist, and is done again`, async (t) => {
        const clone = await fakeClone(t);
        await clone.run(withoutPulumi);
        await clone.calls();
        await writeFile(join(clone.root, "provider", "index.ts"), "// second");
        const program = clone.start(withoutPulumi, { FAKE_TSC: "hang" });
        await until(async () => (await clone.pidOf("tsc")) !== undefined);
        const tsc = await clone.pidOf("tsc");
        program.child.kill(signal);
        if (signal === "SIGKILL") {
            // Nobody can end the children of a process that is killed outright.
            process.kill(tsc ?? Number.NaN, "SIGKILL");
        }
        await program.ended;
        if (signal === "SIGTERM") {
            t.throws(() => process.kill(tsc ?? Number.NaN, 0), { code: "ESRCH" });
        }
        t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// first");
        await clone.calls();
        t.is((await clone.run(withoutPulumi)).code, 0);
        t.deepEqual(await clone.calls(), ["tsc"]);
        t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// second");
        t.deepEqual(await readdir(join(clone.root, ".set-up")), ["build.json"]);
    });
}

test("sources that do not compile leave the old dist and fail the run", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(withoutPulumi);
    await writeFile(join(clone.root, "provider", "index.ts"), "// second");
    const failed = await clone.run([...withoutPulumi, "node", "--version"], { FAKE_TSC: "fail" });
    t.is(failed.code, 1);
    t.is(failed.stdout, "");
    t.regex(failed.stderr, /TypeScript does not compile/);
    t.is(await readFile(join(clone.root, "dist", "index.js"), "utf8"), "// first");
});

test("two runs at once install and compile once", async (t) => {
    const clone = await fakeClone(t);
    const ends = await Promise.all([clone.run(withoutPulumi), clone.run(withoutPulumi), clone.run(withoutPulumi)]);
    t.deepEqual(
        ends.map(({ code }) => code),
        [0, 0, 0],
    );
    t.deepEqual(await clone.calls(), [npmCi, "tsc"]);
});

test("the package is found by its own name below the clone, also after npm removed the link", async (t) => {
    const clone = await fakeClone(t);
    const link = join(clone.root, "node_modules", "pulumi-defender-cancellation");
    await clone.run(withoutPulumi);
    t.is(await realpath(link), await realpath(clone.root));
    await rm(link);
    await mkdir(link);
    await clone.run(withoutPulumi);
    t.is(await realpath(link), await realpath(clone.root));
});
