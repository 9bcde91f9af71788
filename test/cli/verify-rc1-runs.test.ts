import { createHash } from "node:crypto";
import test from "ava";
import { actionSha256 } from "../../provider/model/action-hash.ts";
import { commandScene } from "../helpers/command.ts";
import { type ExportedResource, stackExport } from "../helpers/stack-state.ts";
import { stageOf, verify } from "../helpers/verified.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

// biome-ignore lint/suspicious/noExplicitAny: a state may hold anything
type Loose = any;

test("--verify takes rc.1's hash over the proofs that a run knew when it ended for no more and no less", async (t) => {
    const scene = await commandScene(t, { actions: [{}, {}, {}] });
    const ids = scene.simulator.actions().map(({ id }) => id);
    const cancellations = ids.map((machineActionId) => ({ machineActionId }));
    const stage = await stageOf(scene, "playbook-12", true).up({ cancellations, comment: "INC-4711" });
    const line = (id: string) => `${id} ${actionSha256(scene.simulator.action(id))}`;
    const [first = "", second = "", third = ""] = ids;

    /** The state as rc.1 wrote it: no hash with a result, and the last two actions proven a minute later. */
    const asOfRc1 = (proofsSha256: string): ExportedResource => {
        const state: Loose = stage.state();
        const [run] = state.outputs.evidence;
        delete run.proofs;
        Object.assign(run, { proofsSha256, packageVersion: "1.0.0-rc.1" });
        for (const [id, result] of Object.entries<Loose>(state.outputs.results)) {
            delete result.proofSha256;
            result.confirmedAtUtc = id === first ? "2026-05-05T07:05:00Z" : "2026-05-05T07:06:00Z";
        }
        return state;
    };
    const known: readonly [what: string, hash: string, code: number, said: RegExp][] = [
        ["all", sha256([first, second, third].map(line).sort().join("\n")), 0, /^match .*proofsSha256: /m],
        ["nothing", sha256(""), 0, /^unverifiable .*proofsSha256: .*it covers no proof/m],
        ["the first", sha256(line(first)), 0, /^match .*proofsSha256: .*1 proofs, those that the run knew/m],
        ["the first", sha256(line(first)), 0, /^unverifiable .*proofsSha256: 2 results of the run were not proven/m],
        ["a later one", sha256(line(second)), 2, /^mismatch .*proofsSha256: /m],
        ["others", sha256("other"), 2, /^mismatch .*proofsSha256: /m],
    ];
    for (const [what, hash, expected, said] of known) {
        const { code, stdout } = await verify(scene, stackExport(asOfRc1(hash)));
        t.is(code, expected, what);
        t.regex(stdout, said, what);
    }
    // The first action is another one now than the one that was proven.
    scene.simulator.resume(first);
    scene.simulator.cancel(first, "soc@contoso.example", "by hand");
    t.is((await verify(scene, stackExport(asOfRc1(known[2]?.[1] ?? "")))).code, 2);
});
