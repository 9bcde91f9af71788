import { counted } from "../../../provider/text/counted.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import { htmlText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { machineOf, type RecordSummary, type Report } from "../report-data.ts";
import { type Finding, needsCheck, subjectOf, type Verdict, verdictsToCheck } from "../verify/finding.ts";
import { type Confirmation, confirmationOf, isNeverRead } from "../verify/verify-action.ts";
import type { Tone } from "./page-words.ts";
import { tonedSection } from "./toned-section.ts";

/** The maximum number of actions that are named for one finding. */
const maxNames = 10;

const verdictWords: Readonly<Record<Verdict, readonly [one: string, many: string]>> = {
    match: ["matches", "match"],
    mismatch: ["differs", "differ"],
    missing: ["is missing from the record", "are missing from the record"],
    gone: ["is of an action that Defender does not have", "are of actions that Defender does not have"],
    secret: ["is secret", "are secret"],
    unverifiable: ["is plausible, but only the record has it", "are plausible, but only the record has them"],
};

/** The verdict of `--verify`, or that it did not run, and how to run it. */
export function verificationVerdict(
    findings: readonly Finding[] | undefined,
    { records, all }: Pick<Report, "records" | "all">,
): string {
    if (findings === undefined) {
        return tonedSection(
            "verification",
            "plain",
            "Not verified against Defender",
            `<p>This page shows what the record says. To compare each value: <code>${htmlText(verifyCommand(records))}</code></p>`,
        );
    }
    const counts = Map.groupBy(findings, ({ verdict }) => verdict);
    const count = (verdict: Verdict) => counts.get(verdict)?.length ?? 0;
    const parts = (verdicts: readonly Verdict[]) =>
        verdicts
            .filter((verdict) => count(verdict) > 0)
            .map((verdict) => `${count(verdict)} ${verdictWords[verdict][count(verdict) === 1 ? 0 : 1]}`);
    const toCheck = findings.filter(({ verdict }) => needsCheck(verdict)).length;
    const known = [...parts(verdictsToCheck), ...parts(["match", "unverifiable"])];
    const sentence = `Of ${counted(findings.length, "value")}, ${known.join("; ") || "none was compared"}.`;
    const unread = all.filter(isNeverRead).length;
    const rest = unread === 0 ? "" : ` No run has read ${counted(unread, "action")}, so there is nothing to confirm.`;
    const confirmation = confirmationOf(findings, all);
    if (confirmation === "differs") {
        const heading = `${counted(toCheck, "value")} to check against Defender`;
        return tonedSection("verification", "bad", heading, `<p>${sentence}</p>`);
    }
    const { tone, heading } = confirmations[confirmation];
    return tonedSection("verification", tone, heading, `<p>${sentence}${rest}</p>`);
}

const confirmations: Readonly<
    Record<Exclude<Confirmation, "differs">, { readonly tone: Tone; readonly heading: string }>
> = {
    whole: { tone: "good", heading: "Defender confirms the record" },
    part: { tone: "check", heading: "Defender confirms only a part of the record" },
    nothing: { tone: "check", heading: "Defender confirms nothing in the record" },
};

/** The command that makes this page with a verification. A name that a shell could read otherwise is left out. */
function verifyCommand(records: readonly RecordSummary[]): string {
    const sources = records.map(({ name }) => {
        const [, stack] = /^stack ([\w./-]+)$/.exec(name) ?? [];
        return stack === undefined
            ? `--state ${name === "stdin" ? "-" : /^[\w./][\w./-]*$/.test(name) ? name : "FILE"}`
            : `--stack ${stack}`;
    });
    const shown = sources.slice(0, 5).join(" ") || "--stack STACK";
    return `npx defender-cancellation report ${shown} --verify --format html --output report.html`;
}

/** The values that a reader has to check, the same cause in one row; empty if there is none. */
export function valuesToCheck(findings: readonly Finding[], entries: readonly CancellationEntry[]): string {
    const names = new Map(entries.map((entry) => [entry.machineActionId, machineOf(entry)]));
    const bad = findings
        .filter(({ verdict }) => needsCheck(verdict))
        .sort((one, other) => verdictsToCheck.indexOf(one.verdict) - verdictsToCheck.indexOf(other.verdict));
    if (bad.length === 0) {
        return "";
    }
    const causes = Map.groupBy(bad, ({ verdict, field, stored, found, why }) =>
        JSON.stringify([verdict, field, stored, found, why]),
    );
    const rows = [...causes.values()].map((some) => causeRow(some, names));
    const headings = ["Where", "Value", "Verdict", "In the record", "In Defender", "Why"];
    return `<section class="values" aria-labelledby="values">
<h2 id="values">Values to check</h2>
<div class="wide" role="region" aria-labelledby="values" tabindex="0">
<table aria-labelledby="values">
<thead><tr>${headings.map((heading) => `<th scope="col">${heading}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>
</section>
`;
}

function causeRow(findings: readonly Finding[], names: ReadonlyMap<string, string>): string {
    const [{ field, verdict, stored = "", found = "", why = "" } = { field: "", verdict: "mismatch" }] = findings;
    const where = firstOf(
        findings.map((finding) => {
            const name = names.get(subjectOf(finding));
            return name === undefined ? finding.where : `${name}, ${finding.where}`;
        }),
        maxNames,
    ).join("; ");
    const cells = [field, verdict, stored, found, why].map(
        (text, index) => `<td${index === 1 ? ' class="bad"' : ""}>${htmlText(text)}</td>`,
    );
    return `<tr><th scope="row">${htmlText(where)}</th>${cells.join("")}</tr>`;
}
