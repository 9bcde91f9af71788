import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { loadCancellations } from "../../provider/index.ts";
import { commandScene } from "../helpers/command.ts";

const base = Date.parse("2026-05-05T06:20:00Z");
const wrong = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
        id: `5f2c7a10-93b4-4c1e-8d2f-${String(count - index).padStart(12, "0")}`,
        computerDnsName: `ws-${String(index).padStart(4, "0")}.contoso.example`,
        creationDateTimeUtc: new Date(base).toISOString(),
    }));
const declare = ["declare", "incident.yaml", "--requestor", "soar@contoso.example"];

test("a new file has each action with what was seen, sorted by machine, four hours to go and an exact limit", async (t) => {
    const { run, read, folder, posts } = await commandScene(t, { actions: wrong(3) });
    const { code, stdout, stderr } = await run([...declare, "--comment", "INC-4711: wrong scope"]);
    t.is(code, 0, stderr);
    t.is(stdout.split("\n").length, 5);
    t.regex(
        stderr,
        /^incident\.yaml: 3 cancellations, 3 of them new; not after 2026-05-05 11:00:00Z \[digest [0-9a-f]{12}\]\nrequested by soar@contoso\.example 3\nnext: review incident\.yaml, commit it, and run `pulumi preview`: the set of this file shows the same digest\n$/,
    );
    const file = await read("incident.yaml");
    t.regex(file, /^# yaml-language-server: \$schema=\S*declaration\.schema\.json\n/);
    const loaded = loadCancellations(`${folder}/incident.yaml`);
    t.like(loaded, { comment: "INC-4711: wrong scope", notAfter: "2026-05-05T11:00:00Z", maxCancellations: 3 });
    t.deepEqual(
        loaded.cancellations.map(({ expect }) => expect?.computerDnsName),
        ["ws-0000.contoso.example", "ws-0001.contoso.example", "ws-0002.contoso.example"],
    );
    t.deepEqual(Object.keys(loaded.cancellations[0]?.expect ?? {}), [
        "type",
        "machineId",
        "computerDnsName",
        "requestor",
        "requestorComment",
    ]);
    t.is(posts(), 0);

    // The same again, to another file: the same text.
    await run(["declare", "again.yaml", "--requestor", "soar@contoso.example", "--comment", "INC-4711: wrong scope"]);
    t.is(await read("again.yaml"), file);
});

test("the folder of a new file is made", async (t) => {
    const { run, folder } = await commandScene(t, { actions: wrong(1) });
    const file = ["declare", "incidents/2026/inc-4711.yaml", "--requestor", "soar@contoso.example"];
    const { code, stderr } = await run([...file, "--comment", "INC-4711"]);
    t.is(code, 0, stderr);
    t.is(loadCancellations(`${folder}/incidents/2026/inc-4711.yaml`).cancellations.length, 1);
});

test("a file that is there keeps its comments, and takes what is new", async (t) => {
    const { run, read, write, simulator, folder } = await commandScene(t, { actions: wrong(2) });
    await run([...declare, "--comment", "INC-4711"]);
    await write(
        "incident.yaml",
        (await read("incident.yaml")).replace("cancellations:", "# agreed with the owner\ncancellations:"),
    );
    simulator.seed({ computerDnsName: "ws-0000b.contoso.example" });
    const { code, stderr } = await run(declare);
    t.is(code, 0, stderr);
    t.regex(stderr, /3 cancellations, 1 of them new/);
    t.regex(await read("incident.yaml"), /# agreed with the owner\ncancellations:/);
    t.is(loadCancellations(`${folder}/incident.yaml`).maxCancellations, 3);
    const before = await read("incident.yaml");
    const nothing = await run(declare);
    t.deepEqual([nothing.code, nothing.stdout], [0, ""]);
    t.regex(nothing.stderr, /nothing new: incident\.yaml is unchanged/);
    t.is(await read("incident.yaml"), before);
});

test("--not-after and --comment change a file that gets no new entry, and nothing else of it", async (t) => {
    const { run, read, simulator, folder, clock } = await commandScene(t, { actions: wrong(2) });
    await run([...declare, "--comment", "INC-4711"]);
    const before = await read("incident.yaml");
    clock.advance(5 * 3_600_000);
    const later = await run([...declare, "--not-after", "24h"]);
    t.is(later.code, 0, later.stderr);
    t.regex(
        later.stderr,
        /^incident\.yaml: 2 cancellations, 0 of them new; not after 2026-05-06 12:00:00Z \[digest \w{12}\]\nnext: review /,
    );
    t.is(await read("incident.yaml"), before.replace("2026-05-05T11:00:00Z", "2026-05-06T12:00:00Z"));

    const { length } = simulator.requests;
    const alone = await run(["declare", "incident.yaml", "--not-after", "2026-05-07T07:00:00Z"]);
    t.is(alone.code, 0, alone.stderr);
    t.is(loadCancellations(`${folder}/incident.yaml`).notAfter, "2026-05-07T07:00:00Z");
    t.is((await run(["declare", "incident.yaml", "--comment", "INC-4712"])).code, 0);
    t.like(loadCancellations(`${folder}/incident.yaml`), { comment: "INC-4712", notAfter: "2026-05-07T07:00:00Z" });
    t.is(simulator.requests.length, length, "no filter, no request");

    const again = await run([...declare, "--comment", "INC-4712", "--not-after", "2026-05-07T07:00:00Z"]);
    t.regex(again.stderr, /^nothing new: incident\.yaml is unchanged\n/);
});

test("a --not-after that has passed is refused, for a new file and an old one", async (t) => {
    const { run, read } = await commandScene(t, { actions: wrong(1) });
    const past = ["--comment", "INC-4711", "--not-after", "2026-05-05T06:59:59Z"];
    const refused = await run([...declare, ...past]);
    t.is(refused.code, 64);
    t.regex(refused.stderr, /--not-after 2026-05-05T06:59:59Z has passed: nothing would be sent/);
    await t.throwsAsync(read("incident.yaml"), { code: "ENOENT" });
    await run([...declare, "--comment", "INC-4711"]);
    t.is((await run([...declare, ...past])).code, 64);
});

test("without a filter, it names all that there are; the line about stdout has no file name", async (t) => {
    const { run } = await commandScene(t, { actions: wrong(1) });
    t.regex(
        (await run(["declare", "incident.yaml", "--comment", "INC-4711"])).stderr,
        /pass at least one of --id, --type, --requestor, --requestor-comment, --machine, --created-after, --created-before$/m,
    );
    const { stderr } = await run(["declare", "-", "--type", "Isolate", "--comment", "INC-4711"]);
    t.regex(stderr, /^1 cancellation, 1 of them new; not after /);
});

test("it says what it has left out and why, with names where only the status excludes an action", async (t) => {
    const [first = {}] = wrong(1);
    const { run, simulator, posts } = await commandScene(t, {
        actions: [
            ...wrong(14),
            { ...first, id: "6f2c7a10-93b4-4c1e-8d2f-000000000001", status: "Succeeded" },
            { ...first, id: "6f2c7a10-93b4-4c1e-8d2f-000000000002", requestor: "analyst@contoso.example" },
            { ...first, id: "6f2c7a10-93b4-4c1e-8d2f-000000000003", type: "RunAntiVirusScan" },
        ],
    });
    const narrow = [...declare, "--type", "Isolate"];
    const { code, stderr } = await run([...narrow, "--comment", "INC-4711", "--top", "13"]);
    t.is(code, 0, stderr);
    t.true(
        stderr.includes(
            "shows the same digest\nleft out 4 machine actions in the last 24 hours:\n" +
                "  1 beyond --top 13: ws-0000.contoso.example\n" +
                "  1 by another requestor (analyst@contoso.example 1)\n" +
                "  1 of another type (RunAntiVirusScan 1)\n" +
                "  1 final (Succeeded 1): ws-0000.contoso.example\n",
        ),
        stderr,
    );
    const lists = () => simulator.requests.filter(({ operation }) => operation === "list").length;
    const before = lists();
    const { stdout } = await run([...narrow, "--json"]);
    const json = JSON.parse(stdout);
    t.is(lists() - before, 1, "a program gets what the search has read, and no list more");
    t.deepEqual(
        json.leftOut.map(({ reason, ids }: { reason: string; ids: string[] }) => [reason, ids.length]),
        [
            ["already in the file", 13],
            ["by another requestor", 1],
        ],
    );
    const nothing = await run(narrow);
    t.is(nothing.code, 0);
    t.regex(
        nothing.stderr,
        /^nothing new: incident\.yaml is unchanged\nleft out 17 machine actions in the last 24 hours:\n {2}14 already in the file: (?:ws-00\d\d\.contoso\.example, ){10}and 4 more\n/,
    );
    const listsSoFar = lists();
    t.regex(
        (await run([...narrow, "--json"])).stderr,
        /^nothing new: .*\nleft out 15 machine actions that the search read:\n/,
    );
    t.is(lists() - listsSoFar, 1);
    const ids = simulator
        .actions()
        .filter(({ status }) => status === "Succeeded")
        .map(({ id }) => id);
    const late = await run(["declare", "late.yaml", "--id", ids.join(), "--status", "open", "--comment", "INC-4711"]);
    t.is(late.code, 1);
    t.regex(late.stderr, /nothing was written\nlooked for: --status open\n.*\n--status open excludes all of them/);
    t.is(posts(), 0);
});

test("on a terminal, it shows ten of the actions that it has added; in a pipe, all", async (t) => {
    const { run } = await commandScene(t, { actions: wrong(14) });
    const { stdout, stderr } = await run([...declare, "--comment", "INC-4711"], { isTerminal: true, columns: 100 });
    t.is(stdout.trimEnd().split("\n").length, 11);
    t.regex(stderr, /^and 4 more, in incident\.yaml\nnext: /m);
    t.true([...stdout.split("\n"), ...stderr.split("\n")].every((line) => line.length <= 100));
    const piped = await run(["declare", "again.yaml", "--requestor", "soar@contoso.example", "--comment", "INC-4711"]);
    t.is(piped.stdout.trimEnd().split("\n").length, 15);
});

test("where no action matches, it says which filter excludes them, and writes nothing", async (t) => {
    const { run, read } = await commandScene(t, { actions: wrong(2) });
    const wrongName = ["declare", "incident.yaml", "--requestor", "sour@contoso.example", "--comment", "INC-4711"];
    const { code, stderr } = await run(wrongName);
    t.is(code, 1);
    t.regex(
        stderr,
        /^no machine action matches: nothing was written\nlooked for: --requestor sour@contoso\.example --status open\n.*: 2 machine actions: .*\n--requestor sour@contoso\.example excludes all of them: correct it/,
    );
    await t.throwsAsync(read("incident.yaml"), { code: "ENOENT" });
});

test("actions of several requestors are declared together only when that is asked for", async (t) => {
    const [analyst = {}] = wrong(1);
    const mixed = [
        ...wrong(3).slice(1),
        { ...analyst, id: "6f2c7a10-93b4-4c1e-8d2f-000000000001", requestor: "analyst@contoso.example" },
    ];
    const { run, folder } = await commandScene(t, { actions: mixed });
    const byType = ["declare", "all.yaml", "--type", "Isolate", "--comment", "INC-4711"];
    const refused = await run(byType);
    t.is(refused.code, 1);
    t.regex(
        refused.stderr,
        /by several requestors: soar@contoso\.example 2, analyst@contoso\.example 1\. Nothing was written\. Name those that are wrong by --requestor, or pass --all-requestors/,
    );
    t.throws(() => loadCancellations(`${folder}/all.yaml`));
    const json = await run([...byType, "--all-requestors", "--json"]);
    t.is(json.code, 0, json.stderr);
    t.deepEqual(JSON.parse(json.stdout).requestors, { "soar@contoso.example": 2, "analyst@contoso.example": 1 });

    const named = ["declare", "named.yaml", "--comment", "INC-4711", "--requestor"];
    t.is((await run([...named, "soar@contoso.example,ANALYST@contoso.example"])).code, 0, "both are named");
    t.is((await run(["declare", "some.yaml", "--comment", "x", "--requestor", "*@contoso.example"])).code, 1);
});

test("a file of one requestor takes actions of another only when that is asked for", async (t) => {
    const { run, read, simulator } = await commandScene(t, { actions: wrong(1) });
    await run([...declare, "--comment", "INC-4711"]);
    const before = await read("incident.yaml");
    simulator.seed({ computerDnsName: "ws-9.contoso.example", requestor: "analyst@contoso.example" });
    const refused = await run(["declare", "incident.yaml", "--type", "Isolate"]);
    t.is(refused.code, 1);
    t.regex(refused.stderr, /analyst@contoso\.example 1; the file has actions of 1 requestor so far/);
    t.is(await read("incident.yaml"), before);
    t.is((await run(["declare", "incident.yaml", "--type", "Isolate", "--all-requestors"])).code, 0);
});

test("a file in UTF-16 is extended, and a text that a comment cuts is warned of", async (t) => {
    const { run, read, folder, simulator } = await commandScene(t, { actions: wrong(1) });
    await run([...declare, "--comment", "INC-4711"]);
    const text = (await read("incident.yaml")).replace("comment: INC-4711", "comment: Ticket #4711 wrong");
    writeFileSync(`${folder}/incident.yaml`, Buffer.from(`\ufeff${text}`, "utf16le"));
    simulator.seed({ computerDnsName: "ws-9.contoso.example" });
    const { code, stderr } = await run(declare);
    t.is(code, 0, stderr);
    t.regex(
        stderr,
        /incident\.yaml:\d+:10: comment is "Ticket", because "#4711 wrong" behind it is a comment in YAML\. If it belongs to the text, put the whole text in quotes/,
    );
    t.is(loadCancellations(`${folder}/incident.yaml`).cancellations.length, 2);
});

test("what a set would not take is not written", async (t) => {
    const requestorComment = "x".repeat(9_000);
    const { run, read } = await commandScene(t, { actions: Array.from({ length: 460 }, () => ({ requestorComment })) });
    const { code, stderr } = await run([
        "declare",
        "x.yaml",
        "--type",
        "Isolate",
        "--comment",
        "INC-4711",
        "--max",
        "500",
    ]);
    t.is(code, 1);
    t.regex(stderr, /x\.yaml: cancellations has 4\d{6} bytes as JSON: expected at most 4000000/);
    await t.throwsAsync(read("x.yaml"), { code: "ENOENT" });
});

test("more than --max is refused, and so is a choice of everything; no file is written", async (t) => {
    const { run, read } = await commandScene(t, { actions: wrong(101) });
    const many = await run([...declare, "--comment", "INC-4711"]);
    t.is(many.code, 1);
    t.regex(many.stderr, /that would be 101 cancellations, more than --max 100/);
    t.is((await run(["declare", "incident.yaml", "--status", "open", "--comment", "x"])).code, 64);
    await t.throwsAsync(read("incident.yaml"), { code: "ENOENT" });
    t.is((await run([...declare, "--comment", "INC-4711", "--max", "101"])).code, 0);
});

test("--acknowledge marks what was too late, and a note says since when", async (t) => {
    const { run, read, simulator } = await commandScene(t, { actions: wrong(2) });
    await run([...declare, "--comment", "INC-4711"]);
    const [late] = simulator.actions();
    simulator.finish(late?.id ?? "", "Succeeded");
    const { code, stderr } = await run(["declare", "incident.yaml", "--acknowledge"]);
    t.is(code, 0, stderr);
    t.regex(stderr, /0 of them new, 1 acknowledged as too late/);
    t.regex(
        await read("incident.yaml"),
        /ifAlreadyFinal: accept\n +note: "?acknowledged: Succeeded at 2026-05-05T07:00:00Z/,
    );
});

test("--json says what changed, and JSON files are written as JSON", async (t) => {
    const { run, read } = await commandScene(t, { actions: wrong(1) });
    const args = ["declare", "incident.json", "--requestor", "soar@contoso.example", "--comment", "INC-4711", "--json"];
    const { code, stdout } = await run(args);
    t.is(code, 0);
    const id = "5f2c7a10-93b4-4c1e-8d2f-000000000001";
    t.like(JSON.parse(stdout), { file: "incident.json", total: 1, added: [id], notAfter: "2026-05-05T11:00:00Z" });
    t.like(JSON.parse(await read("incident.json")), { version: 1, maxCancellations: 1 });
});

test("a hostile computer name is declared as it was seen, cleaned, and loads again", async (t) => {
    const name = "ws-\u202egnp.exe: {a: *b, #c}\n- d";
    const { run, folder } = await commandScene(t, { actions: [{ computerDnsName: name }] });
    const { code, stderr } = await run([...declare, "--comment", "INC-4711"]);
    t.is(code, 0, stderr);
    const [entry] = loadCancellations(`${folder}/incident.yaml`).cancellations;
    t.is(entry?.expect?.computerDnsName, "ws-gnp.exe: {a: *b, #c} - d");
});

test("a file that cannot be written is an error with its code, and leaves nothing beside it", async (t) => {
    const { run, write, folder } = await commandScene(t, { actions: [{}] });
    await write("notes", "");
    const { code, stderr } = await run([
        "declare",
        "notes/incident.yaml",
        "--type",
        "Isolate",
        "--comment",
        "INC-4711",
    ]);
    t.is(code, 1);
    t.regex(
        stderr,
        /notes.incident\.yaml cannot be written: (?:EEXIST|ENOTDIR)\. Nothing was changed\. Close the programs/,
    );
    t.deepEqual(readdirSync(folder), ["notes"]);
});

test("no link beside the file leads its text elsewhere, and its permissions and a link to it stay", async (t) => {
    const { run, write, read, folder } = await commandScene(t, { actions: wrong(3) });
    await write("elsewhere", "mine");
    symlinkSync("elsewhere", join(folder, "incident.yaml.new"));
    const first = wrong(3)[0]?.id ?? "";
    t.is((await run(["declare", "incident.yaml", "--id", first, "--comment", "INC-4711"])).code, 0);
    t.is(await read("elsewhere"), "mine");

    mkdirSync(join(folder, "open"));
    symlinkSync("../incident.yaml", join(folder, "open/link.yaml"));
    chmodSync(join(folder, "incident.yaml"), 0o600);
    const { code, stderr } = await run(["declare", "open/link.yaml", "--requestor", "soar@contoso.example"]);
    t.is(code, 0, stderr);
    t.true(lstatSync(join(folder, "open/link.yaml")).isSymbolicLink());
    t.is(loadCancellations(`${folder}/incident.yaml`).cancellations.length, 3);
    t.is(statSync(join(folder, "incident.yaml")).mode & 0o777, 0o600);
    t.deepEqual(readdirSync(folder).sort(), ["elsewhere", "incident.yaml", "incident.yaml.new", "open"]);
});

test("what is no readable file is an error with its code", async (t) => {
    const { run, folder } = await commandScene(t, { actions: wrong(1) });
    mkdirSync(join(folder, "incident.yaml"));
    const { code, stderr } = await run([...declare, "--comment", "INC-4711"]);
    t.is(code, 1);
    t.is(stderr, "defender-cancellation: the declaration file incident.yaml cannot be read: EISDIR\n");
});
