import test from "ava";
import { commandScene } from "../../../helpers/command.ts";
import { stackExport, storedResource } from "../../../helpers/stack-state.ts";
import { stageOf } from "../../../helpers/verified.ts";

const idOf = (number: number) => `5f2c7a10-93b4-4c1e-8d2f-${String(number).padStart(12, "0")}`;
const declared = (...numbers: readonly number[]) => ({
    comment: "INC-4711",
    cancellations: numbers.map((number) => ({ machineActionId: idOf(number) })),
});
const terminal = { isTerminal: true, columns: 100 };
const plain = { ...terminal, env: { NO_COLOR: "1" } };
/** What a terminal shows, without the breaks that only wrap a line. */
const unwrapped = (text: string) => text.replace(/\n {4,}(?=\S)/g, " ");

test("a record of which no run has read an action, as after a run in the wrong tenant, is no success", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(9) }] });
    const stage = stageOf(scene, "playbook-12", true);
    // A record without any earlier entry would not be kept.
    await stage.up(declared(9));
    await stage.up(declared(1, 2, 3));
    await stage.refresh();
    const stdin = stackExport(stage.state());
    const found = await scene.run(["report", "--verify"], { stdin, ...plain });
    t.is(found.code, 2);
    const text = unwrapped(found.stdout);
    t.regex(text, /^1 missing: 0 of 3 cancellations verified, 3 not verifiable, because no run has read the action\n/);
    t.regex(text, /^missing +stdin +resources: no run has read any of its 3 actions, and the API has none: /m);
    t.regex(text, /^next: Defender has none of these actions: check that this is the tenant of the record$/m);
    const { verification } = JSON.parse((await scene.run(["report", "--verify", "--json"], { stdin })).stdout);
    const statuses = verification.filter(({ field }: { field: string }) => field === "status");
    t.deepEqual(
        statuses.map(({ where, verdict }: { where: string; verdict: string }) => [where, verdict]),
        [1, 2, 3].map((number) => [idOf(number), "unverifiable"]),
    );
    const page = await scene.run(["report", "--verify", "--format", "html"], { stdin });
    t.is(page.code, 2);
    t.true(page.stdout.includes('class="sign bad">1 value to check against Defender<'), page.stdout);
});

test("an action that no run has read is not counted as verified beside one that is", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1) }] });
    const set = (await stageOf(scene, "playbook-12", true).up(declared(1, 2))).state();
    const stdin = stackExport(set);
    const found = await scene.run(["report", "--verify"], { stdin, ...terminal });
    t.is(found.code, 0, found.stdout);
    t.true(found.stdout.startsWith("\u001b[33m1 of 2 cancellations verified, 1 not verifiable"), found.stdout);
    const page = (await scene.run(["report", "--verify", "--format", "html"], { stdin })).stdout;
    t.true(page.includes('class="sign check">Defender confirms only a part of the record<'), page);
    t.true(page.includes("No run has read 1 action, so there is nothing to confirm."), page);
    const markdown = (await scene.run(["report", "--verify", "--format", "markdown"], { stdin })).stdout;
    t.regex(markdown, /^Not verified: 1 action that no run has read\.$/m);
});

test("where a value of a resource differs, none of its actions is counted as verified, and those of others are", async (t) => {
    const scene = await commandScene(t, { actions: [1, 2, 3].map((number) => ({ id: idOf(number) })) });
    const one = await storedResource(scene, "one", { machineActionId: idOf(1), comment: "INC-4711" });
    // The name of a resource can have an id that is none of an action.
    const name = `incident-${idOf(7)}`;
    const set = await storedResource(scene, name, declared(2, 3));
    set.outputs.digest = "nothing";
    const found = await scene.run(["report", "--verify"], { stdin: stackExport(one, set), ...plain });
    t.is(found.code, 2);
    t.regex(found.stdout, /^1 mismatch: 1 of 3 cancellations verified\nmismatch +incident\/prod\/incident-/);
    await scene.write("one.json", stackExport(one));
    await scene.write("set.json", stackExport(set));
    const several = ["report", "--verify", "--state", "one.json", "--state", "set.json"];
    t.regex((await scene.run(several, plain)).stdout, /^1 mismatch: 1 of 3 cancellations verified\n/);
});

const cancelsAgain = /^next: `pulumi up --refresh --run-program` cancels again/m;
const appliesAgain = /^next: `defender-cancellation apply` with the same file cancels again/m;
const findsOut = /^next: find out who changed the record or the action/m;

test("only an action that goes on again can be cancelled again; another status is a reason to find out who did it", async (t) => {
    const scene = await commandScene(t, { actions: [1, 2].map((number) => ({ id: idOf(number) })) });
    const set = await storedResource(scene, "playbook-12", declared(1, 2));
    const ran = await commandScene(t, {
        actions: [
            { id: idOf(1), status: "Succeeded" as const },
            { id: idOf(2), status: "Succeeded" as const },
        ],
    });
    const after = unwrapped((await ran.run(["report", "--verify"], { stdin: stackExport(set), ...plain })).stdout);
    t.regex(after, findsOut);
    t.notRegex(after, cancelsAgain);

    scene.simulator.resume(idOf(1));
    const drifted = unwrapped((await scene.run(["report", "--verify"], { stdin: stackExport(set), ...plain })).stdout);
    t.regex(drifted, cancelsAgain);
    t.notRegex(drifted, findsOut);

    const results = set.outputs.results as Record<string, Record<string, unknown>>;
    Object.assign(results[idOf(2)] ?? {}, { status: "Pending", outcome: "adopted" });
    const both = unwrapped((await scene.run(["report", "--verify"], { stdin: stackExport(set), ...plain })).stdout);
    t.regex(both, cancelsAgain);
    t.regex(both, findsOut);
});

test("of an action in several records, only the entry that counts says whether it is proven", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1), behaviour: "never-final" }] });
    const first = await stageOf(scene, "first", true).up({ ...declared(1), confirmWithinSeconds: 1 });
    scene.simulator.finish(idOf(1), "Cancelled");
    const second = await stageOf(scene, "second", true).up(declared(1));
    await scene.write("first.json", stackExport(first.state()));
    await scene.write("second.json", stackExport(second.state()));
    const verdictOf = async (...names: readonly string[]) => {
        const states = names.flatMap((name) => ["--state", name]);
        return (await scene.run(["report", ...states, "--verify"], plain)).stdout.split("\n")[0];
    };
    t.regex((await verdictOf("first.json")) ?? "", /1 of them without a proof that the action has ended$/);
    t.is(await verdictOf("first.json", "second.json"), "1 of 1 cancellation verified");
    t.is(await verdictOf("second.json", "first.json"), "1 of 1 cancellation verified");
});

test("the actions of the evidence of an apply are cancelled again by an apply", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: idOf(1) }] });
    await scene.write(
        "incident.yaml",
        `version: 1\ncomment: INC-4711\ncancellations:\n    - machineActionId: ${idOf(1)}\n`,
    );
    const apply = ["apply", "incident.yaml", "--yes", "--reason", "no pipeline", "--as", "incident/prod/playbook-12"];
    const applied = await scene.run([...apply, "--evidence", "evidence.json"]);
    t.is(applied.code, 0, applied.stderr);
    scene.simulator.resume(idOf(1));
    const stdin = await scene.read("evidence.json");
    const found = unwrapped((await scene.run(["report", "--verify"], { stdin, ...plain })).stdout);
    t.regex(found, appliesAgain);
    t.notRegex(found, cancelsAgain);
});
