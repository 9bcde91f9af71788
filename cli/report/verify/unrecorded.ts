import { tagIn, tagOwner } from "../../../provider/model/declaration.ts";
import type { RunEvidence } from "../../../provider/model/evidence.ts";
import type { MachineAction } from "../../../provider/model/machine-action.ts";
import { createVerifiedList } from "../../../provider/observe/verified-list.ts";
import { isObject, numberIn, textIn } from "../../../provider/schema/input-rules.ts";
import type { Session } from "../../../provider/session/session.ts";
import type { Log } from "../../../provider/text/print.ts";
import { type CancellationEntry, declaredBy, entriesOf, isSet, runsOf } from "../../state/records.ts";
import { secretPaths } from "../../state/secret-values.ts";
import type { StateResource } from "../../state/stack-state.ts";
import { collectFindings, type Finding, type Findings, type Verdict } from "./finding.ts";

/** The maximum number of actions that are named for one declaration. */
const maxNamed = 20;

/** How the fields of the findings about actions begin that no record has. */
export const notRecorded = "not recorded";

/** All cancelled actions that bear a tag of this package. */
export async function taggedActions({ client }: Session, log: Log): Promise<MachineAction[]> {
    const tagged = new Map<string, MachineAction>();
    const list = createVerifiedList(client, log, "a cancellation that the record lacks");
    for await (const page of list("status eq 'Cancelled'")) {
        for (const { action } of page) {
            if (action.status === "Cancelled" && tagIn(action.cancellationComment).owner !== undefined) {
                tagged.set(action.id, action);
            }
        }
    }
    return [...tagged.values()];
}

/** Finds the cancellations that have the tag of a declaration in Defender but are in no record. */
export function findUnrecorded(resources: readonly StateResource[], tagged: readonly MachineAction[]): Finding[] {
    const entries = resources.flatMap(entriesOf);
    const recorded = new Set(entries.flatMap(recordedIn));
    const lacking = tagged.filter(({ id }) => !recorded.has(id));
    // Sorted once, because a state can have a thousand declarations, and a tenant many thousands of cancellations.
    const byOwner = Map.groupBy(lacking, ({ cancellationComment }) => tagIn(cancellationComment).owner);
    const groups = Map.groupBy(resources, (resource) => declaredBy(resource));
    // A declaration with secrets is left out, because a secret may hide any cancellation.
    const readable = [...groups].filter(([, some]) => some.every(({ outputs }) => secretPaths(outputs).length === 0));
    return readable.flatMap(([name, some]) => {
        const findings = collectFindings(name);
        for (const [digest, actions] of Map.groupBy(byOwner.get(tagOwner(name)) ?? [], digestOf)) {
            addNamed(actions, ...judge(digest, actions.length, some), findings);
        }
        return findings.all;
    });
}

/**
 * The actions for which a record has a request or a proof. An action that was only declared, or only read, does not
 * count, because neither explains its cancellation.
 */
function recordedIn({ machineActionId, outcome, requestedAtUtc, reissues }: CancellationEntry): string[] {
    const repaired = reissues.filter((reissue) => reissue.requestedAtUtc !== undefined).map(({ id }) => id);
    return outcome === "unproven" && requestedAtUtc === undefined ? repaired : [machineActionId, ...repaired];
}

function digestOf({ cancellationComment }: MachineAction): string {
    return tagIn(cancellationComment).digest ?? "";
}

/**
 * Whether the record explains that it lacks these actions. Only the record of a set has every run under its name. A
 * single cancellation has a different digest for each action. The evidence of an `apply` has only its own run.
 */
function judge(digest: string, count: number, resources: readonly StateResource[]): readonly [Verdict, string] {
    const runs = resources.filter(isSet).flatMap(runsOf).filter(isObject) as readonly Partial<RunEvidence>[];
    const ofDigest = runs.filter((run) => textIn(run.digest)?.startsWith(digest));
    const left = ofDigest.reduce((sum, { leftRun }) => sum + (numberIn(leftRun) ?? 0), 0);
    if (count <= left) {
        return ["unverifiable", `its run says that ${left} actions have left it`];
    }
    const isWhole = resources.some((resource) => isSet(resource) && resource.applied === undefined);
    return ofDigest.length > 0 || isWhole
        ? ["missing", `Defender shows it with the tag of this declaration (${digest}), and the record lacks it`]
        : ["unverifiable", `Defender shows it with the name of this declaration and another digest (${digest})`];
}

function addNamed(actions: readonly MachineAction[], verdict: Verdict, why: string, findings: Findings): void {
    for (const { id, cancellationDateTimeUtc: at } of actions.slice(0, maxNamed)) {
        findings.add(`${notRecorded}: ${id}`, verdict, { why: `${why}${at === undefined ? "" : `, cancelled ${at}`}` });
    }
    if (actions.length > maxNamed) {
        findings.add(notRecorded, verdict, { why: `and ${actions.length - maxNamed} more` });
    }
}
