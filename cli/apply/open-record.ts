import { accessSync, constants, lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { utc } from "../../provider/system/clock.ts";
import type { Log } from "../../provider/text/print.ts";
import { CliError } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import type { HeaderLine } from "../state/apply-lines.ts";
import { beginRecord, type EvidenceRecord, reasonOf } from "./evidence-record.ts";
import { createRecordFile } from "./record-file.ts";

/**
 * Begins the record of a run before the first request, so that a run whose record cannot be written sends nothing.
 * `given`: the value of `--evidence`. Without it, the record is a new file in the current folder, or goes to stderr if
 * that folder is not writable.
 */
export function openRecord(
    header: Omit<HeaderLine, "line">,
    given: string | undefined,
    host: CliHost,
    log: Log,
): EvidenceRecord {
    const begin = (shownPath: string) =>
        beginRecord(
            header,
            (firstLine) => ({ file: createRecordFile(resolve(host.cwd, shownPath), firstLine), shownPath }),
            host,
            log,
        );
    if (given !== undefined) {
        try {
            return begin(given);
        } catch (error) {
            throw notWritable(given, error);
        }
    }
    for (let copy = 1; ; copy++) {
        const name = defaultName(host.clock.now(), copy);
        try {
            const record = begin(name);
            log(`the evidence of this run is in ${name}`);
            return record;
        } catch (error) {
            if (!exists(error)) {
                log(
                    `no evidence file can be created in the current folder: ${reasonOf(error)}. The evidence follows on ` +
                        "stderr, one JSON object a line, each request before it is sent. Keep these lines in a file: " +
                        "`report` and `audit` read it",
                );
                return beginOnStderr(header, host, log);
            }
        }
    }
}

/**
 * Refuses an evidence file that cannot be created, before anything is read or confirmed. `openRecord` decides again,
 * because the folder can change until then.
 */
export function checkEvidence(given: string | undefined, { cwd }: CliHost): void {
    if (given === undefined) {
        return;
    }
    const path = resolve(cwd, given);
    try {
        if (lstatSync(path, { throwIfNoEntry: false })) {
            throw Object.assign(new Error(), { code: "EEXIST" });
        }
        accessSync(dirname(path), constants.W_OK);
    } catch (error) {
        throw notWritable(given, error);
    }
}

function notWritable(given: string, error: unknown): CliError {
    const why = exists(error) ? "the file exists, and evidence is never overwritten" : reasonOf(error);
    return new CliError(`the evidence cannot be written to ${given}: ${why}. Nothing was sent`);
}

function beginOnStderr(header: Omit<HeaderLine, "line">, host: CliHost, log: Log): EvidenceRecord {
    try {
        return beginRecord(header, undefined, host, log);
    } catch (error) {
        throw new CliError(`the evidence cannot be written to stderr either: ${reasonOf(error)}. Nothing was sent`);
    }
}

/** The time has no colons, because Windows does not allow them in file names. */
function defaultName(now: number, copy: number): string {
    const time = utc(now)
        .replace(/\.\d+Z$/, "Z")
        .replaceAll(":", "-");
    return `defender-cancellation-apply-${time}${copy === 1 ? "" : `-${copy}`}.json`;
}

function exists(error: unknown): boolean {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
}
