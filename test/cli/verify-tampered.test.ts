import { createHash, randomUUID } from "node:crypto";
import test from "ava";
import { countResults } from "../../provider/lifecycles/set/set-results.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import { type CommandScene, commandScene } from "../helpers/command.ts";
import { type ExportedResource, stackExport } from "../helpers/stack-state.ts";
import { stageOf, verifiedToken, verify } from "../helpers/verified.ts";

/** An export as a tamperer edits it: one set of three, and a single cancellation. */
interface Edited {
    readonly set: Loose;
    readonly one: Loose;
    readonly resources: Loose[];
}

// biome-ignore lint/suspicious/noExplicitAny: an edit may put anything anywhere
type Loose = any;

interface Tampering {
    readonly what: string;
    readonly edit: (edited: Edited) => void;
    /** The line that names it. */
    readonly said: RegExp;
}

const set = "incident/prod/playbook-12";
const nothing = createHash("sha256").update("").digest("hex");

const dropFirst = ({ set: { inputs, outputs } }: Edited) => {
    const [id = ""] = Object.keys(outputs.results);
    delete outputs.results[id];
    inputs.cancellations = inputs.cancellations.filter((entry: Properties) => entry.machineActionId !== id);
    for (const [at, result] of Object.values<Loose>(outputs.results).entries()) {
        result.at = at;
    }
    outputs.digest = setDigest(entriesOf(inputs));
    return fitted(outputs);
};

/** Makes the counts and the proofs of the run fit the results. Returns the run. */
const fitted = (outputs: Loose) => {
    const results = Object.entries<Loose>(outputs.results);
    outputs.counts = countResults(results.map(([, result]) => result));
    const lines = results.flatMap(([id, { proofSha256: proof }]) => (proof === undefined ? [] : [`${id} ${proof}`]));
    outputs.evidence[0].proofs = lines.length;
    outputs.evidence[0].proofsSha256 = createHash("sha256").update(lines.sort().join("\n")).digest("hex");
    return outputs.evidence[0];
};

/** Resets a cancelled action to one that was only read. */
const eraseRequest = ({ set: { outputs } }: Edited) => {
    const [id = "", { type, creationDateTimeUtc, machineId, at, ifAlreadyFinal }] =
        Object.entries<Loose>(outputs.results).find(([, { outcome }]) => outcome === "cancelled") ?? [];
    outputs.results[id] = { type, creationDateTimeUtc, machineId, status: "Pending", at, ifAlreadyFinal };
    fitted(outputs).requested = 2;
};

const renamed = (type: string) => (edited: Edited) => {
    edited.set.type = type;
};

const tamperings: readonly Tampering[] = [
    {
        what: "results that are empty",
        edit: ({ set: { outputs } }) => {
            outputs.results = {};
        },
        said: new RegExp(`^missing +${set} +results: empty, although 3 actions are declared and 3 are counted`, "m"),
    },
    {
        what: "results that are empty, with counts that fit",
        edit: ({ set: { outputs } }) => {
            outputs.results = {};
            outputs.counts = countResults([]);
        },
        said: /^missing .* results: empty, although 3 actions are declared/m,
    },
    {
        what: "a set emptied of all but its run",
        edit: ({ set: { inputs, outputs } }) => {
            outputs.results = {};
            inputs.cancellations = [];
            outputs.counts = countResults([]);
            outputs.digest = setDigest(new Map());
            Object.assign(outputs.evidence[0], { proofs: 0, proofsSha256: nothing });
        },
        said: /^missing .* evidence\[0\]\.requested: stored 3; 0 results .*: 3 requests of the run have no result/m,
    },
    {
        what: "results that are missing",
        edit: ({ set: { outputs } }) => {
            delete outputs.results;
        },
        said: /^mismatch .* results: missing: a set keeps the result/m,
    },
    {
        what: "results under another name",
        edit: ({ set: { outputs } }) => {
            outputs.Results = outputs.results;
            delete outputs.results;
        },
        said: /^mismatch .* outputs\.Results: not an output of a set/m,
    },
    {
        what: "results that are a list",
        edit: ({ set: { outputs } }) => {
            outputs.results = Object.values(outputs.results);
        },
        said: /^mismatch .* results: not an object/m,
    },
    {
        what: "a result that is a text",
        edit: ({ set: { outputs } }) => {
            outputs.results[Object.keys(outputs.results)[0] ?? ""] = "Cancelled";
        },
        said: /^mismatch .* results\.[0-9a-f-]{36}: not the result of a machine action/m,
    },
    {
        what: "a result that was dropped with its entry, its count, its digest and its proof",
        edit: dropFirst,
        said: /^missing .*\.requested: stored 3; 2 results .*: 1 requests of the run have no result in this record/m,
    },
    {
        what: "the same, with a lower number of requests",
        edit: (edited) => {
            dropFirst(edited).requested = 2;
        },
        said: /^missing .* not recorded: [0-9a-f-]{36}: Defender shows it with the tag of this declaration/m,
    },
    {
        what: "the same, and the digest of the run",
        edit: (edited) => {
            Object.assign(dropFirst(edited), { requested: 2, digest: edited.set.outputs.digest });
        },
        said: /^mismatch .* evidence\.digest, first 12 digits/m,
    },
    {
        what: "the same as the first, as a re-issue of another action that was found cancelled",
        edit: (edited) => {
            const { outputs } = edited.set;
            const [id] = Object.keys(outputs.results);
            dropFirst(edited).requested = 2;
            const reissue = { id, creationDateTimeUtc: "2026-05-05T06:59:00Z", status: "Cancelled" };
            Object.values<Loose>(outputs.results)[0].reissues = [reissue];
        },
        said: /^missing .* not recorded: [0-9a-f-]{36}: Defender shows it with the tag of this declaration/m,
    },
    {
        what: "a request that was erased, with the number of requests, the counts and the proofs",
        edit: eraseRequest,
        said: /^missing .* not recorded: [0-9a-f-]{36}: Defender shows it with the tag of this declaration/m,
    },
    {
        what: "a proof that was changed",
        edit: ({ set: { outputs } }) => {
            Object.values<Loose>(outputs.results)[0].proofSha256 = "0".repeat(64);
        },
        said: /^mismatch .* evidence\.proofSha256: stored 0+; found [0-9a-f]+; the action now differs/m,
    },
    {
        what: "the hash over nothing in place of that over three proofs",
        edit: ({ set: { outputs } }) => {
            outputs.evidence[0].proofsSha256 = nothing;
        },
        said: /^mismatch .* evidence\[0\]\.proofsSha256: /m,
    },
    {
        what: "the same, without the number of proofs, as a record of rc.1 would be",
        edit: ({ set: { outputs } }) => {
            outputs.evidence[0].proofsSha256 = nothing;
            delete outputs.evidence[0].proofs;
        },
        said: /^mismatch .* evidence\[0\]\.proofs: missing, although the results have the hashes of their proofs/m,
    },
    {
        what: "a failed action as prevented",
        edit: ({ set: { outputs } }) => {
            const result = Object.values<Loose>(outputs.results).find(({ status }) => status === "Succeeded");
            Object.assign(result, { outcome: "cancelled", effect: "prevented" });
        },
        said: /^mismatch .* results\.[0-9a-f-]{36}: an outcome or an effect without a proof/m,
    },
    {
        what: "a foreign provider text in the outputs of a set without results",
        edit: ({ set: { outputs } }) => {
            outputs.results = {};
            outputs.__provider = 'exports.handler = () => require("./evil");';
        },
        said: /^mismatch .* outputs\.__provider: .*this text is run as code/m,
    },
    {
        what: "a cancellation of another name",
        edit: ({ set: { inputs, outputs } }) => {
            inputs.declaredBy = "incident/prod/other";
            outputs.declaredBy = "incident/prod/other";
        },
        said: /^mismatch .* inputs\.declaredBy: stored incident\/prod\/other; found incident\/prod\/playbook-12/m,
    },
    ...[
        "pulumi-nodejs:dynamic/defender:machineActionCancellationSet",
        "pulumi-nodejs:dynamic/defender:MachineActionCancelationSet",
        "pulumi-nodejs:dynamic/defender:MachineActi\u043enCancellationSet",
        "pulumi-nodejs:dynamic/defender:MachineActionCancellationSet\u200b",
        "pulumi-nodejs:dynamic/defender:Other",
        "pulumi-nodejs:dynamic/defenders:MachineActionCancellationSet",
        "pulumi-nodejs:dynamic:Resource",
        "other:index:MachineActionCancellationSets",
        "defender:index:machineActionCancellationSet",
        "defender:index:MachineActi\u043enCancellationSet",
        "defenders:index:MachineActionCancellationSet",
        "defender:index:Other",
    ].map((type) => ({
        what: `the type ${JSON.stringify(type)}`,
        edit: renamed(type),
        said: new RegExp(`^mismatch +${set} +type: .*resembles a resource of this package, but is none`, "m"),
    })),
    {
        what: "no resource of this package at all",
        edit: ({ resources }) => {
            resources.splice(0);
        },
        said: /^missing +stdin +resources: no cancellation of this package: there is nothing to verify/m,
    },
    {
        what: "a single cancellation whose outputs are gone",
        edit: ({ one }) => {
            one.outputs = {};
        },
        said: /^mismatch .* status: stored nothing; found Cancelled/m,
    },
    {
        what: "a deviation that no refresh stores",
        edit: ({ set: { inputs } }) => {
            inputs.desiredStatus = "InProgress";
        },
        said: /^mismatch .* inputs\.desiredStatus/m,
    },
    {
        what: "an edited comment that a failed run would explain",
        edit: ({ set: changed }) => {
            changed.initErrors = ["1 of 3 failed"];
            changed.outputs.evidence[0].commentSent = "INC-0815 [pulumi incident/prod/playbook-12 0123456789ab]";
        },
        said: /^mismatch .* evidence\.commentSent/m,
    },
];

const comment = "INC-4711";

async function tamperedScene(scene: CommandScene): Promise<ExportedResource[]> {
    const ids = scene.simulator.actions().map(({ id }) => id);
    const [one, ...others] = ids;
    const entries = others.map((machineActionId) => ({ machineActionId, ifAlreadyFinal: "accept" }));
    const many = await stageOf(scene, "playbook-12", true).up({ cancellations: entries, comment });
    const single = await stageOf(scene, "one", false).up({ machineActionId: one, comment });
    return [many.state(), single.state()];
}

test("--verify finds each tampered state, and names what is wrong, with exit code 2", async (t) => {
    const inProgress = { behaviour: "in-progress-then-succeeded" as const };
    const scene = await commandScene(t, { actions: [{}, {}, inProgress, {}].reverse() });
    const sound = await tamperedScene(scene);
    t.is((await verify(scene, stackExport(...sound))).code, 0);
    for (const { what, edit, said } of tamperings) {
        const resources: Loose[] = structuredClone(sound);
        edit({ set: resources[0], one: resources[1], resources });
        const { code, bad } = await verify(scene, stackExport(...resources));
        t.is(code, 2, what);
        t.regex(bad.join("\n").replaceAll("\u200b", ""), said, what);
    }
});

test("--verify finds each tampered evidence of an apply", async (t) => {
    const scene = await commandScene(t, { actions: [{}, {}] });
    const [first, second] = scene.simulator.actions().map(({ id }) => id);
    const file = `version: 1\ncomment: wrong scope\ncancellations:\n    - machineActionId: ${first}\n    - machineActionId: ${second}\n`;
    await scene.write("incident.yaml", file);
    const env = { DEFENDER_ACCESS_TOKEN: verifiedToken };
    const apply = ["apply", "incident.yaml", "--yes", "--reason", "no pipeline", "--as", set];
    await scene.run([...apply, "--evidence", "evidence.json"], { env });
    const sound = await scene.read("evidence.json");
    t.is((await verify(scene, sound)).code, 0);
    const edits: readonly [what: string, edit: (document: Loose) => void, said: RegExp][] = [
        ["digest", (one) => Object.assign(one, { digest: "0".repeat(64) }), /^mismatch .* apply\.digest/m],
        ["no digest", (one) => delete one.digest, /^mismatch .* apply\.digest/m],
        ["file hash", (one) => Object.assign(one, { fileSha256: "0".repeat(64) }), /^mismatch .* apply\.fileSha256/m],
        ["reason", (one) => Object.assign(one, { reason: "approved" }), /^mismatch .* apply\.reason/m],
        ["name", (one) => Object.assign(one, { declaredBy: "a/b/c" }), /^mismatch .* apply\.declaredBy/m],
        ["end", (one) => Object.assign(one, { endedAtUtc: "2026-05-04T00:00:00Z" }), /^mismatch .* apply\.\w+edAtUtc/m],
        [
            "inputs",
            ({ resource }) => Object.assign(resource.inputs.cancellations[0], { ifAlreadyFinal: "accept" }),
            /^mismatch .* cancellations\./m,
        ],
        ["outputs", ({ resource }) => Object.assign(resource, { outputs: {} }), /^missing .* results: /m],
        ["results", ({ resource }) => Object.assign(resource.outputs, { results: {} }), /^missing .* results: empty/m],
        [
            "no requests",
            (one) => Object.assign(one, { requests: [] }),
            /^mismatch .* apply\.requests: .*the list lacks/m,
        ],
        [
            "a request for another action",
            ({ requests }) => requests.push({ ...requests[0], machineActionId: randomUUID() }),
            /^mismatch .* apply\.requests: .*that its result lacks/m,
        ],
        [
            "unknown key",
            (one) => Object.assign(one, { approvedBy: "ciso" }),
            /^mismatch .* apply\.approvedBy: not a part/m,
        ],
        ["type", ({ resource }) => Object.assign(resource, { type: `${resource.type}s` }), /^mismatch .* type: /m],
    ];
    for (const [what, edit, said] of edits) {
        const document = JSON.parse(sound);
        edit(document);
        const { code, bad } = await verify(scene, JSON.stringify(document));
        t.is(code, 2, what);
        t.regex(bad.join("\n"), said, what);
    }
    await scene.write("incident.yaml", file.replace("wrong scope", "another scope"));
    t.regex((await verify(scene, sound)).stdout, /^mismatch .* apply\.fileSha256: .*is not the file that was applied/m);
    await scene.write("elsewhere.yaml", file);
    const moved = { ...JSON.parse(sound), file: "nowhere.yaml" };
    const elsewhere = await verify(scene, JSON.stringify(moved));
    t.is(elsewhere.code, 0, elsewhere.stdout);
    t.regex(elsewhere.stdout, /^unverifiable .* apply\.fileSha256: .*the declaration file is not here/m);
});

test("a run that was killed before its result was stored is missing, by the state's pending operation", async (t) => {
    const scene = await commandScene(t, { actions: [{}, {}, {}, {}] });
    const sound = await tamperedScene(scene);
    const [{ type = "", urn = "" } = {}] = sound;
    const state = JSON.parse(stackExport(...sound));
    state.deployment.pending_operations = [{ type: "creating", resource: { type, urn: `${urn}-2` } }];
    const { code, stdout } = await verify(scene, JSON.stringify(state));
    t.is(code, 2);
    t.regex(stdout, /^missing +incident\/prod\/playbook-12-2 +pending operation: stored creating; a run was killed/m);
});
