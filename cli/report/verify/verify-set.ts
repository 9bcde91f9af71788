import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Sighting } from "../../../provider/api/defender-client.ts";
import { runEvidenceNames } from "../../../provider/lifecycles/set/run-evidence.ts";
import { countResults } from "../../../provider/lifecycles/set/set-results.ts";
import { actionSha256 } from "../../../provider/model/action-hash.ts";
import { allOutputNames, isProven } from "../../../provider/model/outputs.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { entriesOf, pickSetInputs, setDigest } from "../../../provider/schema/set-inputs.ts";
import { declaredEntry, resultsIn } from "../../../provider/schema/stored-set.ts";
import { runsOf } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import type { Findings } from "./finding.ts";
import { timeRule } from "./plausible.ts";
import { strangers } from "./verify-action.ts";
import { compareDigest, comparePlace, digestIfSound, type Place } from "./verify-resource.ts";

const resultNames: readonly string[] = [
    ...allOutputNames,
    ...[
        "failure",
        "run",
        "posts",
        "postStatus",
        "postCorrelationId",
        "observedAtUtc",
        "expect",
        "ifAlreadyFinal",
        "at",
    ],
];

/** What a set says beside its actions. `sightings`: by id, of those that Defender still knows. */
export function verifySet(
    resource: StateResource,
    sightings: ReadonlyMap<string, Sighting>,
    place: Place,
    findings: Findings,
): void {
    const { id, inputs, outputs } = resource;
    const results = resultsIn(outputs);
    const names = ["results", "counts", "evidence", "digest", "desiredStatus", "__provider"];
    for (const name of strangers(outputs, [...names, ...Object.keys(pickSetInputs(outputs))])) {
        findings.add(`outputs.${name}`, "mismatch", { why: "not an output of a set" });
    }
    findings.plausible("id", id, /^set-[0-9a-f]{24}$/.test(id ?? ""), "made of the ids when the set was created");
    compareEntries(inputs, results, findings);
    const digest = digestIfSound(() => setDigest(entriesOf(inputs)));
    compareDigest(outputs.digest, digest, findings, "digest");
    const counts = countResults(results.values());
    if (isDeepStrictEqual(outputs.counts, counts)) {
        findings.add("counts", "match");
    } else {
        findings.same("counts", outputs.counts, counts, "the results add up to something else");
    }
    for (const [index, run] of runsOf(resource).entries()) {
        const ofRun = new Map([...results].filter(([, result]) => result.run === index));
        verifyRun(`evidence[${index}]`, isObject(run) ? run : {}, { ofRun, sightings, digest, place }, findings);
    }
    for (const [key, result] of results) {
        for (const name of strangers(result, resultNames)) {
            findings.add(`results.${key}.${name}`, "mismatch", { why: "not a part of a result" });
        }
        const isRun = result.run === undefined || isObject(runsOf(resource)[Number(result.run)]);
        findings.plausible(`results.${key}.run`, result.run, isRun, "the index of a run");
        if (isProven(result) && (result.outcome === undefined || result.effect === undefined)) {
            findings.add(`results.${key}`, "mismatch", { why: "a proof without an outcome or an effect" });
        }
    }
}

/** What is declared stands in the inputs, and once more in each result. */
function compareEntries(inputs: Properties, results: ReadonlyMap<string, Properties>, findings: Findings): void {
    const list = Array.isArray(inputs.cancellations) ? (inputs.cancellations as unknown[]).filter(isObject) : [];
    const declared = new Map(list.map((entry) => [String(entry.machineActionId), entry]));
    for (const key of new Set([...declared.keys(), ...results.keys()])) {
        const [entry, result] = [declared.get(key), results.get(key)];
        const stored = result && declaredEntry(key, result);
        if (isDeepStrictEqual(entry && plain(entry), stored && plain(stored))) {
            findings.add(`cancellations.${key}`, "match");
        } else {
            findings.same(`cancellations.${key}`, entry, stored, "the inputs and the results declare different things");
        }
    }
    const order = [...results.values()].map(({ at }) => at);
    findings.same(
        "results, their order",
        order,
        [...results.keys()].map((_, index) => index),
    );
}

function plain(entry: Properties): unknown {
    const { expect } = entry;
    return { ...entry, ...(isObject(expect) ? { expect: Object.fromEntries(Object.entries(expect).sort()) } : {}) };
}

interface RunContext {
    /** The results whose last request was of this run. */
    readonly ofRun: ReadonlyMap<string, Properties>;
    readonly sightings: ReadonlyMap<string, Sighting>;
    /** Of the declaration as it is now. */
    readonly digest: string;
    readonly place: Place;
}

function verifyRun(field: string, run: Properties, context: RunContext, findings: Findings): void {
    const { ofRun, digest, place } = context;
    for (const name of strangers(run, runEvidenceNames)) {
        findings.add(`${field}.${name}`, "mismatch", { why: "not a part of the evidence" });
    }
    compareDigest(run.digest, digest, findings, `${field}.digest`);
    comparePlace(field, run, place, findings);
    compareProofs(field, run, context, findings);
    const requested = [...ofRun.values()].map(({ requestedAtUtc }) => String(requestedAtUtc)).sort();
    const isWhole = requested.length === run.requested;
    for (const [name, bound] of [
        ["firstRequestUtc", requested[0]],
        ["lastRequestUtc", requested.at(-1)],
    ] as const) {
        const stored = String(run[name]);
        const fits = !isWhole || stored.replace(/\.\d+Z$/, "Z") === bound;
        const why = `to the second that of the run's results, ${bound}`;
        findings.plausible(`${field}.${name}`, stored, timeRule(stored) && fits, why);
    }
    const why = `${requested.length} results say that they were requested in this run`;
    const isEnough = Number.isInteger(run.requested) && Number(run.requested) >= requested.length;
    findings.plausible(`${field}.requested`, run.requested, isEnough, why);
}

/** One hash over the proofs of all actions of a run: made again from the actions as Defender shows them now. */
function compareProofs(field: string, run: Properties, { ofRun, sightings }: RunContext, findings: Findings): void {
    const proven = [...ofRun].filter(([, result]) => result.confirmedAtUtc !== undefined);
    const lines = proven.flatMap(([id]) => {
        const sighting = sightings.get(id);
        return sighting ? [`${id} ${actionSha256(sighting.raw)}`] : [];
    });
    const hash = createHash("sha256").update(lines.sort().join("\n")).digest("hex");
    if (run.proofsSha256 === hash) {
        findings.add(`${field}.proofsSha256`, "match", { stored: hash });
    } else if (ofRun.size !== run.requested || lines.length !== ofRun.size) {
        const why = "some of the run's actions were requested again since, were proven later, or are gone";
        findings.plausible(
            `${field}.proofsSha256`,
            run.proofsSha256,
            /^[0-9a-f]{64}$/.test(String(run.proofsSha256)),
            why,
        );
    } else {
        const why = "the actions are not byte for byte what proved them";
        findings.same(`${field}.proofsSha256`, run.proofsSha256, hash, why);
    }
}
