import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
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
    t.regex(
        drift.all,
        /\nDrift of \S+:\nwarning: 1 not Cancelled any more: \S+ InProgress\n {2}As of the refresh\. .* cancels what it can and may\.\n*$/,
        "the end has the names, and the next step",
    );
    t.is(audit.exitCode, 2, audit.all);
    t.deepEqual(
        [second, other].map((id) => audit.stdout.includes(id)),
        [false, true],
        audit.all,
    );
    t.is(posts(simulator), 3, "two by up, one by hand");
    t.deepEqual(await pipeline.states(), states, "the watch needs no right to write");
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
