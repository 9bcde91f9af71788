// Reads the output of AVA with `--tap` (TAP 13), and formats it for people.

/** The result of a run of AVA. */
export interface TapResult {
    readonly passed: number;
    /** Failed tests and hooks, crashes, tests that never ran, and one for a run that did not finish. */
    readonly failed: number;
    readonly skipped: number;
    readonly todo: number;
    /** Each failure in full: its title, then AVA's diagnostics. */
    readonly failures: readonly string[];
    /** Whether AVA finished the run and found a test. */
    readonly isComplete: boolean;
}

export interface TapReader {
    /** Takes the next line. */
    read(line: string): void;
    /** @param exitCode - AVA's own, which decides when TAP shows no failure. */
    end(exitCode: number | undefined): TapResult;
}

const testLine = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO))?$/;

/** @param show - Called with each formatted line, as soon as it is complete. */
export function createTapReader(show: (line: string) => void): TapReader {
    let passed = 0;
    let failed = 0;
    let skipped = 0;
    let todo = 0;
    let hasPlan = false;
    const failures: string[][] = [];
    /** The failure to which diagnostics and logs belong; undefined after a test that passed. */
    let open: string[] | undefined;
    let isDiagnostic = false;

    function readTest([, not, title = "", directive]: RegExpExecArray): void {
        open = undefined;
        if (directive === "SKIP") {
            skipped++;
            show(`  - [skip] ${title}`);
        } else if (directive === "TODO") {
            todo++;
            show(`  - [todo] ${title}`);
        } else if (not) {
            failed++;
            open = [title];
            failures.push(open);
            show(`  ✘ [fail]: ${title}`);
        } else {
            passed++;
            show(`  ✔ ${title}`);
        }
    }

    function readComment(comment: string): void {
        // The totals at the end are not needed, because this reader counts itself.
        if (hasPlan) {
            return;
        }
        const [, remaining] = /^(\d+) tests? remaining in /.exec(comment) ?? [];
        failed += Number(remaining ?? 0);
        (open ?? []).push(`  ℹ ${comment}`);
        show(remaining ? `  ✘ ${comment}` : `    ℹ ${comment}`);
    }

    return {
        read(line) {
            const test = isDiagnostic ? null : testLine.exec(line);
            if (isDiagnostic || (open && line === "  ---")) {
                isDiagnostic = line !== "  ...";
                if (isDiagnostic && line !== "  ---") {
                    open?.push(line);
                }
            } else if (test) {
                readTest(test);
            } else if (line.startsWith("# ")) {
                readComment(line.slice(2).trim());
            } else if (/^1\.\.\d+$/.test(line)) {
                hasPlan = true;
            } else if (line !== "" && line !== "TAP version 13") {
                show(line);
            }
        },
        end(exitCode) {
            const isComplete = hasPlan && passed + failed > 0;
            const isUntold = failed === 0 && (!isComplete || exitCode !== 0);
            return {
                passed,
                failed: failed + (isUntold || !hasPlan ? 1 : 0),
                skipped,
                todo,
                failures: failures.map((lines) => lines.join("\n")),
                isComplete,
            };
        },
    };
}

const tests = (count: number) => `${count} ${count === 1 ? "test" : "tests"}`;

/** The summary at the end of a run. */
export function summaryOf({ passed, failed, skipped, todo, failures, isComplete }: TapResult): string {
    const counts = [
        ...(passed > 0 ? [`${tests(passed)} passed`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(skipped > 0 ? [`${tests(skipped)} skipped`] : []),
        ...(todo > 0 ? [`${tests(todo)} todo`] : []),
    ];
    // AVA 8.0.1 crashes with --tap when a test hangs or calls process.exit(); its other reporter names the test.
    const cut = isComplete
        ? []
        : [
              "AVA ended before the run was complete, or found no test; its message is above. If a test hangs or calls process.exit(), `npm test -- FILE` names it.",
          ];
    return [...failures, ...cut, counts.join("\n")].map((part) => part.replaceAll(/^/gm, "  ")).join("\n\n  ─\n\n");
}
