import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { declarationDigest, taggedComment } from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { commandScene } from "../helpers/command.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

const guid = (number: number) => `5f2c7a10-93b4-4c1e-8d2f-${String(number).padStart(12, "0")}`;
const minutesAgo = (minutes: number) => new Date(Date.parse("2026-05-05T07:00:00Z") - minutes * 60_000).toISOString();
const us = "9a1b2c3d-0000-4000-8000-00000000abcd";

const jsonLines = (text: string) =>
    text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));

function declaration(ids: readonly string[]): string {
    const entries = ids.map((id) => ({ machineActionId: id }));
    return JSON.stringify({ version: 1, comment: "INC-4711", maxCancellations: 5_000, cancellations: entries });
}

/** The comment with which Defender shows a cancellation for {@link declaration}. */
function commentFor(ids: readonly string[]): string {
    return taggedComment(
        "INC-4711",
        "incident/prod/one",
        declarationDigest(ids.map((id) => declaredCancellation(id, {}))),
    );
}

test("the one undeclared among 10,000 cancellations is found by one list call, and by whom", async (t) => {
    const ids = Array.from({ length: 10_000 }, (_, index) => guid(index));
    const hidden = guid(7_777);
    const [one, two] = [ids.slice(0, 5_000), ids.slice(5_000).filter((id) => id !== hidden)];
    const [first, second] = [commentFor(one), commentFor(two)];
    const scene = await commandScene(t, {
        actions: ids.map((id, index) => ({
            id,
            status: "Cancelled",
            cancellationComment: index < 5_000 ? first : second,
            cancelledBy: id === hidden ? "intern@contoso.example" : us,
            cancelledAt: minutesAgo(20),
        })),
    });
    await mkdir(join(scene.folder, "incidents", "may"), { recursive: true });
    await scene.write("incidents/one.json", declaration(one));
    await scene.write("incidents/may/two.json", declaration(two));
    await scene.write("incidents/README.md", "not a declaration");
    const args = ["audit", "--since", "24h", "--declared", "incidents/", "--canceller", us];
    const { code, stdout, stderr } = await scene.run(args);
    t.is(code, 2, stderr);
    t.is(stdout.split("\n").length, 3);
    t.regex(
        stdout,
        new RegExp(`intern@contoso\\.example +Isolate +\\S+ +${hidden} +not declared; Isolate holds an attacker back`),
    );
    t.is(stderr, "10000 cancelled since 2026-05-04 07:00:00Z: 9999 accounted for, 1 not\n");
    t.deepEqual(
        scene.simulator.requests.map(({ path, operation }) => [path, operation]),
        [
            ["/api/machineactions", "list"],
            ["/api/machines", "machines"],
        ],
    );
    const json = await scene.run([...args, "--json"]);
    t.like(JSON.parse(json.stdout), {
        machineActionId: hidden,
        cancellationRequestor: "intern@contoso.example",
        reasons: ["not declared", "Isolate holds an attacker back"],
    });
});

test("a declared cancellation that another identity made again is found, by the state and by the file", async (t) => {
    const scene = await commandScene(t, { actions: [1, 2, 3].map((number) => ({ id: guid(number) })) });
    const [one, many] = [
        await storedResource(scene, "one", { machineActionId: guid(1), comment: "INC-4711" }),
        await storedResource(scene, "many", {
            comment: "INC-4712",
            cancellations: [{ machineActionId: guid(2) }, { machineActionId: guid(3) }],
        }),
    ];
    const stdin = stackExport(one, many);
    const audit = (...args: string[]) => scene.run(["audit", "--json", "--state", "-", ...args], { stdin });
    const clean = await audit();
    t.deepEqual([clean.code, clean.stdout], [0, ""]);

    const intern = `e30.${Buffer.from(JSON.stringify({ appid: "intern-app" })).toString("base64url")}.x`;
    for (const id of [guid(1), guid(3)]) {
        scene.simulator.resume(id);
        await fetch(`${scene.simulator.url}/api/machineactions/${id}/cancel`, {
            method: "POST",
            headers: { authorization: `Bearer ${intern}`, "content-type": "application/json" },
            body: JSON.stringify({ Comment: "tidying up" }),
        });
    }
    const { code, stdout } = await audit();
    t.is(code, 2);
    const found = jsonLines(stdout);
    t.deepEqual(found.map(({ machineActionId }) => machineActionId).sort(), [guid(1), guid(3)]);
    t.true(found.every(({ cancellationRequestor }) => cancellationRequestor === "intern-app"));
    t.true(
        found.every(({ reasons }) => /^declared in incident\/prod\/\w+, cancelled for it, and then/.test(reasons[0])),
    );

    await scene.write("one.json", declaration([guid(1)]));
    await scene.write("many.json", declaration([2, 3].map(guid)));
    const byFile = await scene.run(["audit", "--json", "--declared", "one.json", "many.json", "--canceller", us]);
    t.is(byFile.code, 2);
    t.regex(byFile.stdout, /declared in many\.json, but cancelled by others/);
    t.is(byFile.stdout.trim().split("\n").length, 2);
});

test("the worst comes first: what holds an attacker back, under our own identity, then the rest, latest first", async (t) => {
    const seed = (number: number, type: string, cancelledBy: string, ago: number) => ({
        ...{ id: guid(number), type, cancelledBy, status: "Cancelled", cancelledAt: minutesAgo(ago) },
    });
    const scene = await commandScene(t, {
        actions: [
            seed(1, "RunAntiVirusScan", "intern@contoso.example", 5),
            seed(2, "RunAntiVirusScan", us, 30),
            seed(3, "Isolate", "intern@contoso.example", 20),
            seed(4, "restrictCodeExecution", us, 40),
            seed(5, "RunAntiVirusScan", "intern@contoso.example", 1),
            seed(6, "Isolate", "intern@contoso.example", 25 * 60),
        ],
    });
    const { code, stdout } = await scene.run(["audit", "--canceller", us.toUpperCase(), "--json"]);
    t.is(code, 2);
    const lines = jsonLines(stdout);
    t.deepEqual(
        lines.map(({ machineActionId }) => machineActionId),
        [4, 3, 2, 5, 1].map(guid),
    );
    t.deepEqual(lines[0].reasons, [
        "not declared",
        "restrictCodeExecution holds an attacker back",
        "under our own identity",
    ]);
    t.is((await scene.run(["audit", "--since", "30s"])).code, 0);
});

const machineId = (digit: string) => digit.repeat(40);
const seen = (number: number, machine: string) => ({
    ...{ id: guid(number), machineId: machineId(machine), type: "RunAntiVirusScan", cancelledBy: "intern" },
    ...{ status: "Cancelled", cancelledAt: minutesAgo(number) },
});

test("a machine of high risk or value comes first, one that is not known before one without risk", async (t) => {
    const scene = await commandScene(t, {
        actions: [seen(1, "1"), seen(2, "2"), seen(3, "3"), { ...seen(4, "4"), machineId: null }],
        machines: [
            { id: machineId("2"), riskScore: "Medium", deviceValue: "High" },
            { id: machineId("3"), riskScore: "High", machineTags: ["dc"] },
        ],
    });
    const { code, stdout, stderr } = await scene.run(["audit", "--json"]);
    t.is(code, 2);
    const lines = jsonLines(stdout);
    t.deepEqual(
        lines.map(({ machineActionId, reasons }) => [machineActionId, reasons.slice(1)]),
        [
            [guid(3), ["its machine: risk score HIGH, tags dc"]],
            [guid(2), ["its machine: risk score Medium, device value HIGH"]],
            [guid(4), ["its machine is not known"]],
            [guid(1), []],
        ],
    );
    t.regex(stderr, /^1 of their machines is not known: the API does not return its machine$/m);
});

test("where the machines may not be read, the audit says so once, and finds the same", async (t) => {
    const scene = await commandScene(t, {
        actions: [seen(1, "1"), seen(2, "2")],
        faults: ({ operation }) =>
            operation === "machines"
                ? { name: "answer", when: "before", status: 403, body: '{"error":{"code":"Forbidden"}}' }
                : undefined,
    });
    const { code, stdout, stderr } = await scene.run(["audit"]);
    t.is(code, 2);
    t.is(stdout.match(/its machine is not known/g)?.length, 2);
    t.regex(stderr, /^2 of their machines are not known: .*403/m);
});

test("the evidence of an apply by hand accounts for what it cancelled", async (t) => {
    const scene = await commandScene(t, { actions: [{ id: guid(1) }] });
    await mkdir(join(scene.folder, "incidents"));
    await scene.write("incident.json", declaration([guid(1)]));
    const apply = ["apply", "incident.json", "--reason", "Git host down", "--as", "p/s/n", "--yes"];
    t.is((await scene.run([...apply, "--evidence", "incidents/evidence.json"])).code, 0);
    t.is((await scene.run(["audit", "--declared", "incidents"])).code, 0);
    t.is((await scene.run(["audit"])).code, 2);
});

test("a file that is no declaration, or is not there, ends the audit: it must not hide anything", async (t) => {
    const scene = await commandScene(t);
    await scene.write("broken.yaml", "version: 1\ncomment: x\ncancelations: []\n");
    const broken = await scene.run(["audit", "--declared", "broken.yaml"]);
    t.is(broken.code, 1);
    t.regex(broken.stderr, /broken\.yaml:3:1: "cancelations" is not a property of a declaration/);
    t.is((await scene.run(["audit", "--declared", "nowhere"])).code, 1);
    t.deepEqual(scene.simulator.requests, []);
});
