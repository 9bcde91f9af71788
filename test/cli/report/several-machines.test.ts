import { PassThrough } from "node:stream";
import test from "ava";
import { createPrinter } from "../../../cli/printer.ts";
import { chatReport } from "../../../cli/report/chat-report.ts";
import { htmlReport } from "../../../cli/report/html-report.ts";
import type { Report } from "../../../cli/report/report-data.ts";
import { printOnTerminal } from "../../../cli/report/terminal-report.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import { actionId, reportOf, tooLate } from "../../helpers/report-scenes.ts";

/** The lines of a terminal of 100 columns. */
function terminalLines(report: Report): string {
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    printOnTerminal(report, false, createPrinter({ stdout, stderr: new PassThrough(), env: { NO_COLOR: "1" } }));
    return String(stdout.read()).trimEnd();
}

/** A report of actions that came too late, verified without a finding. */
const late = (...machines: readonly Properties[]) =>
    reportOf(
        machines.map((machine, at) => {
            const { computerDnsName: _, machineId: __, ...result } = tooLate(at + 1);
            return { ...result, ...machine };
        }),
        { findings: [] },
    );

const ids = ["a", "b"].map((digit) => digit.repeat(40));

test("actions without a machine are counted and named one by one, in each form of a report", (t) => {
    const report = late({}, { computerDnsName: " " }, { computerDnsName: " " });
    const shown = terminalLines(report).replace(/\s+/g, " ");
    t.regex(shown, /3 machines to check, the worst first: action /);
    for (const number of [1, 2, 3]) {
        t.true(shown.includes(`action ${actionId(number)}`), shown);
    }
    t.true(htmlReport(report).includes("3 machines to look at"));
    t.regex(chatReport(report), /^Check 3 machines: action 5f2c/m);
});

test("two machines with one name are two machines, and two actions on one machine are one", (t) => {
    const computerDnsName = "ws-01.a.example";
    const report = late(...[...ids, ids[1]].map((machineId) => ({ computerDnsName, machineId })));
    const shown = terminalLines(report).replace(/\s+/g, " ");
    t.true(
        shown.includes(`2 machines to check, the worst first: ws-01.a.example (${ids[0]}), ws-01.a.example (`),
        shown,
    );
    t.true(htmlReport(report).includes("2 machines to look at"));
    t.regex(chatReport(report), new RegExp(`^Check 2 machines: ws-01 \\(?${ids[0]}`, "m"));
});

test("a chat names an address whole, and the domain of two machines with one short name", (t) => {
    const named = (...names: readonly string[]) =>
        chatReport(late(...names.map((computerDnsName) => ({ computerDnsName }))));
    t.regex(named("10.0.0.5", "10.0.0.6"), /^Check 2 machines: 10\S+5 \(.*; 10\S+6 \(/m);
    t.regex(named("ws-01.a.example", "ws-01.b.example"), /^Check 2 machines: ws-01\S+a\S+ \(.*; ws-01\S+b\S+ \(/m);
    t.regex(named("ws-01.a.example", "ws-02.a.example"), /^Check 2 machines: ws-01 \(.*; ws-02 \(/m);
});
