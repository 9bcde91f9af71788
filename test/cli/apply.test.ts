import { join } from "node:path";
import test from "ava";
import { applyArguments, commandScene } from "../helpers/command.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e20";
const actions = [
    { id, computerDnsName: "ws-0417.contoso.example" },
    { id: other, status: "InProgress", behaviour: "in-progress-then-cancelled" as const },
];
const declaration = `version: 1
comment: "INC-4711: wrong scope"
cancellations:
    - machineActionId: ${id}
      expect: { computerDnsName: ws-0417.contoso.example }
    - machineActionId: ${other}
`;
test("apply looks first, cancels, proves it, and leaves evidence that report reads", async (t) => {
    const { run, write, read, posts, simulator } = await commandScene(t, { actions });
    await write("incident.yaml", declaration);
    const { code, stdout, stderr } = await run([...applyArguments, "--evidence", "evidence.json"]);
    t.is(code, 0, stderr);
    t.is(posts(), 2);
    t.regex(stdout, /^2 of 2 cancelled and proven; effect: 1 prevented, 1 unknown; evidence in evidence\.json\n$/);
    t.regex(stderr, /would cancel: Isolate on ws-0417\.contoso\.example/);
    t.is(
        simulator.action(id)?.cancellationComment?.replace(/[0-9a-f]{12}\]$/, "DIGEST]"),
        "INC-4711: wrong scope (applied by hand: the Git host is down) [pulumi incident/prod/playbook-12 DIGEST]",
    );
    const evidence = JSON.parse(await read("evidence.json"));
    t.like(evidence, { reason: "the Git host is down", declaredBy: "incident/prod/playbook-12", reasons: [] });
    t.like(evidence.resource.outputs.counts, { cancelled: 2, prevented: 1, unknown: 1 });
    const report = await run(["report", "--state", "evidence.json", "--verify"]);
    t.is(report.code, 0, report.stdout);
    t.regex(report.stdout, /2 cancellations: 2 cancelled; effect: 1 prevented, 1 unknown/);

    const again = await run([...applyArguments, "--evidence", "evidence.json"]);
    t.is(again.code, 1);
    t.regex(again.stderr, /the file exists, and evidence is never overwritten. Nothing was sent/);
    t.false(again.stderr.includes("would be requested"), "before the plan and the confirmation");
    t.is(posts(), 2);
});

test("without a terminal and without --yes nothing is read or sent", async (t) => {
    const { run, write, simulator } = await commandScene(t, { actions });
    await write("incident.yaml", declaration);
    const { code, stderr } = await run(applyArguments.filter((arg) => arg !== "--yes"));
    t.is(code, 64);
    t.regex(stderr, /pass --yes/);
    t.deepEqual(simulator.requests, []);
});

test("the guard is asked: what it refuses is said before and sent never, and its limit is that of what is sent", async (t) => {
    const { run, write, read, posts, folder, simulator } = await commandScene(t, { actions });
    await write("incident.yaml", declaration);
    await write("guard.yaml", `version: 1\nmaxPerRun: 1\nprotectMachineIds: [${simulator.action(other)?.machineId}]\n`);
    const env = { DEFENDER_GUARD: join(folder, "guard.yaml") };
    const { code, stderr } = await run([...applyArguments, "--evidence", "evidence.json"], { env });
    t.is(code, 1);
    t.regex(stderr, new RegExp(`! ${other}: refused by the guard: .*; protectMachineIds: `));
    t.regex(stderr, /DEFENDER_APPROVED_DIGEST=[0-9a-f]{64}:[0-9a-f]{16}$/m);
    t.regex(stderr, /of 2 cancellations: 1 would be requested, 1 would fail/);
    t.is(posts(), 1);
    t.is(simulator.action(other)?.status, "InProgress");
    const { resource } = JSON.parse(await read("evidence.json"));
    t.is(resource.outputs.results[other].failure, "ERR_DEFENDER_DENIED");
});

test("an action that is not what was approved stops all of them", async (t) => {
    const { run, write, posts } = await commandScene(t, { actions });
    await write("incident.yaml", declaration.replace("ws-0417", "ws-9999"));
    const { code, stderr } = await run(applyArguments);
    t.is(code, 1);
    t.regex(stderr, /1 action is not as approved: nothing was sent/);
    t.is(posts(), 0);
});

test("what falls short ends with 1, is named, and what was achieved is in the evidence", async (t) => {
    const { run, write, posts } = await commandScene(t, {
        actions: [actions[0] ?? {}, { id: other, status: "Succeeded" }],
    });
    await write("incident.yaml", declaration);
    const { code, stdout, stderr } = await run(applyArguments);
    t.is(code, 1);
    t.is(posts(), 1);
    const evidence = JSON.parse(stdout);
    t.like(evidence.resource.outputs.counts, { cancelled: 1, unproven: 1 });
    t.true(evidence.reasons.length > 0);
    t.regex(stderr, new RegExp(`${other}.*Succeeded`));
});

test("what is not proven in time is gone on with by apply, and no line speaks of a command of Pulumi", async (t) => {
    const stubborn = { id, behaviour: "never-final" as const };
    const { run, write } = await commandScene(t, { actions: [stubborn, { id: other }] });
    await write("incident.yaml", `${declaration.replace(/\n.*expect.*/, "")}confirmWithinSeconds: 5\n`);
    const { code, stdout, stderr } = await run([...applyArguments, "--evidence", "evidence.json"]);
    t.is(code, 1);
    t.regex(stderr, /ERR_DEFENDER_NOT_CONFIRMED: .*run `defender-cancellation apply` again to go on/);
    t.notRegex(stdout + stderr, /pulumi (?:up|refresh|preview)/);
});

test("a declaration or a state that is not there is answered with the files that could be meant", async (t) => {
    const { run, write } = await commandScene(t, { actions });
    await write("incident.yaml", declaration);
    await write("evidence.json", "{}");
    const misspelt = applyArguments.map((arg) => (arg === "incident.yaml" ? "incdent.yaml" : arg));
    const files =
        /incdent\.yaml cannot be read: ENOENT, there is no such file(?: or folder)?\. The current folder has: evidence\.json, incident\.yaml$/m;
    for (const args of [
        misspelt,
        ["declare", "incdent.yaml", "--acknowledge"],
        ["audit", "--declared", "incdent.yaml"],
    ]) {
        const { code, stderr } = await run(args);
        t.is(code, 1, stderr);
        t.regex(stderr, files, args.join(" "));
    }
    const { stderr } = await run(["report", "--state", "evdence.json"]);
    t.regex(stderr, /the state evdence\.json cannot be read: ENOENT.* has: evidence\.json$/m);
});

test("a broken file is refused with its line and column, and nothing is asked", async (t) => {
    const { run, write, simulator } = await commandScene(t, { actions });
    await write("incident.yaml", declaration.replace("expect:", "expects:"));
    const { code, stderr } = await run(applyArguments);
    t.is(code, 1);
    t.regex(stderr, /incident\.yaml:5:7: "expects" is not a property of cancellations\[0\]/);
    // As a program that declares it would.
    await write("incident.yaml", Buffer.from(declaration.replace("comment: ", "comment: \xe9"), "latin1"));
    const latin = await run(applyArguments);
    t.is(latin.code, 1);
    t.regex(latin.stderr, /the declaration file incident\.yaml cannot be read: it is not UTF-8/);
    t.deepEqual(simulator.requests, []);
});

test("a blank reason and a name that hides characters are refused before anything is read", async (t) => {
    const { run, simulator } = await commandScene(t, { actions: [{}] });
    const apply = (reason: string, as: string) =>
        run(["apply", "incident.yaml", "--reason", reason, "--as", as, "--yes"]);
    for (const reason of ["", "  "]) {
        const { code, stderr } = await apply(reason, "incident/prod/playbook-12");
        t.is(code, 64);
        t.regex(stderr, /'--reason <text>' argument .* is invalid\. Expected a text that says why/);
    }
    for (const as of ["incident/prod", "incident//playbook-12", "incident/prod/\u202eplaybook", "incident/prod/[x]"]) {
        const { code, stderr } = await apply("the Git host is down", as);
        t.is(code, 64);
        t.regex(stderr, /Expected PROJECT\/STACK\/NAME/);
        t.notRegex(stderr, /\u202e/);
    }
    t.deepEqual(simulator.requests, []);
});
