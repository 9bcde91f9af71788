import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { type FakeClone, fakeClone } from "./fake-clone.ts";
import { pulumiOf } from "./fake-programs.ts";
import { until } from "./program.ts";

const pulumiVersion = ["pulumi", "version"];
const install = "install 3.259.0";

/** The calls that concern the CLI. */
async function cliCalls(clone: FakeClone): Promise<string[]> {
    return (await clone.calls()).filter((call) => !/^(npm|tsc)/.test(call)).map((call) => call.replace(/ -.*/, ""));
}

test("a pulumi on PATH that is new enough is used, and nothing is fetched", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("pulumi", "v3.216.0");
    const { code, stdout } = await clone.run(pulumiVersion);
    t.is(code, 0);
    t.is(stdout, "v3.216.0\n");
    t.deepEqual(await cliCalls(clone), []);
});

for (const version of ["v3.215.9", "v4.0.0", "v2.999.0", undefined]) {
    test(`a pulumi on PATH of version ${version ?? "unknown"} is passed over, saying so`, async (t) => {
        const clone = await fakeClone(t);
        await clone.put("pulumi", version);
        const { stdout, stderr } = await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" });
        t.is(stdout, "v3.300.0-installed\n");
        t.regex(stderr, version ? /ignoring .*pulumi: it is v/ : /ignoring .*pulumi: it prints no version/);
    });
}

test("the CLI of the installer is kept and used by the next run", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("go");
    await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" });
    t.deepEqual(await cliCalls(clone), [install]);
    const { stdout, stderr } = await clone.run(pulumiVersion);
    t.is(stdout, "v3.300.0-installed\n");
    t.is(stderr, "");
    t.deepEqual(await cliCalls(clone), []);
});

test("a kept CLI that does not run any more is replaced", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" });
    const [key = ""] = await readdir(clone.kept);
    await writeFile(join(clone.kept, key, "bin", "pulumi"), pulumiOf());
    t.is((await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" })).stdout, "v3.300.0-installed\n");
});

test("where the installer fails, Go builds the pinned CLI with the plugin beside it", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("go");
    const { stdout, stderr } = await clone.run(pulumiVersion);
    t.is(stdout, "v3.259.0-built\n");
    t.regex(stderr, /the installer does not work here: fetch failed\n/);
    const builds = (await clone.calls()).filter((call) => call.startsWith("go build"));
    t.is(builds.length, 1);
    t.regex(
        builds[0] ?? "",
        /^go build -v -trimpath -tags osusergo,grpcnotrace -ldflags -w -s -X github\.com\/pulumi\/pulumi\/sdk\/v3\/go\/common\/version\.Version=v3\.259\.0 -o .* github\.com\/pulumi\/pulumi\/pkg\/v3\/cmd\/pulumi$/,
    );
    const [key = "", ...others] = await readdir(clone.kept);
    t.deepEqual(others, []);
    t.true(key.startsWith(`v3.259.0-${process.platform}-${process.arch}-`));
    const plugin = join(clone.kept, key, "bin", "pulumi-resource-pulumi-nodejs");
    t.is(await readFile(plugin, "utf8"), "the plugin");
    t.is((await stat(plugin)).mode & 0o111, 0o111);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`a build that ${signal} ends is never taken for a finished one`, async (t) => {
        const clone = await fakeClone(t);
        await clone.put("go");
        const program = clone.start(pulumiVersion, { FAKE_GO: "hang" });
        await until(async () => (await clone.pidOf("go build")) !== undefined);
        const builder = (await clone.pidOf("go build")) ?? Number.NaN;
        program.child.kill(signal);
        if (signal === "SIGKILL") {
            // Nobody can end the children of a process that is killed outright.
            process.kill(builder, "SIGKILL");
        }
        const { code } = await program.ended;
        if (signal === "SIGTERM") {
            t.is(code, 143);
            t.throws(() => process.kill(builder, 0), { code: "ESRCH" });
            t.deepEqual(await readdir(clone.kept), []);
        }
        await clone.calls();
        t.is((await clone.run(pulumiVersion)).stdout, "v3.259.0-built\n");
        t.deepEqual(await cliCalls(clone), [install, "go version", "go list", "go build"]);
        t.is((await readdir(clone.kept)).length, 1);
    });
}

test("a build that fails shows Go's last words and what to do, and keeps nothing", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("go");
    const { code, stdout, stderr } = await clone.run(pulumiVersion, { FAKE_GO: "fail" });
    t.is(code, 1);
    t.is(stdout, "");
    t.regex(stderr, /go build failed with exit code 1:\n(.*\n)*no space left on device\n.*pulumi\.com\/docs\/install/);
    t.deepEqual(await readdir(clone.kept), []);
});

test("two runs at once build once", async (t) => {
    const clone = await fakeClone(t);
    await clone.put("go");
    const ends = await Promise.all([clone.run(pulumiVersion), clone.run(pulumiVersion)]);
    t.deepEqual(
        ends.map(({ stdout }) => stdout),
        ["v3.259.0-built\n", "v3.259.0-built\n"],
    );
    t.deepEqual(await cliCalls(clone), [install, "go version", "go list", "go build"]);
});

test("with no way to a CLI the error says how to get one", async (t) => {
    const clone = await fakeClone(t);
    const { code, stderr } = await clone.run(pulumiVersion);
    t.is(code, 1);
    t.regex(stderr, /no Pulumi CLI.*https:\/\/www\.pulumi\.com\/docs\/install\/.*install Go 1\.25\.11 or newer/);
    t.notRegex(stderr, /\n +at /);
});

test("another go.sum asks for another CLI", async (t) => {
    const clone = await fakeClone(t);
    await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" });
    const goSum = join(clone.root, "tools", "pulumi-cli", "go.sum");
    await chmod(goSum, 0o644);
    await writeFile(goSum, "changed");
    await cliCalls(clone);
    await clone.run(pulumiVersion, { FAKE_INSTALLER: "works" });
    t.deepEqual(await cliCalls(clone), [install]);
});
