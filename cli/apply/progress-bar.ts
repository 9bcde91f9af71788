import type { FollowProgress, SetProgress } from "../../provider/lifecycles/set/set-progress.ts";
import type { Log } from "../../provider/text/print.ts";
import type { CliHost } from "../host.ts";
import { sentences } from "../printer.ts";
import { progressLine } from "./progress-line.ts";

/** The progress of a run on a terminal, in the last line. */
export interface ProgressBar {
    readonly follow: FollowProgress;
    /** Prints a line above the bar. */
    readonly log: Log;
    /** Removes the bar. Lines after that are printed without it. */
    end(): void;
}

/** Whether stderr is a terminal that can draw a line again. */
export function showsBar({ stderr, env }: Pick<CliHost, "stderr" | "env">): boolean {
    return stderr.isTTY === true && env.TERM !== "dumb" && !env.CI;
}

/** The width where the terminal does not say its own, which some do by 0 columns. */
const defaultColumns = 80;

/** The times a second at which the bar is drawn, because the time left changes without an event. */
const drawsPerSecond = 2;

/**
 * Draws the progress on stderr until `end`, or until `stop` is aborted. No mode of the terminal is changed, so the
 * terminal is as it was however the process ends.
 */
export async function openProgressBar({ stderr, env }: CliHost, stop: AbortSignal): Promise<ProgressBar> {
    // Loaded here, because only this command needs it, and only on a terminal.
    const { default: library } = await import("cli-progress");
    let read: () => SetProgress = () => ({
        ...{ total: 0, succeeded: 0, failures: new Map(), unproven: 0 },
        ended: new Map(),
        leftMs: 0,
    });
    const bars = new library.MultiBar({
        stream: stderr,
        fps: drawsPerSecond,
        clearOnComplete: true,
        // A line above the bar, or a resized terminal, needs the same line again.
        forceRedraw: true,
        // The terminal's cursor and its line breaks stay as they are.
        hideCursor: null,
        linewrap: true,
        format: () => progressLine(read(), stderr.columns || defaultColumns),
    });
    let isOpen = false;
    let hasEnded = false;

    function end(): void {
        hasEnded = true;
        if (isOpen) {
            isOpen = false;
            bars.stop();
        }
    }

    stop.addEventListener("abort", end, { once: true });
    return {
        end,
        follow(now) {
            read = now;
            if (!isOpen && !hasEnded && !stop.aborted) {
                isOpen = true;
                bars.create(now().total, 0);
                bars.update();
            }
        },
        log(line) {
            const text = `${sentences(line, stderr, env)}\n`;
            if (isOpen) {
                bars.log(text);
                bars.update();
            } else {
                stderr.write(text);
            }
        },
    };
}
