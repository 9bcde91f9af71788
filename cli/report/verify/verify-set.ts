import { isDeepStrictEqual } from "node:util";
import type { Observation } from "../../../provider/api/defender-client.ts";
import { countResults } from "../../../provider/lifecycles/set/set-results.ts";
import { isNotReadable } from "../../../provider/lifecycles/unreadable.ts";
import { evidenceNames } from "../../../provider/model/evidence.ts";
import { isGuid } from "../../../provider/model/machine-action.ts";
import { allOutputNames, isProven } from "../../../provider/model/outputs.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { entriesOf, pickSetInputs, setDigest } from "../../../provider/schema/set-inputs.ts";
import { declaredEntry, resultsIn } from "../../../provider/schema/stored-set.ts";
import { whyEmpty } from "../../state/gaps.ts";
import { runsOf } from "../../state/records.ts";
import type { StateResource } from "../../state/stack-state.ts";
import { compareDigest } from "./evidence-checks.ts";
import { type Findings, strangers } from "./finding.ts";
import type { Place } from "./record-context.ts";
import { countRequestedAgain } from "./run-checks.ts";
import { verifyRunEvidence } from "./verify-evidence.ts";
import { deviationIn, digestIfSound, inputsOfEarlierRun } from "./verify-resource.ts";

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
    const { id, outputs } = resource;
    const results = resultsIn(outputs);
    const names = ["results", "counts", "evidence", "digest", "desiredStatus", "__provider"];
    for (const name of strangers(outputs, [...names, ...Object.keys(pickSetInputs(outputs))])) {
        findings.add(`outputs.${name}`, "mismatch", { why: "not an output of a set" });
    }
    findings.plausible("id", id, /^set-[0-9a-f]{24}$/.test(id ?? ""), "derived from the ids when the set was created");
    // Derived from the results, because after a failed run the inputs are those of an earlier run.
    const cancellations = [...results].map(([key, result]) => declaredEntry(key, result));
    const digest = digestIfSound(() => setDigest(entriesOf({ ...pickSetInputs(outputs), cancellations })));
    verifyResults(resource, findings);
    compareEntries(resource, results, digest, findings);
    verifyDeviations(resource, results, findings);
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
        const requestedAgain = countRequestedAgain(results, index);
        const context = { ofRun, observations, run: record, requestedAgain, digest, place, findings };
        verifyRunEvidence(`evidence[${index}]`, record, context);
    }
    for (const [key, result] of results) {
        for (const name of strangers(result, resultNames)) {
            findings.add(`results.${key}.${name}`, "mismatch", { why: "not a part of a result" });
        }
        const isRun = result.run === undefined || isObject(runsOf(resource)[Number(result.run)]);
        findings.plausible(`results.${key}.run`, result.run, isRun, "the index of a run");
        if (!isProven(result) && (result.outcome !== undefined || result.effect !== undefined)) {
            findings.add(`results.${key}`, "mismatch", { why: "an outcome or an effect without a proof" });
        }
        if (isProven(result) && (result.outcome === undefined || result.effect === undefined)) {
            findings.add(`results.${key}`, "mismatch", { why: "a proof without an outcome or an effect" });
        }
    }
}

/** Checks that `results` can be read as the results of this set, so that an entry cannot be left out unnoticed. */
function verifyResults(resource: StateResource, findings: Findings): void {
    const { outputs } = resource;
    const { results } = outputs;
    if (!isObject(results)) {
        const why = `${results === undefined ? "missing" : "not an object"}: a set keeps the result of each action here`;
        findings.add("results", "mismatch", { why });
        return;
    }
    for (const [key, result] of Object.entries(results)) {
        if (!isGuid(key) || !isObject(result)) {
            findings.add(`results.${key}`, "mismatch", { why: "not the result of a machine action" });
        }
    }
    const why = whyEmpty(resource);
    if (why !== undefined) {
        findings.add("results", "missing", { why });
    }
}

/** Checks the deviations that the last refresh stored with the inputs. A failed run since then leaves them there. */
function verifyDeviations(
    { inputs, initErrors }: StateResource,
    results: ReadonlyMap<string, Properties>,
    findings: Findings,
): void {
    const { deviations } = inputs;
    const declared = initErrors.length > 0 ? declaredIn(inputs) : new Map();
    if (deviations !== undefined && !isObject(deviations)) {
        findings.add("inputs.deviations", "mismatch", { why: "not an object" });
    }
    for (const [key, shown] of Object.entries(isObject(deviations) ? deviations : {})) {
        const isOfEarlierRun = declared.has(key) && typeof shown === "string";
        const why = deviationIn(results.get(key) ?? {}, shown) ?? (isOfEarlierRun ? inputsOfEarlierRun : undefined);
        const isPlausible = isOfEarlierRun || (results.has(key) && (why !== undefined || isNotReadable(shown)));
        findings.plausible(`inputs.deviations.${key}`, shown, isPlausible, why ?? "a deviation of the stored result");
    }
}

/** The declared entries in the inputs, by id. */
function declaredIn({ cancellations }: Properties): ReadonlyMap<string, Properties> {
    const list = Array.isArray(cancellations) ? (cancellations as unknown[]).filter(isObject) : [];
    return new Map(list.map((entry) => [String(entry.machineActionId), entry]));
}

/**
 * Compares the declared entries in the inputs with the copies in the results. After a failed run, the inputs are those of
 * an earlier run. An entry that they have and the results lack was dropped by the failed run only if the digest of that
 * run's declaration is that of the results. `digest`: of the results.
 */
function compareEntries(
    { inputs, outputs, initErrors }: StateResource,
    results: ReadonlyMap<string, Properties>,
    digest: string,
    findings: Findings,
): void {
    const declared = declaredIn(inputs);
    const mayDiffer = (result: unknown) => initErrors.length > 0 && (result !== undefined || outputs.digest === digest);
    for (const key of new Set([...declared.keys(), ...results.keys()])) {
        const [entry, result] = [declared.get(key), results.get(key)];
        const stored = result && declaredEntry(key, result);
        if (isDeepStrictEqual(entry && plain(entry), stored && plain(stored))) {
            findings.add(`cancellations.${key}`, "match");
        } else if (mayDiffer(stored)) {
            findings.add(`cancellations.${key}`, "unverifiable", { why: inputsOfEarlierRun });
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
