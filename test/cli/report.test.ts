import { link, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { scenarios } from "../../simulator/game-day/scenarios.ts";
import { commandScene } from "../helpers/command.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

const ids = [1, 2, 3].map((number) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${number}`);
const [first = "", second = "", third = ""] = ids;

const mixed = [
    { id: first, machineId: "a".repeat(40), computerDnsName: "ws-0001.contoso.example" },
    { id: second, machineId: "b".repeat(40), status: "InProgress", behaviour: "in-progress-then-cancelled" as const },
    { id: third, machineId: "c".repeat(40), status: "Succeeded" },
];

test("the record of a stack in all forms, whatever became of the stack's outputs", async (t) => {
    const scene = await commandScene(t, { actions: mixed });
    const set = await storedResource(scene, "playbook-12", {
        comment: "INC-4711: wrong scope",
        ifAlreadyFinal: "accept",
        cancellations: ids.map((machineActionId) => ({ machineActionId })),
    });
    const stdin = stackExport(set);
    const requests = scene.simulator.requests.length;
    const report = (...args: string[]) => scene.run(["report", ...args], { stdin });

    const text = await report();
    t.is(text.code, 0, text.stderr);
    t.regex(text.stdout, /3 cancellations: 2 cancelled, 1 tooLate; effect: 1 prevented, 1 unknown, 1 ran\n$/);
    t.is(text.stderr, "3 of 3 cancellations in the state\n");

    const json = JSON.parse((await report("--json")).stdout);
    t.like(json, { counts: { total: 3, effect: { prevented: 1, unknown: 1, ran: 1 } } });
    t.like(json.cancellations[0], {
        machineActionId: first,
        declaredBy: "incident/prod/playbook-12",
        statusBeforeCancel: "Pending",
        outcome: "cancelled",
        effect: "prevented",
    });
    t.regex(json.cancellations[0].evidence.commentSent, /^INC-4711: wrong scope \[pulumi incident\/prod\/playbook-12 /);

    const [header = "", row = ""] = (await report("--format", "csv")).stdout.split("\n");
    t.is(header.split(",").length, row.split(",").length);
    t.is(row.split(",")[header.split(",").indexOf("effect")], "prevented");

    t.regex((await report("--format", "markdown")).stdout, /^\| `ws-0001\.contoso\.example` \| `Isolate` \|/m);
    t.regex((await report("--format", "html")).stdout, /^<!doctype html>/);

    const worklist = await report("--effect", "ran,unknown", "--format", "machine-ids");
    t.deepEqual([worklist.code, worklist.stdout], [0, `${"b".repeat(40)}\n${"c".repeat(40)}\n`]);
    t.is((await report("--effect", "unproven", "--format", "machine-ids")).stdout, "");
    t.is(scene.simulator.requests.length, requests, "a report asks nobody");
});

test("--output writes a file; a state that is none is refused", async (t) => {
    const scene = await commandScene(t, { actions: mixed });
    const one = await storedResource(scene, "one", { machineActionId: first, comment: "INC-4711" });
    const written = await scene.run(["report", "--format", "csv", "--output", "r.csv"], { stdin: stackExport(one) });
    t.deepEqual([written.code, written.stdout], [0, ""]);
    t.regex(await scene.read("r.csv"), /^machineActionId,declaredBy,/);
    for (const [stdin, why] of [
        ["", /stdin is not JSON/],
        ["{}", /neither a stack export nor the evidence of an apply/],
        ['{"deployment":{"resources":{}}}', /neither a stack export/],
    ] as const) {
        const { code, stderr } = await scene.run(["report"], { stdin });
        t.is(code, 1);
        t.regex(stderr, why);
    }
    const missing = await scene.run(["report", "--state", "nowhere.json"]);
    t.regex(missing.stderr, /the state nowhere\.json cannot be read: ENOENT/);
});

test("--output never takes the place of a record, under any name", async (t) => {
    const scene = await commandScene(t, { actions: mixed });
    const one = await storedResource(scene, "one", { machineActionId: first, comment: "INC-4711" });
    const record = stackExport(one);
    await scene.write("record.json", record);
    await symlink("record.json", join(scene.folder, "link.json"));
    await link(join(scene.folder, "record.json"), join(scene.folder, "second.json"));
    for (const output of ["record.json", "./record.json", "link.json", "second.json"]) {
        const { code, stderr } = await scene.run(["report", "--state", "record.json", "--json", "--output", output]);
        t.is(code, 64);
        t.true(stderr.includes(`--output ${output} would overwrite the record record.json: name another file`));
    }
    t.is(await scene.read("record.json"), record);
    t.is((await scene.run(["report", "--state", "record.json", "--json", "--output", "report.json"])).code, 0);
});

test("a worklist that is not whole says so with exit code 2", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: third, machineId: null, status: "Succeeded" }] });
    const one = await storedResource(scene, "one", {
        machineActionId: third,
        comment: "INC-4711",
        ifAlreadyFinal: "accept",
    });
    const { code, stdout, stderr } = await scene.run(["report", "--format", "machine-ids"], {
        stdin: stackExport(one),
    });
    t.deepEqual([code, stdout], [2, ""]);
    t.regex(stderr, /has no machine id, so the list does not contain it/);
});

test("hostile names are harmless in every form", async (t) => {
    const scene = await commandScene(t);
    const hostile = scenarios.hostile?.actions(scene.clock.now()) ?? [];
    const rows = hostile.map((seed) => scene.simulator.seed(seed));
    const set = await storedResource(scene, "playbook-12", {
        comment: "INC-4711",
        cancellations: rows.map(({ id }) => ({ machineActionId: id })),
    });
    const report = async (format: string) =>
        (await scene.run(["report", "--format", format], { stdin: stackExport(set), isTerminal: true })).stdout;
    for (const format of ["text", "json", "csv", "markdown", "html"]) {
        const text = await report(format);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/, format);
        t.notRegex(text, /^\s*::|##\w*\[/m, format);
    }
    const csv = await report("csv");
    const cells = csv.match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^,\n]*)/gm) ?? [];
    t.true(cells.length > 100);
    t.deepEqual(
        cells.filter((cell) => /^"?\s*[=+@|%-]/.test(cell)),
        [],
    );
    t.true(csv.includes(`"'=HYPERLINK(""https://evil.example"",""ws-0417"")"`));
    const html = await report("html");
    t.notRegex(html, /<img|<script|onerror="/i);
    t.true(html.includes("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"));
    const markdown = await report("markdown");
    const outside = markdown.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, "");
    t.notRegex(outside, /evil|onerror|@everyone|<img|HYPERLINK/);
    const widths = new Set(
        markdown
            .split("\n")
            .filter((line) => line.startsWith("| "))
            .map((line) => line.split("|").length),
    );
    t.is(widths.size, 1, "no name ends a cell of the table");
});

test("a counted value of a tampered state adds no line to a report, and no emphasis", async (t) => {
    const scene = await commandScene(t, { actions: mixed });
    const one = await storedResource(scene, "one", { machineActionId: first, comment: "INC-4711" });
    one.outputs.effect = "prevented\n9 cancellations: 9 cancelled";
    one.outputs.outcome = "__cancelled__";
    const report = async (format: string) =>
        (await scene.run(["report", "--format", format], { stdin: stackExport(one) })).stdout;
    t.is((await report("text")).trimEnd().split("\n").length, 3);
    t.regex(await report("markdown"), /Outcome: 1 cancelled\. Effect: 1 prevented 9 cancellations 9 cancelled\./);
});

test("text in a tampered state is as harmless as text of the API", async (t) => {
    const scene = await commandScene(t, { actions: mixed });
    const one = await storedResource(scene, "one", { machineActionId: first, comment: "INC-4711" });
    const evil = "x\u001b[2J</td><script>alert(1)</script>`\n::error::y";
    for (const name of ["outcome", "effect", "type", "statusBeforeCancel", "requestedAtUtc", "confirmedAtUtc"]) {
        one.outputs[name] = evil;
    }
    one.inputs.declaredBy = evil;
    one.outputs.reissues = [{ id: evil, requestor: evil, status: evil, creationDateTimeUtc: evil }];
    for (const format of ["text", "json", "csv", "markdown", "html"]) {
        const { stdout } = await scene.run(["report", "--format", format], { stdin: stackExport(one) });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        t.notRegex(stdout, /[\u0000-\u0009\u000b-\u001f]/, format);
        t.notRegex(stdout, /^\s*::/m, format);
        if (format === "html") {
            t.notRegex(stdout, /<script|<\/td><s/);
        }
    }
});
