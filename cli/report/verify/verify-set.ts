import { isDeepStrictEqual } from "node:util";
import type { Observation } from "../../../provider/api/defender-client.ts";
import { countResults } from "../../../provider/lifecycles/set/set-results.ts";
import { evidenceNames } from "../../../provider/model/evidence.ts";
import { allOutputNames, isProven } from "../../../provider/model/outputs.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { entriesOf, pickSetInputs, setDigest } from "../../../provider/schema/set-inputs.ts";
import { declaredEntry, resultsIn } from "../../../provider/schema/stored-set.ts";
import { runsOf } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import { compareDigest, type Place } from "./evidence-checks.ts";
import { type Findings, strangers } from "./finding.ts";
import { verifyRunEvidence } from "./verify-evidence.ts";
import { digestIfSound } from "./verify-resource.ts";

const resultNames: readonly string[] = [
    ...allOutputNames,
    ...evidenceNames("result"),
    ...["failure", "run", "expect", "ifAlreadyFinal", "at"],
];

/**
 * Checks the values of a set that do not concern its actions. `observations`: of the actions that Defender has, by id.
 */
export function verifySet(
    resource: StateResource,
    observations: ReadonlyMap<string, Observation>,
    place: Place,
    findings: Findings,
): void {
    const { id, inputs, outputs } = resource;
    const results = resultsIn(outputs);
    const names = ["results", "counts", "evidence", "digest", "desiredStatus", "__provider"];
    for (const name of strangers(outputs, [...names, ...Object.keys(pickSetInputs(outputs))])) {
        findings.add(`outputs.${name}`, "mismatch", { why: "not an output of a set" });
    }
    findings.plausible("id", id, /^set-[0-9a-f]{24}$/.test(id ?? ""), "derived from the ids when the set was created");
    compareEntries(inputs, results, findings);
    const digest = digestIfSound(() => setDigest(entriesOf(inputs)));
    compareDigest(outputs.digest, digest, findings, "digest");
    const counts = countResults(results.values());
    if (isDeepStrictEqual(outputs.counts, counts)) {
        findings.add("counts", "match");
    } else {
        findings.same("counts", outputs.counts, counts, "the results give other counts");
    }
    for (const [index, run] of runsOf(resource).entries()) {
        const ofRun = new Map([...results].filter(([, result]) => result.run === index));
        const record: Properties = isObject(run) ? run : {};
        const context = { ofRun, observations, requested: record.requested, digest, place, findings };
        verifyRunEvidence(`evidence[${index}]`, record, context);
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

/** Compares the declared entries in the inputs with the copies in the results. */
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
