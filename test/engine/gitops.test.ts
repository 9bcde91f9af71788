import { chmod, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { machineActionCancellationSet } from "../../provider/provider-reference.ts";
import { type Simulator, startSimulator } from "../../simulator/index.ts";
import { tokenWith } from "../helpers/command.ts";
import { checkOut } from "../helpers/pipeline.ts";
import { startVault } from "../helpers/vault.ts";

const identity = (appid: string, ...roles: string[]) => ({
    DEFENDER_ACCESS_TOKEN: tokenWith({ appid, tid: "tenant", roles }),
});
const reader = identity("11111111-0000-4000-8000-000000000001", "Machine.Read.All");
const canceller = identity("22222222-0000-4000-8000-000000000002", "Machine.Read.All", "Machine.Isolate");

const guard = { GUARD: "{ version: 1, maxPerRun: 10, allowTypes: [Isolate] }" };

const posts = ({ requests }: Simulator) => requests.filter(({ operation }) => operation === "cancel").length;

function declaration(...ids: readonly string[]): string {
    const entries = ids.map((id) => `    - machineActionId: ${id}\n      expect:\n          type: Isolate\n`);
    return `version: 1\ncomment: INC-4711\ncancellations:\n${entries.join("")}`;
}

/** A state with a resource of ours whose provider text is another's. */
function stateWith(__provider: string): object {
    const { type } = machineActionCancellationSet;
    const urn = `urn:pulumi:inc-4710::cancellations::${type}::inc-4710`;
    const properties = { __provider };
    const resource = { urn, custom: true, id: "set-1", type, inputs: properties, outputs: properties };
    return {
        version: 3,
        deployment: { manifest: { time: new Date(0), magic: "", version: "" }, resources: [resource] },
    };
}

test("a reader previews the pull request, the canceller cancels what was merged, and the watch tells and never sends", async (t) => {
    await using simulator = await startSimulator({ actions: [{}, {}, {}, {}] });
    const [first = "", second = "", third = "", other = ""] = simulator.actions().map(({ id }) => id);
    const pipeline = await checkOut(t, { DEFENDER_API_URL: simulator.url, ...(await startVault(t)) });
    const reports = (when: string) => join(pipeline.runnerTemp, when);
    const head = await pipeline.commit({ "incidents/inc-4711.yaml": declaration(first, second) });

    await pipeline.fresh(`${head}~1`);
    const scope = await pipeline.run(["scope", "HEAD", head]);
    t.deepEqual([scope.exitCode, scope.stdout], [0, "inc-4711"], scope.all);
    const [preview, tooMighty] = await Promise.all([
        pipeline.run(["preview", "inc-4711"], { ...reader, ...guard }),
        pipeline.run(["preview", "inc-4711"], { ...canceller, ...guard }),
    ]);
    t.is(preview.exitCode, 0, preview.all);
    t.regex(preview.all, /of 2 cancellations: 2 would cancel/);
    const [digest = "no digest"] = /digest [0-9a-f]{12}/.exec(preview.all) ?? [];
    t.is(tooMighty.exitCode, 2, tooMighty.all);
    t.regex(tooMighty.all, /a reader must not be able to cancel/);

    // Merged, beside an incident into whose state somebody has written.
    await pipeline.fresh(head);
    await pipeline.fresh(await pipeline.commit({ "incidents/inc-4710.yaml": declaration(third) }));
    await pipeline.importState("inc-4710", stateWith("exports.handler = () => require('./theirs');"));
    const [before, unguarded] = await Promise.all([
        pipeline.run(["report", reports("before")]),
        pipeline.run(["up"], canceller),
    ]);
    t.is(before.exitCode, 0, before.all);
    t.false((await readdir(reports("before"))).includes("inc-4711.json"));
    t.is(unguarded.exitCode, 1, unguarded.all);
    t.regex(unguarded.all, /no guard/);
    t.is(posts(simulator), 0);
    const up = await pipeline.run(["up"], { ...canceller, ...guard, DEFENDER_APPROVED_DIGEST: "" });
    t.is(up.exitCode, 1, up.all);
    t.regex(up.all, /inc-4710 has a provider text that this package did not write/);
    t.true(up.all.includes(digest), "what was previewed, without the state, is what an approval is for");
    t.is(posts(simulator), 2, up.all);

    // That incident is taken back: its stack stays, and is nobody's drift.
    await pipeline.fresh(await pipeline.commit({ "incidents/inc-4710.yaml": undefined }));
    const states = await pipeline.states();
    const [after, noDrift] = await Promise.all([
        pipeline.run(["report", reports("after")]),
        pipeline.run(["drift"], reader),
    ]);
    t.is(after.exitCode, 0, after.all);
    const names = ["inc-4710", "inc-4711"].flatMap((name) => [`${name}.html`, `${name}.json`, `${name}.state.json`]);
    t.deepEqual((await readdir(reports("after"))).sort(), [...names, "stacks.txt"]);
    const { counts } = JSON.parse(await readFile(join(reports("after"), "inc-4711.json"), "utf8"));
    const state = JSON.parse(await readFile(join(reports("after"), "inc-4711.state.json"), "utf8"));
    t.like(state.deployment.secrets_providers, { type: "cloud", state: { url: "hashivault://incidents" } });
    t.like(counts, { total: 2, outcome: { cancelled: 2 } });
    t.is(noDrift.exitCode, 0, noDrift.all);

    simulator.resume(first);
    const byHand = await fetch(`${simulator.url}/api/machineactions/${other}/cancel`, {
        method: "POST",
        headers: { authorization: `Bearer ${canceller.DEFENDER_ACCESS_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ Comment: "by hand" }),
    });
    t.true(byHand.ok);
    const [drift, audit] = await Promise.all([pipeline.run(["drift"], reader), pipeline.run(["audit"], reader)]);
    t.is(drift.exitCode, 1, drift.all);
    t.true(drift.all.includes(`- ${first}: "InProgress"`), drift.all);
    t.is(audit.exitCode, 2, audit.all);
    t.deepEqual(
        [second, other].map((id) => audit.stdout.includes(id)),
        [false, true],
        audit.all,
    );
    t.is(posts(simulator), 3, "two by up, one by hand");
    t.deepEqual(await pipeline.states(), states, "the watch needs no right to write");
});

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

test("a quoted log is no Markdown, and fits into a comment", async (t) => {
    const pipeline = await checkOut(t);
    const log = join(pipeline.runnerTemp, "preview.log");
    const quoted = async (text: string) => {
        await writeFile(log, text);
        const { exitCode, stdout } = await pipeline.run(["quote", log]);
        t.is(exitCode, 0);
        return stdout;
    };
    const hostile = await quoted("```\r\n@everyone ![x](https://evil.example)\u001b[31m\n\n~~~ <img>\n");
    t.is(hostile, "    ```\n    @everyone ![x](https://evil.example)[31m\n    \n    ~~~ <img>");
    const long = await quoted(`${`begin\n${"é".repeat(50)}\n`.repeat(5_000) + "x".repeat(100_000)}\nend`);
    t.true(long.length < 65_000);
    t.regex(long, /^The beginning is in the log of the run\.\n\n {4}/);
    t.true(long.endsWith("\n    end"));
    t.deepEqual(
        long
            .split("\n")
            .slice(2)
            .filter((line) => !line.startsWith("    ")),
        [],
    );
});

test("the pipeline says what it can do, and does nothing else", async (t) => {
    const pipeline = await checkOut(t);
    for (const args of [[], ["help"], ["up", "now"], ["scope", "HEAD"], ["rm"]]) {
        const { exitCode, all } = await pipeline.run(args);
        t.is(exitCode, 64, args.join(" "));
        t.regex(all, /pipeline\.sh scope BASE HEAD/);
    }
    for (const name of ["../index", "--help", "none", "inc-4711\nx"]) {
        const { exitCode, all } = await pipeline.run(["preview", name]);
        t.is(exitCode, 1, all);
        t.regex(all, /there is no incident/);
    }
});
