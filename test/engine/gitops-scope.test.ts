import { chmod, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { checkOut } from "../helpers/pipeline.ts";

test("a pull request that touches more than data files is refused, and none of it is taken", async (t) => {
    const pipeline = await checkOut(t);
    const base = await pipeline.commit({ "incidents/old.yaml": "old\n", "incidents/gone.yaml": "gone\n" });
    const path = (name: string) => join(pipeline.folder, name);
    const good = { "incidents/new.yaml": "new\n" };
    const scopeOf = async (head: string) => {
        await pipeline.fresh(base);
        return pipeline.run(["scope", "HEAD", head]);
    };
    /** Commits what was done to the index alone. */
    const commitIndex = async (...args: string[]) => {
        await pipeline.git(...args);
        await pipeline.git("commit", "--quiet", "--message", "Change");
        return pipeline.git("rev-parse", "HEAD");
    };
    const hostile: [string, () => Promise<string>, RegExp][] = [
        [
            "a program that prints its environment",
            () => pipeline.commit({ ...good, "index.ts": "console.log(process.env);" }),
            /touches index\.ts/,
        ],
        ["the lock file", () => pipeline.commit({ ...good, "package-lock.json": "{}" }), /touches package-lock/],
        ["a workflow", () => pipeline.commit({ ...good, ".github/workflows/x.yml": "on: push" }), /x\.yml/],
        [
            "stack config",
            async () => {
                await writeFile(path("Pulumi.new.yaml"), "config: {}\n");
                return commitIndex("add", "--force", "Pulumi.new.yaml");
            },
            /touches Pulumi\.new/,
        ],
        [
            "a link",
            async () => {
                await symlink("/etc/passwd", path("incidents/link.yaml"));
                return pipeline.commit({});
            },
            /regular file/,
        ],
        [
            "a link in the place of a file",
            async () => {
                await rm(path("incidents/old.yaml"));
                await symlink("../index.ts", path("incidents/old.yaml"));
                return pipeline.commit({});
            },
            /regular file/,
        ],
        [
            "a file that can be run",
            async () => {
                await chmod(path("incidents/old.yaml"), 0o755);
                return pipeline.commit({});
            },
            /regular file/,
        ],
        [
            "a submodule",
            () => commitIndex("update-index", "--add", "--cacheinfo", `160000,${base},incidents/sub.yaml`),
            /regular file/,
        ],
        ["a folder", () => pipeline.commit({ ...good, "incidents/sub/new.yaml": "" }), /sub/],
        [
            "a folder in the place of a file",
            async () => {
                await pipeline.commit({ "incidents/old.yaml": undefined });
                return pipeline.commit({ "incidents/old.yaml/x.yaml": "" });
            },
            /old\.yaml\/x/,
        ],
        ["an option for a name", () => pipeline.commit({ ...good, "incidents/--help.yaml": "" }), /--help/],
        ["a line break in a name", () => pipeline.commit({ "incidents/a\nb.yaml": "" }), /a\\nb/],
        ["another name on other systems", () => pipeline.commit({ "incidents/OLD.yaml": "" }), /OLD/],
        ["another kind of file", () => pipeline.commit({ "incidents/new.json": "{}" }), /new\.json/],
        ["attributes", () => pipeline.commit({ ...good, "incidents/.gitattributes": "* filter=x" }), /gitattributes/],
        ["a rename from outside", () => commitIndex("mv", "tsconfig.json", "incidents/new.yaml"), /tsconfig/],
    ];
    for (const [name, change, reason] of hostile) {
        await pipeline.fresh(base);
        const { exitCode, stdout, all } = await scopeOf(await change());
        t.is(exitCode, 1, `${name}\n${all}`);
        t.regex(all, reason, name);
        t.is(stdout, "", name);
        t.is(await pipeline.git("status", "--porcelain"), "", name);
    }

    await pipeline.fresh(base);
    const changes = { ...good, "incidents/old.yaml": "other\n", "incidents/gone.yaml": undefined };
    const head = await pipeline.commit(changes);
    const { exitCode, stdout, all } = await scopeOf(head);
    t.is(exitCode, 0, all);
    t.is(stdout, "new\nold");
    t.deepEqual((await readdir(path("incidents"))).sort(), ["new.yaml", "old.yaml"]);
    t.is(await readFile(path("incidents/old.yaml"), "utf8"), "other\n");

    // The base goes on: elsewhere it does no harm, in the same file it does.
    await pipeline.fresh(base);
    const onward = await pipeline.commit({ "README.md": "more\n" });
    t.is((await pipeline.run(["scope", onward, head])).exitCode, 0);
    const beside = await pipeline.commit({ "incidents/old.yaml": "theirs\n" });
    const stale = await pipeline.run(["scope", beside, head]);
    t.is(stale.exitCode, 1);
    t.regex(stale.all, /merge the base branch/);
    t.regex((await pipeline.run(["scope", "HEAD", "f".repeat(40)])).all, /forks/);
});
