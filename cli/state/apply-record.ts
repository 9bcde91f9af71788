import { recordRequest } from "../../provider/cancel/cancel-record.ts";
import { evidenceOfRun } from "../../provider/lifecycles/set/run-evidence.ts";
import { countResults, storeResult } from "../../provider/lifecycles/set/set-results.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { KnownAction, MachineAction } from "../../provider/model/machine-action.ts";
import { type CancellationRecord, recordOf } from "../../provider/model/outputs.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { desiredStatus, type Properties } from "../../provider/schema/input-rules.ts";
import { entriesOf, entryOf, pickSetInputs } from "../../provider/schema/set-inputs.ts";
import { sharedParts, storedCancellation } from "../../provider/schema/stored-cancellation.ts";
import { storedResult } from "../../provider/schema/stored-set.ts";
import { readableTime } from "../../provider/system/clock.ts";
import { CliError } from "../exit-codes.ts";
import {
    type ApplyLine,
    applyLine,
    type HeaderLine,
    journalKind,
    journalVersion,
    type RequestLine,
} from "./apply-lines.ts";

/** The lines of an `apply` that did not end, as the resource that its set would have. */
export interface UnfinishedApply {
    readonly type: string;
    readonly urn: string;
    readonly id: string | undefined;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly initErrors: readonly string[];
    /** Why the record is not complete, for the reader of a report. */
    readonly unfinished: string;
}

/** How the first line begins. Other lines of a captured stderr begin otherwise. */
const beginning = `{"line":0,"kind":${JSON.stringify(journalKind)}`;
const lineBeginning = '{"line":';

/** Whether the text is the lines of an `apply`, which may be cut off at any byte. */
export function isApplyJournal(text: string): boolean {
    const start = text.trimStart();
    return (
        text.split("\n").some((line) => line.startsWith(beginning)) ||
        (start.length >= lineBeginning.length && beginning.startsWith(start.trimEnd()))
    );
}

/**
 * Reads the lines of an `apply` that did not end, or the document of its end if a line has it. A last line that is cut
 * off is ignored. `name`: the file, for messages.
 */
export function readApplyJournal(text: string, name: string): UnfinishedApply | { readonly document: Properties } {
    const { lines, firstMissing } = linesIn(text);
    const document = lines.find((line) => line.kind === "document");
    if (document) {
        return { document: document.document };
    }
    const header = lines.find((line) => line.kind === journalKind);
    if (!header) {
        return nothingSent(
            `${name}: the run of \`apply\` was cut off in the first line of its record, and sent nothing`,
        );
    }
    if (header.version !== journalVersion) {
        throw new CliError(
            `${name} is the record of an \`apply\` of version ${header.version}: expected version ${journalVersion}. Use a newer version of this package`,
        );
    }
    return unfinishedApply(header, lines, `${name}: ${whyUnfinished(header, firstMissing)}`);
}

function whyUnfinished({ startedAtUtc }: HeaderLine, firstMissing: number | undefined): string {
    const gap =
        firstMissing === undefined
            ? ""
            : `. Line ${firstMissing} is missing or damaged, so requests may be missing from this record`;
    return (
        `the run of \`apply\` that began at ${readableTime(startedAtUtc)} did not end. A request without an answer may have ` +
        `taken effect; read its action in Defender, or run \`pulumi up\` with the same declaration${gap}`
    );
}

/** The lines that can be read, and the number of the first one that cannot, except at the end. */
function linesIn(text: string): { lines: ApplyLine[]; firstMissing: number | undefined } {
    const byNumber = new Map<number, ApplyLine>();
    for (const one of text.split("\n")) {
        const line = one.startsWith(lineBeginning) ? parseLine(one) : undefined;
        if (line) {
            byNumber.set(line.line, line);
        }
    }
    const lines = [...byNumber.values()].sort((one, other) => one.line - other.line);
    const gap = lines.findIndex(({ line }, index) => line !== index);
    return { lines, firstMissing: gap === -1 ? undefined : gap };
}

function parseLine(text: string): ApplyLine | undefined {
    try {
        return applyLine.safeParse(JSON.parse(text)).data;
    } catch {
        return undefined;
    }
}

function nothingSent(unfinished: string): UnfinishedApply {
    const { type } = machineActionCancellationSet;
    return { type, urn: "", id: undefined, inputs: {}, outputs: {}, initErrors: [], unfinished };
}

/** What the lines tell about one action. */
interface Progress {
    readonly action: KnownAction | undefined;
    readonly record: CancellationRecord;
    /** The record without the last request, where that request has no answer yet. */
    readonly before: CancellationRecord;
    readonly isProven: boolean;
}

const nothingKnown: Progress = { action: undefined, record: {}, before: {}, isProven: false };

function unfinishedApply(header: HeaderLine, lines: readonly ApplyLine[], unfinished: string): UnfinishedApply {
    const { type, id, inputs } = header.resource;
    const progress = new Map<string, Progress>();
    const requests = new Map<number, RequestLine>();
    for (const line of lines) {
        if (line.kind === "request") {
            requests.set(line.request, line);
        }
        if ("machineActionId" in line) {
            const known = progress.get(line.machineActionId) ?? nothingKnown;
            progress.set(line.machineActionId, after(known, line, requests));
        }
    }
    const declared = entriesOf(inputs);
    const common = pickSetInputs(inputs);
    const ids = [...new Set([...declared.keys(), ...progress.keys()])];
    const known = ids.map((machineActionId) => ({
        machineActionId,
        entry: declared.get(machineActionId) ?? entryOf(machineActionId, { machineActionId }, common),
        ...(progress.get(machineActionId) ?? nothingKnown),
    }));
    const results = known.map(({ machineActionId, entry, action, record, isProven }, at) => {
        const run = record.requestedAtUtc === undefined ? undefined : 0;
        const failure = isProven ? undefined : interrupted(machineActionId);
        const full = asMachineAction(machineActionId, action);
        return [
            machineActionId,
            storeResult({ action: full, record, failure }, { entry, at, run, reissues: [] }),
        ] as const;
    });
    const run = evidenceOfRun(
        known.map(({ machineActionId, record }) => ({
            machineActionId,
            record,
            action: undefined,
            failure: undefined,
        })),
    );
    const outputs = {
        ...common,
        desiredStatus,
        digest: header.digest,
        results: Object.fromEntries(results),
        counts: countResults(results.map(([key, result]) => storedResult(key, result))),
        evidence: run ? [run] : [],
    };
    return { type, urn: "", id, inputs, outputs, initErrors: [], unfinished };
}

function after(
    known: Progress,
    line: Exclude<ApplyLine, { kind: typeof journalKind | "document" }>,
    requests: ReadonlyMap<number, RequestLine>,
): Progress {
    if (line.kind === "request") {
        return {
            ...known,
            action: sharedParts(line.action),
            record: requested(known.record, line),
            before: known.record,
        };
    }
    if (line.kind === "proof") {
        const stored = storedCancellation(line.outputs);
        return { action: stored, record: recordOf(stored), before: recordOf(stored), isProven: true };
    }
    const request = requests.get(line.request);
    switch (line.result) {
        case "accepted": {
            const { status = 200, correlationId, date } = line;
            const receipt = { status, correlationId, date, action: undefined };
            return request ? { ...known, record: requested(known.before, request, receipt) } : known;
        }
        case "unknown":
            return known;
        default:
            return { ...known, record: known.before };
    }
}

/** The record after a request, as the core would have it. */
function requested(
    record: CancellationRecord,
    request: RequestLine,
    receipt?: Parameters<typeof recordRequest>[1]["receipt"],
): CancellationRecord {
    const { comment, digest, appId, tenantId, apiHost, packageVersion, guardSha256, approvedDigest } = request;
    return recordRequest(
        record,
        {
            comment,
            digest,
            at: Date.parse(request.atUtc),
            observedAt: Date.parse(request.observedAtUtc),
            statusBefore: sharedParts(request.action).status ?? "",
            receipt,
            guard: {
                ...(guardSha256 === undefined ? {} : { guardSha256 }),
                ...(approvedDigest === undefined ? {} : { approvedDigest }),
            },
        },
        { appId, tenantId, apiHost, packageVersion },
    );
}

function asMachineAction(id: string, action: KnownAction | undefined): MachineAction | undefined {
    return action?.status === undefined ? undefined : { ...action, status: action.status, id, commands: [] };
}

function interrupted(machineActionId: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_INTERRUPTED", "the run did not end", { machineActionId });
}
