import test from "ava";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { type Fault, startSimulator } from "../../simulator/index.ts";
import { commandScene, tokenWith } from "../helpers/command.ts";
import { cancellationFace } from "../helpers/dynamic-face.ts";
import { type ExportedResource, stackExport, storedResource } from "../helpers/stack-state.ts";

/** Defender does not document how it shows an application as a canceller. Every form gives the same results. */
const [appId, objectId, name] = [
    "9a1b2c3d-0000-4000-8000-00000000abcd",
    "6b7c8d9e-0000-4000-8000-0000000000ff",
    "SOC rescue",
];
const forms = { "app id": appId, "object id": objectId, "display name": name } as const;
const claims = { tid: "tenant", appid: appId, oid: objectId, app_displayname: name };
const env = { DEFENDER_ACCESS_TOKEN: tokenWith(claims) };
const ids = Array.from({ length: 4 }, (_, nth) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${nth}`);
const [one = "", two = "", three = "", lost = ""] = ids;

const evidenceOf = ({ outputs }: ExportedResource) => outputs.evidence as Properties;
const withEvidence = (resource: ExportedResource, changes: Properties): ExportedResource => ({
    ...resource,
    outputs: { ...resource.outputs, evidence: { ...evidenceOf(resource), ...changes } },
});

for (const [form, shown] of Object.entries(forms)) {
    test(`where Defender shows the canceller as ${form}, report --verify and audit find nothing`, async (t) => {
        const scene = await commandScene(t, {
            actions: ids.map((id) => ({ id })),
            cancellationRequestor: form as keyof typeof forms,
            env,
        });
        const single = await storedResource(scene, "single", { machineActionId: one, comment: "INC-4711" }, env);
        const set = await storedResource(
            scene,
            "set",
            { comment: "INC-4711", cancellations: [two, three].map((machineActionId) => ({ machineActionId })) },
            env,
        );
        t.is(evidenceOf(single).cancellationRequestor, shown);
        t.like((set.outputs.evidence as Properties[])[0], { appId, cancellationRequestor: shown });
        const state = stackExport(single, set);
        const verified = await scene.run(["report", "--verify"], { stdin: state });
        t.is(verified.code, 0, verified.stdout);
        await scene.write("state.json", state);
        const audited = await scene.run(["audit", "--state", "state.json"]);
        t.is(audited.code, 0, audited.stdout);

        // A record of rc.1 has no observed canceller.
        const old = withEvidence(single, { cancellationRequestor: undefined, packageVersion: "1.0.0-rc.1" });
        const ofRc1 = await scene.run(["report", "--verify"], { stdin: stackExport(old) });
        t.is(ofRc1.code, 0, ofRc1.stdout);

        // A reader with another identity cannot know more.
        const reader = tokenWith({ ...claims, appid: "11111111-0000-4000-8000-000000000000", oid: undefined });
        const read = await scene.run(["report", "--verify"], {
            stdin: state,
            env: { DEFENDER_ACCESS_TOKEN: reader },
        });
        t.is(read.code, 0, read.stdout);
    });

    test(`where Defender shows the canceller as ${form}, another canceller is a mismatch, and found by audit`, async (t) => {
        const scene = await commandScene(t, {
            actions: ids.map((id) => ({ id })),
            cancellationRequestor: form as keyof typeof forms,
            env,
        });
        const single = await storedResource(scene, "single", { machineActionId: one, comment: "INC-4711" }, env);
        const forged = withEvidence(single, { cancellationRequestor: "Another application" });
        const found = await scene.run(["report", "--verify"], { stdin: stackExport(forged) });
        t.is(found.code, 2);
        t.regex(found.stdout, /mismatch +\S+ +evidence\.cancellationRequestor/);
        // It goes on, and another party cancels it with a copy of our comment.
        await scene.write("state.json", stackExport(single));
        scene.simulator.resume(one);
        scene.simulator.cancel(one, "Another app", String(evidenceOf(single).commentSent));
        const again = await scene.run(["audit", "--state", "state.json"]);
        t.is(again.code, 2);
        t.regex(again.stdout, /cancelled again by others/);
        const verified = await scene.run(["report", "--verify"], { stdin: stackExport(single) });
        t.regex(verified.stdout, /mismatch +\S+ +evidence\.appId/);
    });

    test(`where Defender shows the canceller as ${form}, a rename or a move into a set adopts from ourselves`, async (t) => {
        const scene = await commandScene(t, {
            actions: ids.map((id) => ({ id })),
            cancellationRequestor: form as keyof typeof forms,
            env,
        });
        const args = { machineActionId: one, comment: "INC-4711" };
        await storedResource(scene, "before", args, env);
        // A process that has proven no request of its own, and read no record, knows the ids in its token.
        const renamed = await storedResource(scene, "after", args, env);
        const isKnown = form !== "display name";
        t.like(renamed.outputs, { outcome: "adopted", adoptedFrom: isKnown ? "ourselves" : "others" });
        const ofOther = await storedResource(scene, "after", { ...args, declaredBy: "incident/test/after" }, env);
        t.like(ofOther.outputs, { outcome: "adopted", adoptedFrom: "others" });
    });
}

const drop: Fault = "drop after";
for (const [what, canceller] of Object.entries({ "no canceller": "", "a blank canceller": " ", "our name": name })) {
    test(`a request whose answer was lost is ours where Defender shows ${what} and no comment`, async (t) => {
        const scene = await commandScene(t, {
            actions: [{ id: lost }],
            faults: ({ operation }) => {
                if (operation === "cancel") {
                    return drop;
                }
                const row = scene.simulator.action(lost);
                if (operation !== "get" || row?.status !== "Cancelled") {
                    return undefined;
                }
                const body = { ...row, cancellationRequestor: canceller, cancellationComment: "" };
                return { name: "answer", when: "before", status: 200, body: JSON.stringify(body) };
            },
        });
        const { outputs } = await storedResource(scene, "n", { machineActionId: lost, comment: "INC-4711" }, env);
        t.like(outputs, { outcome: "cancelled", effect: "prevented", adoptedFrom: undefined });
        t.false("postStatus" in (outputs.evidence as Properties));
        t.false("cancellationRequestor" in (outputs.evidence as Properties));
    });
}

test("a name that a proof or a record of our identity has shown is ours in this process", async (t) => {
    const actions = ids.map((id) => ({ id }));
    await using simulator = await startSimulator({ actions, cancellationRequestor: "display name" });
    const settings = (token: string) =>
        readSettings(() => undefined, { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token });
    const newProcess = (token: string) => {
        const stop = new AbortController().signal;
        const session = openSession(settings(token), { stop, quotaStore: memoryStore(), gatherMs: 0, log() {} });
        const lifecycle = cancellationFace(
            () => session,
            () => {},
        );
        const cancel = async (machineActionId: string, declaredBy: string) => {
            const given = { __provider: "x", machineActionId, comment: "INC-4711", declaredBy };
            return (await lifecycle.create((await lifecycle.check({}, given)).inputs)).outs;
        };
        return { lifecycle, cancel };
    };
    const first = newProcess(tokenWith(claims));
    const outs = await first.cancel(one, "p/s/before");
    t.like(outs, { outcome: "cancelled" });
    t.like(await first.cancel(one, "p/s/after"), { outcome: "adopted", adoptedFrom: "ourselves" }, "by its proof");
    const second = newProcess(tokenWith(claims));
    t.like(await second.cancel(one, "p/s/after"), { outcome: "adopted", adoptedFrom: "others" }, "nothing is known");
    await second.lifecycle.read(one, outs);
    t.like(await second.cancel(one, "p/s/after"), { outcome: "adopted", adoptedFrom: "ourselves" }, "by the record");
    const other = newProcess(tokenWith({ ...claims, appid: "11111111-0000-4000-8000-000000000000" }));
    await other.lifecycle.read(one, outs);
    t.like(await other.cancel(one, "p/s/after"), { outcome: "adopted", adoptedFrom: "others" }, "another app's record");
});
