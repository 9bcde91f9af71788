import test, { type ExecutionContext } from "ava";
import { chatReport } from "../../cli/report/chat-report.ts";
import { markdownReport } from "../../cli/report/markdown-report.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { applyArguments, type CommandScene, commandScene } from "../helpers/command.ts";
import { incident, prevented, reportOf, tooLate } from "../helpers/report-scenes.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

const ids = [1, 2, 3].map((number) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${number}`);
const [first = "", second = "", third = ""] = ids;
const machineOf = (letter: string) => letter.repeat(40);

const declaring = (...some: readonly string[]) =>
    `version: 1\ncomment: "INC-4711"\ncancellations:\n${some.map((id) => `    - machineActionId: ${id}\n`).join("")}`;

/** A scene, and the evidence of an `apply` of two actions: one prevented, one too late and not accepted as such. */
async function tooLateScene(t: ExecutionContext): Promise<CommandScene> {
    const scene = await commandScene(t, {
        actions: [
            { id: first, machineId: machineOf("a") },
            { id: second, machineId: machineOf("b"), status: "Succeeded" },
            { id: third, machineId: machineOf("c"), status: "Failed" },
        ],
    });
    await scene.write("incident.yaml", declaring(...ids));
    t.is((await scene.run([...applyArguments, "--evidence", "e.json"])).code, 1);
    return scene;
}

test("the worklist has a machine whose action ended too late, whether or not the declaration accepts that", async (t) => {
    const { run } = await tooLateScene(t);
    const listed = async (...effects: readonly string[]) => {
        const args = effects.length === 0 ? [] : ["--effect", effects.join()];
        const { code, stdout } = await run(["report", "--state", "e.json", "--format", "machine-ids", ...args]);
        return [code, ...stdout.split("\n").slice(0, -1)];
    };
    t.deepEqual(await listed("ran", "unknown"), [0, machineOf("b"), machineOf("c")]);
    t.deepEqual(await listed("ran"), [0, machineOf("b")]);
    t.deepEqual(await listed("prevented"), [0, machineOf("a")]);
    t.deepEqual(await listed("unproven"), [0, machineOf("b"), machineOf("c")], "so the record calls them");
    t.deepEqual(await listed(), [0, machineOf("a"), machineOf("b"), machineOf("c")]);
});

test("a worklist that may lack actions whose effect is not proven yet ends with 2", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: first }, { id: second, status: "Succeeded" }] });
    const args = { comment: "INC-4711", ifAlreadyFinal: "accept" };
    const [open, late] = [
        await storedResource(scene, "open", { ...args, machineActionId: first }),
        await storedResource(scene, "late", { ...args, machineActionId: second }),
    ];
    Object.assign(open.outputs, { status: "InProgress", outcome: undefined, effect: undefined });
    const worklist = ["report", "--format", "machine-ids"];
    const { code, stderr } = await scene.run([...worklist, "--effect", "ran,unknown"], {
        stdin: stackExport(open, late),
    });
    t.is(code, 2);
    t.regex(stderr, /^the effect of 1 action is not proven yet, so the list may lack it: /m);
    t.is((await scene.run(worklist, { stdin: stackExport(open, late) })).code, 0, "this list has all");
});

test("a line of the worklist is the id of a machine, for any text in the state", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: first, machineId: machineOf("a") }] });
    const one = await storedResource(scene, "one", { machineActionId: first, comment: "INC-4711" });
    for (const machineId of ["", `${machineOf("a")}\n${machineOf("f")}`, "ws-0001\u001b[2J"]) {
        Object.assign(one.outputs, { machineId });
        const args = ["report", "--format", "machine-ids", "--output", "list.txt"];
        const { code, stderr } = await scene.run(args, { stdin: stackExport(one) });
        t.deepEqual([code, await scene.read("list.txt")], [2, ""]);
        t.regex(stderr, /has no machine id, so the list does not contain it/);
    }
    Object.assign(one.outputs, { machineId: machineOf("A") });
    const { stdout } = await scene.run(["report", "--format", "machine-ids"], { stdin: stackExport(one) });
    t.is(stdout, `${machineOf("a")}\n`);
});

const { type } = machineActionCancellationSet;
const urn = `urn:pulumi:prod::incident::${type}::playbook-12`;

/** States whose record lacks cancellations, each with the reason. */
const incomplete: readonly (readonly [what: string, deployment: object, why: RegExp])[] = [
    [
        "a run that was killed",
        { resources: [], pending_operations: [{ type: "creating", resource: { type, urn } }] },
        /stdin: incident\/prod\/playbook-12, creating: a run was killed before its result was stored/,
    ],
    [
        "a set without its results",
        { resources: [{ type, urn, inputs: { cancellations: [{ machineActionId: first }] }, outputs: {} }] },
        /stdin: incident\/prod\/playbook-12: its results are empty, although 1 action is declared and 0 are counted/,
    ],
    [
        "a set whose results are secret",
        {
            resources: [
                {
                    ...{ type, urn, inputs: {} },
                    outputs: {
                        results: {
                            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                            ciphertext: "v1:x",
                        },
                    },
                },
            ],
        },
        /stdin: incident\/prod\/playbook-12: its results are secret: export the state with/,
    ],
];

for (const [what, deployment, why] of incomplete) {
    test(`${what} is no record in which nothing needs a check`, async (t) => {
        const { run } = await commandScene(t);
        const report = (...args: string[]) => run(["report", ...args], { stdin: JSON.stringify({ deployment }) });
        for (const format of ["text", "json", "markdown", "html", "chat", "csv"]) {
            const { code, stdout, stderr } = await report("--format", format);
            t.is(code, 0);
            t.regex(stderr, why, format);
            t.notRegex(stdout, /There is nothing to check|No machine needs a check|class="sign good"/, format);
            t.is(/[Nn]ot complete|unfinished/.test(stdout), !["text", "csv"].includes(format), format);
        }
        t.is((await report("--effect", "ran,unknown", "--format", "machine-ids")).code, 2);
    });
}

test("a report of selected cancellations does not say that no machine needs a check where others do", async (t) => {
    const { run } = await tooLateScene(t);
    const report = async (effect: string, format: string) => {
        const args = ["report", "--state", "e.json", "--effect", effect, "--format", format];
        return (await run(args, { isTerminal: format === "text", columns: 200 })).stdout;
    };
    t.regex(await report("prevented", "chat"), /: 1 of 3 machine actions \(1 Isolate\)$/m);
    t.regex(await report("prevented", "chat"), /^No machine of these needs a check, but some that are left out do$/m);
    t.regex(
        await report("prevented", "text"),
        /no machine of these needs a check; the cancellations that are left out/,
    );
    t.regex(await report("prevented", "markdown"), /^1 of 3 cancellations, /m);
    const page = await report("prevented", "html");
    t.regex(page, /1 of 3 machine actions of incident\/prod\/playbook-12/);
    t.regex(
        page,
        /class="sign check">No machine to look at in this selection<\/h2>\n<p>This page leaves out 2 machine actions/,
    );
    t.regex(await report("ran", "html"), /class="sign bad">1 machine to look at</);
});

test("nothing to check in a sound record is said as before", (t) => {
    const sound = reportOf([prevented(1)]);
    t.regex(chatReport(sound), /^No machine needs a check$/m);
    t.regex(chatReport({ ...sound, entries: [] }), /^Defender cancellations: no machine action in the selection$/m);
    const late = reportOf([tooLate(1)]);
    t.notRegex(chatReport({ ...late, findings: [] }), /No machine/);
    const doubtful = { where: first, field: "status", verdict: "mismatch" } as const;
    t.regex(
        chatReport({ ...sound, findings: [doubtful] }),
        /^No machine of these needs a check, as far as the record/m,
    );
});

test("Markdown does not call a verification a match that confirmed nothing", (t) => {
    const report = reportOf(incident(3));
    t.regex(markdownReport({ ...report, findings: [] }), /^Defender confirms nothing in the record\.$/m);
    const unread = { where: first, field: "status", verdict: "unverifiable" } as const;
    t.regex(markdownReport({ ...report, findings: [unread] }), /^Defender confirms nothing in the record\.$/m);
    const same = { where: first, field: "status", verdict: "match" } as const;
    t.regex(markdownReport({ ...report, findings: [unread, same] }), /^All fields that the API returns match\.$/m);
});
