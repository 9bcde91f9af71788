import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { list } from "tar";
import { manifestOf } from "../../../tools/release/packages.ts";
import { archiveName, packFiles, systems } from "../../../tools/release/plugin/archives.ts";
import { bundlePlugin } from "../../../tools/release/plugin/bundle.ts";
import { bundledLicensesPage, bundledPackages } from "../../../tools/release/plugin/bundled-licenses.ts";

test("an archive has its files at the root, the program executable, and always the same bytes", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "plugin-archives-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const files = { program: "program", others: ["main.mjs", "LICENSE"] };
    const pack = async (name: string, mode: number, changed: Date) => {
        for (const file of [files.program, ...files.others]) {
            await writeFile(join(folder, file), `the content of ${file}`);
            await chmod(join(folder, file), mode);
            await utimes(join(folder, file), changed, changed);
        }
        await packFiles(folder, files, join(folder, name));
        return readFile(join(folder, name));
    };
    const first = await pack("first.tar.gz", 0o600, new Date("2026-11-30T10:00:00Z"));
    t.deepEqual(await pack("second.tar.gz", 0o666, new Date("2026-11-30T11:00:00Z")), first);
    const entries: [path: string, mode: string | undefined][] = [];
    await list({
        file: join(folder, "first.tar.gz"),
        onReadEntry: ({ path, mode }) => void entries.push([path, mode?.toString(8)]),
    });
    t.deepEqual(entries, [
        ["LICENSE", "644"],
        ["main.mjs", "644"],
        ["program", "755"],
    ]);
});

test("there is an archive for each system, under the name that the CLI looks for", (t) => {
    t.is(systems.length, 6);
    t.is(archiveName("darwin-arm64"), `pulumi-resource-defender-v${manifestOf(".").version}-darwin-arm64.tar.gz`);
});

test("each package in the bundle is permissive, and the archive has its version and its license", async (t) => {
    const { code, packages: folders } = await bundlePlugin();
    const packages = bundledPackages(folders);
    const names = packages.map(({ name }) => name);
    for (const name of [
        "@azure/identity",
        "@grpc/grpc-js",
        "@pulumi/pulumi",
        "google-protobuf",
        "got",
        "yaml",
        "zod",
    ]) {
        t.true(names.includes(name), name);
    }
    const permissive = /^(?:0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|ISC|MIT)$/;
    const others = packages.filter(
        ({ license }) => !license.split(/ (?:AND|OR) /).every((one) => permissive.test(one)),
    );
    t.deepEqual(others, []);
    const withoutText = packages.filter(({ texts }) => texts[0]?.startsWith("The package holds no text"));
    t.deepEqual(
        withoutText.map(({ name }) => name),
        ["proxy-agent-negotiate"],
    );
    const page = bundledLicensesPage(packages);
    t.true(
        page.includes(
            `\n## got@${manifestOf(".").dependencies.got}: MIT\n\n    MIT License\n\n    Copyright (c) Sindre Sorhus`,
        ),
    );
    t.true(Buffer.from(code).includes(`{ "version": "${manifestOf(".").version}" }`));
});
