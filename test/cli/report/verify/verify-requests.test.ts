import { renameSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { applyArguments, type CommandScene, commandScene } from "../../../helpers/command.ts";
import { verifiedToken, verify } from "../../../helpers/verified.ts";

// biome-ignore lint/suspicious/noExplicitAny: an edit may put anything anywhere
type Loose = any;

/** The lines of an `apply` of two actions, as a kill before the first proof leaves them. */
async function linesOf(t: ExecutionContext): Promise<{ scene: CommandScene; lines: Loose[] }> {
    const scene: CommandScene = await commandScene(t, {
        actions: [{}, {}],
        faults({ operation, nth }) {
            if (operation === "cancel" && nth === 2) {
                // So that the document cannot replace the lines.
                renameSync(join(scene.folder, "evidence.json"), join(scene.folder, "moved.json"));
            }
            return undefined;
        },
    });
    const entries = scene.simulator.actions().map(({ id }) => `    - machineActionId: ${id}\n`);
    await scene.write("incident.yaml", `version: 1\ncomment: "INC-4711"\ncancellations:\n${entries.join("")}`);
    const env = { DEFENDER_ACCESS_TOKEN: verifiedToken };
    await scene.run([...applyArguments, "--evidence", "evidence.json"], { env });
    const all = (await scene.read("moved.json")).trim().split("\n");
    const lines = all.map((line) => JSON.parse(line)).filter(({ kind }) => kind !== "proof" && kind !== "document");
    t.deepEqual(lines.map(({ kind }) => kind).sort(), [
        "answer",
        "answer",
        "defender-cancellation apply journal",
        "request",
        "request",
    ]);
    return { scene, lines };
}

const answerOf = (lines: Loose[]) => lines.find(({ kind }) => kind === "answer");

function changeComments(lines: Loose[], from: string | RegExp, to: string): void {
    for (const line of lines) {
        if (line.kind === "request") {
            line.comment = line.comment.replace(from, to);
        }
    }
}

const edits: readonly (readonly [what: string, edit: (lines: Loose[]) => void, said: RegExp])[] = [
    [
        "a cancellation that Defender took at an earlier time",
        (lines) => Object.assign(answerOf(lines), { cancellationDateTimeUtc: "2026-05-05T08:00:00Z" }),
        /^mismatch .* cancellationDateTimeUtc: stored 2026-05-05T08:00:00Z; found .*; Defender has another time/m,
    ],
    [
        "a status that no action has",
        (lines) => Object.assign(answerOf(lines), { statusAfter: "Stopped" }),
        /^mismatch .* statusAfter: stored Stopped/m,
    ],
    [
        "requests with another comment than Defender shows",
        (lines) => changeComments(lines, "INC-4711", "INC-4712"),
        /^mismatch .* comment: stored INC-4712 .*; found INC-4711 .*; Defender has another/m,
    ],
    [
        "requests with another digest than Defender shows",
        (lines) => changeComments(lines, /[0-9a-f]{12}\]$/, "0123456789ab]"),
        /^mismatch .* comment: stored .* 0123456789ab\]; found /m,
    ],
];

test("--verify finds nothing in the lines of a run that was killed before its first proof", async (t) => {
    const { scene, lines } = await linesOf(t);
    const { code, bad, stdout } = await verify(scene, textOf(lines));
    t.deepEqual([code, bad], [0, []]);
    t.is(stdout.match(/^match .* apply\.requests: [0-9a-f-]{36} comment/gm)?.length, 2);
});

test("--verify finds each edited request of a run that did not end", async (t) => {
    const { scene, lines } = await linesOf(t);
    for (const [what, edit, said] of edits) {
        const edited = structuredClone(lines);
        edit(edited);
        const { code, bad } = await verify(scene, textOf(edited));
        t.is(code, 2, what);
        t.regex(bad.join("\n"), said, what);
    }
});

test("a cancellation that Defender shows with a later time is another one, and the record may still be honest", async (t) => {
    const { scene, lines } = await linesOf(t);
    const { machineActionId } = answerOf(lines);
    scene.clock.advance(60_000);
    scene.simulator.resume(machineActionId);
    scene.simulator.cancel(machineActionId, "soc@contoso.example", "by hand");
    const { code, stdout } = await verify(scene, textOf(lines));
    t.is(code, 0, stdout);
    t.regex(
        stdout,
        new RegExp(`^unverifiable .* ${machineActionId} cancellationDateTimeUtc: .*; cancelled again since`, "m"),
    );
});

function textOf(lines: readonly Loose[]): string {
    return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
