import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { requireNode } from "../../cli/node-version.ts";
import { commandScene } from "../helpers/command.ts";

const id = "57d37735-f7d6-4772-85f1-94b5d07a080f";

test("a value without its option gets the option that takes it", async (t) => {
    const { run, folder, simulator } = await commandScene(t);
    await mkdir(join(folder, "incidents"));
    for (const [line, option] of [
        ["report e1.json", "--state e1.json"],
        ["report --json e1.json", "--state e1.json"],
        ["report inc-4711", "--stack inc-4711"],
        ["audit e1.json", "--state e1.json"],
        ["audit inc.yaml", "--declared inc.yaml"],
        ["audit incidents", "--declared incidents"],
        ["audit 24h", "--since 24h"],
        ["audit prod", "--stack prod"],
        ["doctor prod", "--stack prod"],
        ["doctor e1.json", "--state e1.json"],
        ["actions pending", "--status pending"],
        ["actions Isolate", "--type Isolate"],
        ["actions 2h", "--created-after 2h"],
        ["actions ws-0001", "--machine ws-0001"],
        ["actions soar@contoso.example", "--requestor soar@contoso.example"],
        [`actions ${id}`, `--id ${id}`],
        [`declare x.yaml ${id}`, `--id ${id}`],
    ] as const) {
        const { code, stdout, stderr } = await run(line.split(" "));
        const [command = ""] = line.split(" ");
        t.is(code, 64, line);
        t.is(stdout, "", line);
        t.true(stderr.includes(`only with an option: \`${option}\`\n`), stderr);
        t.true(
            stderr.endsWith(`\`defender-cancellation ${command} --help\` shows the options and an example\n`),
            stderr,
        );
    }
    t.deepEqual(simulator.requests, []);
});

test("a text without quotes is put together again", async (t) => {
    const { run } = await commandScene(t);
    const declared = await run(["declare", "x.yaml", "--type", "Isolate", "--comment", "Wrong", "scope", "--json"]);
    t.regex(declared.stderr, /`--machine scope`. Or put a text with blanks in quotes: `--comment "Wrong scope"`/);
    const applied = await run(["apply", "x.yaml", "--as", "p/s/n", "--reason", "the", "host", "is", "down"]);
    t.regex(applied.stderr, /takes host only with an option: put a text .* in quotes: `--reason "the host is down"`/);
    t.is(applied.code, 64);
});

test("all that is missing is named at once, with its meaning", async (t) => {
    const { run } = await commandScene(t);
    const { stderr } = await run(["apply"]);
    t.deepEqual(
        stderr.split("\n").map((line) => line.split(":")[0]),
        [
            "defender-cancellation",
            "  <file>",
            "  --reason <text>",
            "  --as <project/stack/name>",
            "`defender-cancellation apply --help` shows the options and an example",
            "",
        ],
    );
    t.regex((await run(["declare", "--type", "Isolate"])).stderr, /declare needs more:\n {2}<file>: YAML/);
});

test("a word of other tools gets the word of this one", async (t) => {
    const { run } = await commandScene(t);
    for (const [line, answer] of [
        ["verify e1.json", /report --stack NAME --verify` compares/],
        ["list", /`defender-cancellation actions` lists/],
        ["cancel", /`defender-cancellation declare FILE` writes what to cancel, and `pulumi up` cancels it/],
        ["preview", /a command of `pulumi`/],
        ["reprot", /Did you mean report\?/],
        ["frobnicate", /the commands are actions, declare, apply, report, audit, doctor, simulator\n/],
        ["actions --since 24h", /Did you mean --created-after\?/],
        ["audit --after=24h", /Did you mean --since\?/],
        ["actions --staus open", /Did you mean --status\?/],
    ] as const) {
        const { code, stderr } = await run(line.split(" "));
        t.is(code, 64, line);
        t.regex(stderr, answer, line);
    }
});

test("an id or an evidence file in place of a declaration file is told apart", async (t) => {
    const { run, write } = await commandScene(t);
    const options = ["--as", "p/s/n", "--reason", "x", "--yes"];
    for (const args of [
        ["apply", id, ...options],
        ["declare", id, "--comment", "x"],
    ]) {
        const { code, stderr } = await run(args);
        t.is(code, 64);
        t.true(stderr.includes(`\`defender-cancellation declare FILE --id ${id}\` writes one`), stderr);
    }
    await write("e1.json", '{ "kind": "defender-cancellation apply" }');
    for (const args of [
        ["apply", "e1.json", ...options],
        ["declare", "e1.json", "--type", "Isolate"],
    ]) {
        const { code, stderr } = await run(args);
        t.is(code, 1);
        t.regex(
            stderr,
            /e1\.json is the evidence of an apply, .*`defender-cancellation report --state e1\.json` shows it\n$/,
        );
    }
});

test("an older Node.js is refused before anything is done", (t) => {
    t.throws(() => requireNode("v20.20.2"), {
        message: /^this is Node\.js v20\.20\.2, and 22\.13\.0 or newer is needed/,
    });
    t.notThrows(() => requireNode("v22.13.0"));
});
