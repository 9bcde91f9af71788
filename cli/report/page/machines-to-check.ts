import { counted } from "../../../provider/text/counted.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import { cleanText, htmlText } from "../../safe-text.ts";
import { allClearOf, leftToCheck } from "../concerns.ts";
import { firstOfEachMachine, machineOf, type Report } from "../report-data.ts";
import { worseTone } from "./page-words.ts";
import type { Reason } from "./reasons.ts";
import { tonedSection } from "./toned-section.ts";

/** The maximum number of machines that are named for one reason. The table has all. */
const maxNames = 10;
const maxNameLength = 120;
const maxReasons = 12;

/** The machines to look at, each under its worst reason, with the next step. */
export function machinesToCheck(reasons: readonly Reason[], report: Report): string {
    const worst = firstOfEachMachine(reasons, ({ entry }) => entry);
    if (worst.length === 0) {
        return noMachine(report);
    }
    const groups = [...Map.groupBy(worst, ({ text, nextStep }) => JSON.stringify([text, nextStep])).values()];
    const rest = groups.slice(maxReasons).reduce((sum, { length }) => sum + length, 0);
    const more =
        rest > 0 ? [`<li><p>and ${counted(rest, "machine")} for other reasons, first in the table</p></li>`] : [];
    return tonedSection(
        "verdict",
        worst.map(({ tone }) => tone).reduce(worseTone),
        `${counted(worst.length, "machine")} to look at`,
        `<ul class="reasons">
${[...groups.slice(0, maxReasons).map(reasonItem), ...more].join("\n")}
</ul>`,
    );
}

/** Only for complete records without a value to check, no machine to look at is good news. */
function noMachine(report: Report): string {
    const { all } = report;
    const heading = all.length > 0 ? "No machine to look at" : "No machine action in the record";
    switch (allClearOf(report)) {
        case "doubt":
            return tonedSection(
                "verdict",
                "check",
                `${heading} so far`,
                "<p>The record is not complete, or Defender does not confirm it: see the lines above.</p>",
            );
        case "selection": {
            const left = leftToCheck(report).length;
            const why = `This page leaves out ${counted(left, "machine action")} with a machine to look at.`;
            return tonedSection("verdict", "check", `${heading} in this selection`, `<p>${why}</p>`);
        }
        case "sound":
            return all.length === 0
                ? tonedSection("verdict", "plain", heading, "<p>There is nothing to check.</p>")
                : tonedSection("verdict", "good", heading, "<p>The record proves for each action how it ended.</p>");
    }
}

function reasonItem(reasons: readonly Reason[]): string {
    const [{ text, nextStep, tone } = { text: "", nextStep: "", tone: "plain" }] = reasons;
    const names = firstOf(reasons, maxNames, ({ entry }) => cleanText(machineOf(entry), maxNameLength));
    const spans = names.map((name) => `<span>${htmlText(name)}</span>`).join(" ");
    return `<li><h3 class="sign ${tone}">${htmlText(text)}</h3><p class="names">${spans}</p><p>${htmlText(nextStep)}</p></li>`;
}
