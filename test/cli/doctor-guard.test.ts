import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { commandScene } from "../helpers/command.ts";

test("doctor shows the rules of a guard, offline too, and fails on one that cannot be used", async (t) => {
    const scene = await commandScene(t);
    const guard = join(scene.folder, "guard.yaml");
    const env = { DEFENDER_GUARD: guard, XDG_CACHE_HOME: join(scene.folder, "cache") };
    const doctor = async (text: string | undefined, more: Readonly<Record<string, string>> = {}) => {
        if (text !== undefined) {
            await scene.write("guard.yaml", text);
        }
        const { code, stdout } = await scene.run(["doctor", "--offline"], { env: { ...env, ...more } });
        const line = stdout.split("\n").find((one) => / {2}guard {5}/.test(one)) ?? "";
        return { code, line };
    };
    const missing = await doctor(undefined);
    t.is(missing.code, 2);
    t.regex(missing.line, /^fail {2}guard {5}ERR_DEFENDER_GUARD: .*there is no such file/);
    const sound = await doctor("version: 1\nmaxPerRun: 10\ndenyTypes: [Offboard, LiveResponse]\n");
    t.regex(sound.line, /^(?:ok|warn) {2,4}guard {5}.*maxPerRun 10; denyTypes Offboard, LiveResponse/);
    t.false(sound.line.startsWith("fail"));
    const strange = await doctor("version: 1\ndenyTypes: [Isolaet]\n");
    t.regex(
        strange.line,
        /^warn {2}guard {5}.*denyTypes Isolaet; denyTypes has "Isolaet": this package does not know this type/,
    );
    for (const wrong of ["version: 1\nmaxPerRum: 10\n", "version: 2\n", "[", ""]) {
        const { code, line } = await doctor(wrong);
        t.is(code, 2, wrong);
        t.regex(line, /^fail {2}guard {5}ERR_DEFENDER_GUARD: .*cannot be used/, wrong);
    }
    const relative = await doctor("version: 1\n", { DEFENDER_GUARD: "guard.yaml" });
    t.regex(relative.line, /^fail {2}guard {5}ERR_DEFENDER_CONFIGURATION: .*absolute path/);
});

test("doctor fails where maxPerRun is set and its count cannot be written", async (t) => {
    const scene = await commandScene(t);
    const cache = join(scene.folder, "cache");
    await writeFile(cache, "a file where the folder should be");
    const guard = join(scene.folder, "guard.yaml");
    const doctor = (rules: string) =>
        scene
            .write("guard.yaml", `version: 1\n${rules}\n`)
            .then(() => scene.run(["doctor", "--offline"], { env: { DEFENDER_GUARD: guard, XDG_CACHE_HOME: cache } }));
    const limited = await doctor("maxPerRun: 10");
    t.regex(
        limited.stdout,
        /^fail {2}guard {5}.*maxPerRun is set, but \S+runs\.json cannot be written \(\S+ is not a folder\)/m,
    );
    t.notRegex((await doctor("requireExpect: [type]")).stdout, /^fail {2}guard/m);
});

test("doctor fails where the count is damaged, and leaves a sound one as it was", async (t) => {
    const scene = await commandScene(t);
    const folder = join(scene.folder, "cache", "pulumi-defender-cancellation");
    await mkdir(folder, { recursive: true });
    await scene.write("guard.yaml", "version: 1\nmaxPerRun: 10\n");
    const env = { DEFENDER_GUARD: join(scene.folder, "guard.yaml"), XDG_CACHE_HOME: join(scene.folder, "cache") };
    await writeFile(join(folder, "runs.json"), "{");
    t.regex((await scene.run(["doctor", "--offline"], { env })).stdout, /^fail {2}guard {5}.*is damaged/m);
    const at = scene.clock.now();
    await writeFile(
        join(folder, "runs.json"),
        JSON.stringify({ version: 1, runs: { "127.0.0.1:1": { taken: 7, at } } }),
    );
    t.notRegex((await scene.run(["doctor", "--offline"], { env })).stdout, /^fail {2}guard/m);
    const { runs } = JSON.parse(await scene.read("cache/pulumi-defender-cancellation/runs.json"));
    t.deepEqual([runs["127.0.0.1:1"].taken, runs.doctor.taken], [7, 0]);
});
