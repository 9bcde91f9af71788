import type { RequestJournal } from "../../provider/cancel/request-journal.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { Log } from "../../provider/text/print.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import { type CliHost, type OutputName, writeNow } from "../host.ts";
import { jsonText } from "../safe-text.ts";
import type { HeaderLine, NewLine } from "../state/apply-lines.ts";
import { type RequestRecord, requestsIn } from "../state/apply-requests.ts";
import type { RecordFile } from "./record-file.ts";
import { answerLine, proofLine, requestLine } from "./request-lines.ts";

/** The file of a record, with its name for messages. */
export interface NamedFile {
    readonly file: RecordFile;
    readonly shownPath: string;
}

/**
 * The record of one run of `apply`. It stores each request as a line before the request is sent, and each answer as a
 * line afterwards. At the end, one document replaces the lines.
 */
export interface EvidenceRecord extends RequestJournal {
    /** The file of the record; undefined where the lines go to stderr. */
    readonly shownPath: string | undefined;
    /** Aborted when a line cannot be stored. Then nothing more may be sent. */
    readonly failed: AbortSignal;
    /** All requests so far, for the final document. */
    requests(): RequestRecord[];
    /** Stores the final document. Returns whether it has replaced the lines in the file. */
    finish(document: Properties): boolean;
}

/**
 * Begins a record. `create` creates the record's file with the given first line. Without `create`, the lines go to
 * stderr. If a later line cannot be stored, the lines so far and all that follow go to another stream that still has a
 * reader. Throws if the first line cannot be stored.
 */
export function beginRecord(
    header: Omit<HeaderLine, "line">,
    create: ((firstLine: string) => NamedFile) | undefined,
    host: CliHost,
    log: Log,
): EvidenceRecord {
    const lines: NewLine[] = [header];
    const failed = new AbortController();
    const otherStreams: OutputName[] = create ? ["stderr", "stdout"] : ["stdout"];
    const named = create?.(textOf(header, 0));
    let requests = 0;
    if (!named) {
        writeNow(host, "stderr", textOf(header, 0));
    }

    function store(line: NewLine, isFlushed: boolean): void {
        const index = lines.push(line) - 1;
        const text = textOf(line, index);
        if (failed.signal.aborted) {
            toOtherStream(index);
        } else if (named) {
            named.file.append(text, isFlushed);
        } else {
            writeNow(host, "stderr", text);
        }
    }

    /** Stores a line about an event that has happened already. If this fails, the run goes on without the line. */
    function storeAfter(line: NewLine, isFlushed: boolean): void {
        try {
            store(line, isFlushed);
        } catch (error) {
            fail(error);
        }
    }

    function fail(error: unknown): void {
        failed.abort();
        log(
            `${named ? `the evidence file ${named.shownPath}` : "stderr"} cannot be written: ${reasonOf(error)}. No more ` +
                "cancel requests are sent. The record follows, one JSON object a line. Keep these lines in a file: " +
                "`report` and `audit` read it",
        );
        toOtherStream(0);
    }

    /**
     * Writes the lines from index `first` on to another stream. If that stream has lost its reader, the next stream
     * gets all lines.
     */
    function toOtherStream(first: number): void {
        const [name] = otherStreams;
        if (name === undefined) {
            return;
        }
        try {
            const texts = lines.slice(first).map((line, index) => textOf(line, first + index));
            writeNow(host, name, texts.join(""));
        } catch {
            otherStreams.shift();
            toOtherStream(0);
        }
    }

    return {
        shownPath: named?.shownPath,
        failed: failed.signal,

        begin(intent) {
            if (failed.signal.aborted) {
                throw new Error("an earlier line could not be written");
            }
            const line = requestLine(++requests, intent);
            try {
                store(line, true);
            } catch (error) {
                // Without this line, the other stream would show the request as sent.
                lines.push(answerLine(line, { kind: "not sent" }, host.clock.now()));
                fail(error);
                throw new Error(reasonOf(error), { cause: error });
            }
            return (answer) => storeAfter(answerLine(line, answer, host.clock.now()), true);
        },

        // Not flushed, because many proofs may arrive at once. The next request flushes them.
        proven: (cancellation) => storeAfter(proofLine(cancellation), false),

        requests: () => requestsIn(lines),

        finish(document) {
            try {
                if (named) {
                    named.file.replace(`${jsonText(document, 4)}\n`);
                    return true;
                }
            } catch (error) {
                log(
                    `the evidence in ${named?.shownPath} could not be replaced by one JSON document: ${reasonOf(error)}. ` +
                        "Its lines stay. `report` and `audit` read them",
                );
            }
            storeAfter({ kind: "document", document: { ...document } }, true);
            return false;
        },
    };
}

function textOf(line: NewLine, index: number): string {
    return `${jsonText({ line: index, ...line })}\n`;
}

/** The reason of a failed write, for messages. */
export function reasonOf(error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? shortText(message, 200);
}
