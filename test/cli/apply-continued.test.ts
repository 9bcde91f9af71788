import test from "ava";
import { type EndedApply, endedApply } from "../helpers/ended-apply.ts";

const actions = 20;

interface Listed {
    readonly machineActionId: string;
    readonly outcome: string;
    readonly effect: string;
    readonly adoptedFrom?: string;
    readonly source: string;
    readonly statusBeforeCancel?: string;
    readonly requestedAtUtc?: string;
    readonly confirmedAtUtc?: string;
    readonly failure?: string;
    readonly evidence: { readonly commentSent?: string };
}

/** The report on both evidence files, in either order. */
async function reportOn(run: EndedApply, ...files: readonly string[]): Promise<{ listed: Listed[]; stderr: string }> {
    const states = files.flatMap((file) => ["--state", file]);
    const { stdout, stderr } = await run.run(["report", ...states, "--json"]);
    return { listed: JSON.parse(stdout).cancellations, stderr };
}

/** The actions whose request the API answered with Cancelled, by the evidence, in either of its forms. */
function answeredIn(evidence: string): ReadonlySet<string> {
    const rows = evidence.startsWith("{\n")
        ? JSON.parse(evidence).requests
        : evidence.split("\n").flatMap((line) => (line.includes('"kind":"answer"') ? [JSON.parse(line)] : []));
    return new Set(
        rows
            .filter(
                ({ result, statusAfter }: Record<string, unknown>) =>
                    result === "accepted" && statusAfter === "Cancelled",
            )
            .map(({ machineActionId }: Listed) => machineActionId),
    );
}

for (const [signal, how] of [
    ["SIGINT", "Ctrl-C"],
    ["SIGKILL", "a kill"],
] as const) {
    test.serial(
        `after ${how}, the requests of the first run and the proofs of the second count together`,
        async (t) => {
            // At most eight requests are under way at once, so that the ninth follows an answer.
            const run = await endedApply(t, { ending: { signals: [signal] }, atRequest: 9, actions, answerMs: 20 });
            const answered = answeredIn(run.textOf("evidence.json"));
            t.true(answered.size > 0, run.stderr);
            const second = await run.again("second.json");
            t.is(second.code, 0, second.stderr);
            t.is(new Set(run.seen).size, actions);
            t.regex(
                second.stderr,
                /^An earlier run cancelled \d+ of these actions\. `report` with the records of both runs/m,
            );

            const { listed, stderr } = await reportOn(run, "evidence.json", "second.json");
            t.is(listed.length, actions);
            const ofBoth = listed.filter(({ machineActionId }) => answered.has(machineActionId));
            for (const one of ofBoth) {
                t.like(one, { source: "evidence.json", outcome: "cancelled", effect: "prevented", failure: undefined });
                t.true((one.requestedAtUtc ?? "") <= (one.confirmedAtUtc ?? ""), "requested, then proven");
                t.regex(one.evidence.commentSent ?? "", /\[pulumi incident\/prod\/playbook-12 [0-9a-f]{12}\]$/);
            }
            t.regex(
                stderr,
                new RegExp(
                    `^${ofBoth.length} actions are in several records: the request in evidence.json and the proof in second.json count together$`,
                    "m",
                ),
            );
            // A request without an answer is not proven to be what cancelled the action.
            for (const one of listed.filter(({ machineActionId }) => !answered.has(machineActionId))) {
                t.true(one.effect === "prevented" ? one.source === "second.json" : one.adoptedFrom === "ourselves");
            }
            t.deepEqual(
                (await reportOn(run, "second.json", "evidence.json")).listed.toSorted(byId),
                listed.toSorted(byId),
            );
            const verified = await run.run([
                "report",
                "--state",
                "evidence.json",
                "--state",
                "second.json",
                "--verify",
            ]);
            t.is(verified.code, 0, verified.stdout);
        },
    );
}

function byId(one: Listed, other: Listed): number {
    return one.machineActionId < other.machineActionId ? -1 : 1;
}
