import type { Observation } from "../../../provider/api/defender-client.ts";
import {
    type EvidenceName,
    type EvidencePlace,
    evidenceFields,
    evidenceNames,
} from "../../../provider/model/evidence.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { evidenceChecks } from "./evidence-checks.ts";
import { type Findings, strangers } from "./finding.ts";
import type { Place, RecordContext, RunContext } from "./record-context.ts";

/** Checks the evidence fields that concern one action. */
export function verifyActionEvidence(
    entry: CancellationEntry,
    observation: Observation | undefined,
    place: Place,
    findings: Findings,
): void {
    for (const [name, value] of Object.entries(entry.evidence) as [EvidenceName, string | number | undefined][]) {
        if (value !== undefined) {
            evidenceChecks[name].ofAction?.({ name, value, entry, observation, place, findings });
        }
    }
}

/** Checks the evidence fields of a single cancellation that do not concern its action. */
export function verifyRecordEvidence(field: string, record: Properties, context: RecordContext): void {
    checkNames("cancellation", field, record, context.findings);
    for (const name of evidenceNames("cancellation")) {
        evidenceChecks[name].ofRecord?.({ ...context, name, field: `${field}.${name}`, value: record[name] });
    }
}

/** Checks the evidence of a run, except the fields that concern a single action. */
export function verifyRunEvidence(field: string, run: Properties, context: RunContext): void {
    checkNames("run", field, run, context.findings);
    for (const name of evidenceNames("run")) {
        const one = { ...context, name, field: `${field}.${name}`, value: run[name] };
        evidenceChecks[name].ofRecord?.(one);
        evidenceChecks[name].ofRun?.(one);
    }
}

/** Checks the names of the fields, because an edited name would hide its value. */
function checkNames(place: EvidencePlace, field: string, record: Properties, findings: Findings): void {
    const names: readonly string[] = evidenceNames(place);
    for (const name of strangers(record, names)) {
        findings.add(`${field}.${name}`, "mismatch", { why: "not a part of the evidence" });
    }
    for (const name of evidenceNames(place)) {
        if (evidenceFields[name].isRequired && record[name] === undefined) {
            findings.add(`${field}.${name}`, "mismatch", { why: "missing" });
        }
    }
}
