import { type FollowProgress, logProgress, type SetProgress } from "../../provider/lifecycles/set/set-progress.ts";
import { counted } from "../../provider/text/counted.ts";
import type { Log } from "../../provider/text/print.ts";
import type { Work } from "../command-frame.ts";
import { writeNow } from "../host.ts";
import { sentences } from "../printer.ts";
import { mayBeTaken } from "../state/apply-requests.ts";
import { endingsAtExit, verdict } from "./apply-result.ts";
import type { EvidenceRecord } from "./evidence-record.ts";
import { openProgressBar, showsBar } from "./progress-bar.ts";

/** What the user sees while the requests are sent. */
export interface RunView {
    readonly follow: FollowProgress;
    readonly log: Log;
    /** Takes a line about a wait at the quota's normal pace; undefined: as `log`. */
    readonly logPace?: Log;
    /** Must be called when the run has ended, before its result is printed. */
    end(): void;
}

/**
 * Shows a progress bar on a terminal, and lines elsewhere. If the process exits before `end`, as after a second Ctrl-C,
 * it says how each action has ended so far, and what was sent. `ids`: of the actions. `stop`: aborted when no more
 * requests are sent.
 */
export async function openRunView(
    ids: readonly string[],
    record: EvidenceRecord,
    stop: AbortSignal,
    { host, printer }: Work,
): Promise<RunView> {
    // Without a file, the evidence itself goes to stderr.
    const bar = record.shownPath !== undefined && showsBar(host) ? await openProgressBar(host, stop) : undefined;
    const log: Log = bar ? bar.log : (line) => printer.note(line);
    const show = bar ? bar.follow : logProgress(host.clock, log);
    let read: (() => SetProgress) | undefined;
    const forget = host.onExit?.(() => {
        bar?.end();
        const lines = exitLines(ids, record, read?.());
        try {
            writeNow(host, "stderr", `${sentences(lines, host.stderr, host.env)}\n`);
        } catch {
            // stderr has lost its reader, and the record has each request.
        }
    });
    return {
        log,
        ...(bar ? { logPace: () => {} } : {}),
        follow(now) {
            read = now;
            show(now);
        },
        end() {
            forget?.();
            bar?.end();
        },
    };
}

function exitLines(
    ids: readonly string[],
    record: EvidenceRecord,
    progress: SetProgress | undefined,
): readonly string[] {
    const sent = record.requests().filter(({ result }) => result !== "not sent");
    const requestedAtUtc = new Map(
        sent.filter(mayBeTaken).map(({ machineActionId, atUtc }) => [machineActionId, atUtc]),
    );
    const unanswered = sent.filter(({ result }) => result === "unknown").length;
    const requests = [
        `${counted(sent.length, "cancel request")} sent`,
        ...(unanswered > 0 ? [`${unanswered} of them without an answer`] : []),
    ];
    return [
        [
            `ended before the result: ${verdict(endingsAtExit(ids, progress?.ended ?? new Map(), requestedAtUtc))}`,
            requests.join(", "),
            ...(record.shownPath === undefined ? [] : [`each request is in ${record.shownPath}`]),
        ].join("; "),
        howToContinue,
    ];
}

/** What to do after a run that did not reach its end. */
export const howToContinue: string =
    "To continue, run `defender-cancellation apply` again with another evidence file. It reads every action first, and " +
    "sends nothing for one that is cancelled. Then give `defender-cancellation report` both evidence files.";
