import { isDeepStrictEqual } from "node:util";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { readableTime } from "../../provider/system/clock.ts";
import { CliError } from "../exit-codes.ts";
import { type ApplyLine, applyLine, type HeaderLine, journalKind, journalVersion } from "./apply-lines.ts";
import { type UnfinishedApply, unfinishedApply } from "./unfinished-apply.ts";

/** The beginning of the first line. No other line of a captured stderr begins like this. */
const beginning = `{"line":0,"kind":${JSON.stringify(journalKind)}`;
const lineBeginning = '{"line":';

/** Whether the text has the lines of an `apply`. The text may be cut off at any byte. */
export function isApplyJournal(text: string): boolean {
    const start = text.trimStart();
    return (
        text.split("\n").some((line) => line.startsWith(beginning)) ||
        (start.length >= lineBeginning.length && beginning.startsWith(start.trimEnd()))
    );
}

/**
 * Reads the lines of an `apply` that did not end. If a line has the final document, returns that document. A last line
 * that is cut off is ignored. `name`: the file, for messages.
 */
export function readApplyJournal(text: string, name: string): UnfinishedApply | { readonly document: Properties } {
    const { lines, firstMissing } = linesIn(text, name);
    const document = lines.find((line) => line.kind === "document");
    if (document) {
        return { document: document.document };
    }
    const header = lines.find((line) => line.kind === journalKind);
    if (!header && text.trim().includes("\n")) {
        throw new CliError(
            `${name} is the record of an \`apply\`, but its first line is damaged: expected the line as it was written`,
        );
    }
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
    const resource = unfinishedApply(header, lines, `${name}: ${whyUnfinished(header, firstMissing)}`);
    return { ...resource, lacksLines: firstMissing !== undefined };
}

function whyUnfinished({ startedAtUtc }: HeaderLine, firstMissing: number | undefined): string {
    const gap =
        firstMissing === undefined
            ? ""
            : `. Line ${firstMissing} is missing or damaged, so requests may be missing from this record`;
    return (
        `the run of \`apply\` that began at ${readableTime(startedAtUtc)} did not end. A request without an answer may have ` +
        "taken effect; read its action in Defender, or run `defender-cancellation apply` again with the same declaration" +
        gap
    );
}

/** The readable lines, and the number of the first line before the last readable one that is missing or damaged. */
function linesIn(text: string, name: string): { lines: ApplyLine[]; firstMissing: number | undefined } {
    const byNumber = new Map<number, ApplyLine>();
    for (const one of text.split("\n")) {
        const line = one.startsWith(lineBeginning) ? parseLine(one) : undefined;
        const before = line && byNumber.get(line.line);
        if (line && before && !isDeepStrictEqual(before, line)) {
            throw new CliError(
                `${name} has several lines with the number ${line.line}: expected the lines of one run of \`apply\`. Put ` +
                    "the lines of each run into a file of its own",
            );
        }
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
    return { type, urn: "", id: undefined, inputs: {}, outputs: {}, initErrors: [], unfinished, requests: new Map() };
}

/** Whether the text is the evidence of an apply, also of one that did not end. */
export function isEvidence(text: string): boolean {
    if (isApplyJournal(text)) {
        return true;
    }
    if (!text.trimStart().startsWith("{")) {
        return false;
    }
    try {
        const value: unknown = JSON.parse(text);
        return isObject(value) && value.kind === "defender-cancellation apply";
    } catch {
        return false;
    }
}
