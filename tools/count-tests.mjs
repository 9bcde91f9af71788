// Counts the tests of a run from AVA's own output: node tools/count-tests.mjs <log file>
// prints "N passed, N failed" and fails unless something passed and nothing failed.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/**
 * AVA ends with a line of its own and a summary below it. The summary leaves out the passed tests when one failed, and
 * says nothing of files that held no test, exited early or never ran all their tests: those are counted where AVA
 * reports them, above.
 *
 * @param {string} log
 * @returns {{ passed: number, failed: number }}
 */
function countTests(log) {
    const lines = stripVTControlCharacters(log).split(/\r?\n/);
    const end = lines.lastIndexOf("  ─");
    const reports = end < 0 ? lines : lines.slice(0, end);
    const summary = end < 0 ? [] : lines.slice(end);

    const passed = sum(summary, /^ {2}(\d+) tests? passed$/) || count(reports, /^ {2}[✔√] (?!\[expected fail\])/u);
    const thrown = sum(summary, /^ {2}(\d+) (?:uncaught exceptions?|unhandled rejections?)$/);
    const pending = sum(summary, /^ {2}(\d+) tests? remained pending after a timeout$/);
    const failed =
        sum(summary, /^ {2}(\d+) (?:tests?|hooks?) failed$/) +
        thrown +
        pending +
        sum(reports, /^ {2}[✘×] (\d+) tests? remaining in /u) +
        count(reports, /^ {2}[✘×] (?:No tests found in |Internal error|Error in shared worker|Exiting due to )/u) +
        count(reports, /^ {2}[✘×] Line numbers for .* did not match any tests$/u) +
        // These two accompany what the summary counts, unless it has nothing to count.
        (thrown > 0 ? 0 : count(reports, /^ {2}[✘×] .* exited (?:due to|with a non-zero exit code)/u)) +
        (pending > 0 ? 0 : count(reports, /^ {2}[✘×] Timed out while running tests$/u)) +
        // No summary: AVA found nothing to run, or did not live to its end.
        (end < 0 ? 1 : 0);
    return { passed, failed };
}

/**
 * @param {string[]} lines
 * @param {RegExp} pattern
 */
function sum(lines, pattern) {
    return lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
}

/**
 * @param {string[]} lines
 * @param {RegExp} pattern
 */
function count(lines, pattern) {
    return lines.filter((line) => pattern.test(line)).length;
}

const { passed, failed } = countTests(readFileSync(process.argv[2] ?? "", "utf8"));
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
