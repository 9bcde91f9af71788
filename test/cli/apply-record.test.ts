import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Fault, FaultPlan } from "../../simulator/index.ts";
import { applyArguments, type CommandRun, type CommandScene, commandScene, tokenWith } from "../helpers/command.ts";
import { recordedRequests } from "../helpers/ended-apply.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e20";
const third = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e21";
const ids = [id, other, third];
/** A scene with a declaration of three actions. `atCancel` is called when the API receives a cancel request. */
async function applyScene(
    t: ExecutionContext,
    atCancel: (scene: CommandScene, machineActionId: string, nth: number) => ReturnType<FaultPlan> = () => undefined,
): Promise<CommandScene> {
    let nth = 0;
    const scene: CommandScene = await commandScene(t, {
        actions: ids.map((one) => ({ id: one, computerDnsName: `ws-${one.slice(-2)}.contoso.example` })),
        env: { DEFENDER_ACCESS_TOKEN: tokenWith({ appid: "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", tid: "a-tenant" }) },
        faults: ({ operation, actionId = "" }) =>
            operation === "cancel" ? atCancel(scene, actionId, ++nth) : undefined,
    });
    const entries = ids.map((one) => `    - machineActionId: ${one}\n`).join("");
    await scene.write("incident.yaml", `version: 1\ncomment: "INC-4711"\ncancellations:\n${entries}`);
    return scene;
}

/** The lines of a run as they are on the disk when the API receives its last cancel request, and at the proof. */
async function journalOf(t: ExecutionContext): Promise<{ scene: CommandScene; journal: string }> {
    let journal = "";
    const scene = await applyScene(t, ({ folder }, machineActionId, nth) => {
        journal = readFileSync(join(folder, "evidence.json"), "utf8");
        t.true(
            recordedRequests(journal).includes(machineActionId),
            "a request is on the disk before the API receives it",
        );
        t.is(recordedRequests(journal).length >= nth, true);
        return undefined;
    });
    const { code, stderr } = await scene.run([...applyArguments, "--evidence", "evidence.json"]);
    t.is(code, 0, stderr);
    t.is(recordedRequests(journal).length, 3);
    return { scene, journal };
}

interface ReportText {
    readonly counts: { readonly total: number };
    readonly unfinished?: readonly string[];
    readonly cancellations: readonly {
        readonly machineActionId: string;
        readonly requestedAtUtc?: string;
        readonly outcome: string;
        readonly effect: string;
        readonly evidence: { readonly posts?: number; readonly commentSent?: string };
    }[];
}

async function reportOf(scene: CommandScene, journal: string): Promise<ReportText> {
    await scene.write("journal.json", journal);
    const { code, stdout, stderr } = await scene.run(["report", "--state", "journal.json", "--json"]);
    if (code !== 0) {
        throw new Error(stderr);
    }
    return JSON.parse(stdout) as ReportText;
}

test("report reads a record that was cut off at any byte, and lists each request whose line is complete", async (t) => {
    const { scene, journal } = await journalOf(t);
    const bytes = Buffer.from(journal);
    for (let length = 10; length <= bytes.length; length += 97) {
        const cut = bytes.subarray(0, length).toString();
        const { counts, cancellations } = await reportOf(scene, cut);
        const complete = cut.slice(0, cut.lastIndexOf("\n") + 1);
        t.is(counts.total, complete === "" && !cut.endsWith("}") ? 0 : 3, cut);
        for (const machineActionId of recordedRequests(complete)) {
            t.like(
                cancellations.find((one) => one.machineActionId === machineActionId),
                { outcome: "unproven", effect: "unproven", requestedAtUtc: "2026-05-05T07:00:00Z" },
                cut,
            );
        }
    }
});

test("report says that the run did not end, and that a line is missing, in every format", async (t) => {
    const { scene, journal } = await journalOf(t);
    t.regex((await reportOf(scene, journal)).unfinished?.[0] ?? "", /^journal\.json: the run .* did not end\./);
    const lines = journal.split("\n");
    await scene.write("damaged.json", journal.replace('"digest"', '"digits"'));
    const damaged = await scene.run(["report", "--state", "damaged.json"]);
    t.is(damaged.code, 1);
    t.regex(damaged.stderr, /damaged\.json is the record of an `apply`, but its first line is damaged/);
    // Another type would hide the whole record.
    t.is((await reportOf(scene, journal.replace("CancellationSet", "CancellationSets"))).counts.total, 3);
    await scene.write("gap.json", lines.toSpliced(2, 1).join("\n"));
    for (const format of ["text", "json", "csv", "markdown", "html"]) {
        const { stdout, stderr } = await scene.run(["report", "--state", "gap.json", "--format", format]);
        const text = format === "text" || format === "csv" ? stderr : stdout;
        t.regex(text, /did not end\..* Line 2 is missing or damaged, so requests may be missing/, format);
    }
});

test("the lines of a run that did not end are verified like its document, and audit counts their requests as ours", async (t) => {
    const { scene, journal } = await journalOf(t);
    await scene.write("journal.json", journal);
    const verified = await scene.run(["report", "--state", "journal.json", "--verify"]);
    t.notRegex(verified.stdout, /^(?:mismatch|gone) .*(?:commentSent|digest|appId|tenantId|apiHost|requested|counts)/m);
    const reader = { DEFENDER_ACCESS_TOKEN: tokenWith({ appid: "aaaaaaaa-4e5f-4a6b-8c7d-9e0f1a2b3c4d" }) };
    for (const source of ["--state", "--declared"]) {
        const audit = await scene.run(["audit", source, "journal.json"], { env: reader });
        t.is(audit.code, 0, audit.stdout);
    }
    // Another comment is another request.
    await scene.write(
        "journal.json",
        journal.replaceAll("INC-4711 (applied by hand: the Git host is down) [", "INC-4712 ["),
    );
    const audit = await scene.run(["audit", "--state", "journal.json"], { env: reader });
    t.is(audit.code, 2);
});

/** The lines of a whole run, without the document of its end. */
async function wholeJournal(t: ExecutionContext): Promise<{ scene: CommandScene; journal: string }> {
    const scene = await applyScene(t, ({ folder }, _, nth) => {
        if (nth === 3) {
            // So that the document cannot replace them.
            renameSync(join(folder, "evidence.json"), join(folder, "moved.json"));
        }
        return undefined;
    });
    await scene.run([...applyArguments, "--evidence", "evidence.json"]);
    const lines = await scene.read("moved.json");
    return { scene, journal: lines.slice(0, lines.lastIndexOf("\n{", lines.indexOf('"kind":"document"')) + 1) };
}

async function verified(scene: CommandScene, journal: string): Promise<CommandRun> {
    await scene.write("journal.json", journal);
    return await scene.run(["report", "--state", "journal.json", "--verify"]);
}

test("the lines of a run that was killed after its last proof differ in nothing", async (t) => {
    const { scene, journal } = await wholeJournal(t);
    t.is(journal.split('"kind":"proof"').length, 4);
    const { code, stdout } = await verified(scene, journal);
    t.notRegex(stdout, /^(?:mismatch|missing|gone|secret) /m);
    t.regex(stdout, /^unverifiable .* apply: .*did not end/m);
    t.is(code, 0);
});

test("what a record without its lines lacks is missing", async (t) => {
    const { scene, journal } = await wholeJournal(t);
    const lines = journal.split("\n");
    const header = await verified(scene, `${lines[0]}\n`);
    t.is(header.code, 2);
    for (const one of ids) {
        t.regex(header.stdout, new RegExp(`^missing .* not recorded: ${one}: `, "m"));
    }
    const gap = await verified(scene, lines.toSpliced(2, 1).join("\n"));
    t.is(gap.code, 2);
    t.regex(gap.stdout, /^missing .* apply: .*Line 2 is missing or damaged/m);
});

test("the lines of two runs in one text are not read as one run", async (t) => {
    const { scene, journal } = await journalOf(t);
    const { code, stderr } = await verified(scene, `${journal}\n${journal.replaceAll("T07:00", "T08:00")}`);
    t.is(code, 1);
    t.regex(stderr, /several lines with the number 0: .*Put the lines of each run into a file of its own/);
    // A captured output may have each line twice.
    t.deepEqual(await verified(scene, `${journal}\n${journal}`), await verified(scene, journal));
});

test("without --evidence the record is a new file, named before the first request", async (t) => {
    let before = "";
    const scene = await applyScene(t, ({ folder }) => {
        before ||= readdirSync(folder).find((one) => one.endsWith("Z-2.json")) ?? "";
        return undefined;
    });
    const name = "defender-cancellation-apply-2026-05-05T07-00-00Z";
    await scene.write(`${name}.json`, "of another run");
    const { code, stdout, stderr } = await scene.run(applyArguments);
    t.is(code, 0, stderr);
    t.is(await scene.read(`${name}.json`), "of another run");
    t.is(before, `${name}-2.json`);
    t.regex(stderr, new RegExp(`^the evidence of this run is in ${before}$`, "m"));
    t.regex(stderr, new RegExp(`^3 of 3 cancelled and proven; .*; evidence in ${before}$`, "m"));
    t.is(await scene.read(before), stdout);
});

test("a run that sends nothing has a record too", async (t) => {
    const scene = await applyScene(t);
    await scene.run([...applyArguments, "--evidence", "first.json"]);
    const { code } = await scene.run([...applyArguments, "--evidence", "second.json"]);
    t.is(code, 0);
    t.is(scene.posts(), 3);
    t.like(JSON.parse(await scene.read("second.json")), { reasons: [], requests: [] });
});

test("the document of the end lists each request, with its answer", async (t) => {
    const refused: Fault = { name: "answer", when: "before", status: 409, body: "" };
    const scene = await applyScene(t, (_, machineActionId, nth) => {
        return machineActionId === id && nth < 4 ? "drop before" : machineActionId === other ? refused : undefined;
    });
    await scene.run([...applyArguments, "--evidence", "evidence.json"]);
    const { requests } = JSON.parse(await scene.read("evidence.json")) as { requests: Record<string, unknown>[] };
    const resultsOf = (one: string) =>
        requests.filter(({ machineActionId }) => machineActionId === one).map(({ result }) => result);
    t.is(resultsOf(id)[0], "unknown");
    t.is(resultsOf(other)[0], "refused");
    t.deepEqual(resultsOf(third), ["accepted"]);
    t.is(requests.length, scene.posts());
});

test("an evidence file whose folder is removed stops the run, and the record is on stderr", async (t) => {
    const scene = await applyScene(t, ({ folder }) => {
        rmSync(join(folder, "evidence"), { recursive: true, force: true });
        return undefined;
    });
    mkdirSync(join(scene.folder, "evidence"));
    const { code, stdout, stderr } = await scene.run([...applyArguments, "--evidence", "evidence/evidence.json"]);
    t.is(code, 1);
    t.regex(
        stderr,
        /^the evidence file evidence\/evidence\.json cannot be written: ENOENT\. No more cancel requests are sent/m,
    );
    t.regex(stdout, /^interrupted: 0 of 3 cancelled and proven, 3 requested and not proven yet\n$/);
    await scene.write("stderr.txt", stderr);
    const report = await scene.run(["report", "--state", "stderr.txt", "--json"]);
    const { cancellations } = JSON.parse(report.stdout) as ReportText;
    t.is(cancellations.filter(({ requestedAtUtc }) => requestedAtUtc !== undefined).length, scene.posts());
});

test("where the document cannot replace the lines, they stay, the document is their last line, and the exit code is 1", async (t) => {
    const scene = await applyScene(t, ({ folder }, _, nth) => {
        if (nth === 3) {
            renameSync(join(folder, "evidence.json"), join(folder, "moved.json"));
        }
        return undefined;
    });
    const { code, stderr } = await scene.run([...applyArguments, "--evidence", "evidence.json"]);
    t.is(code, 1);
    t.regex(
        stderr,
        /^the evidence in evidence\.json could not be replaced by one JSON document: ENOENT\. Its lines stay/m,
    );
    t.false(existsSync(join(scene.folder, "evidence.json")));
    t.deepEqual(
        readdirSync(scene.folder).filter((name) => name.endsWith(".tmp")),
        [],
    );
    const { counts, unfinished } = await reportOf(scene, await scene.read("moved.json"));
    t.like(counts, { total: 3, outcome: { cancelled: 3 } });
    t.is(unfinished, undefined);
});

test("where no file can be created, each request is a line on stderr, and report reads it", async (t) => {
    const scene = await applyScene(t);
    const [, ...options] = applyArguments.slice(1);
    // No file can be created there, even by root.
    const { code, stdout, stderr } = await scene.run(["apply", join(scene.folder, "incident.yaml"), ...options], {
        cwd: "/proc",
    });
    t.is(code, 0, stderr);
    t.regex(stderr, /^no evidence file can be created in the current folder: \w+\. The evidence follows on stderr/m);
    t.deepEqual(recordedRequests(stderr).sort(), ids);
    t.like(JSON.parse(stdout), { kind: "defender-cancellation apply", reasons: [] });
    // Cut off before the document of the end.
    const { counts, unfinished } = await reportOf(scene, stderr.slice(0, stderr.indexOf('"kind":"document"')));
    t.like(counts, { total: 3, outcome: { cancelled: 3 } });
    t.is(unfinished?.length, 1);
});

test("an evidence file that cannot be created sends nothing", async (t) => {
    const scene = await applyScene(t);
    const { code, stderr } = await scene.run([...applyArguments, "--evidence", "no-such-folder/evidence.json"]);
    t.is(code, 1);
    t.regex(stderr, /the evidence cannot be written to no-such-folder\/evidence\.json: ENOENT\. Nothing was sent/);
    t.is(scene.posts(), 0);
});
