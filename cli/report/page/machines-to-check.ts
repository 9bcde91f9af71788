import { reversalOf } from "../../../provider/model/machine-action.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import type { EventState } from "../../events/event-words.ts";
import { cleanText, htmlText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { type Concern, concernsOf } from "../concerns.ts";
import { counted, effectInWords, nameInWords, outcomeInWords, type Tone, tones, worseTone } from "./page-words.ts";

/** The maximum number of machines that are named for one reason. The table has all. */
const maxNames = 10;
const maxReasons = 12;
/** The maximum length of a foreign text in the summary, in characters. The table has the whole text. */
const maxName = 120;
const maxWord = 40;

/** The machines to look at, with the reason and the next step for each group. */
export function machinesToCheck(entries: readonly CancellationEntry[]): string {
    const concerns = worstOfEachMachine(entries);
    if (entries.length === 0) {
        return verdict("plain", "No machine action in the record", "<p>There is nothing to check.</p>");
    }
    if (concerns.length === 0) {
        return verdict(
            "good",
            "No machine to look at",
            "<p>The record proves for each action how it ended, and none needs a check.</p>",
        );
    }
    const groups = [...Map.groupBy(concerns, reasonOf)].sort(([, [one]], [, [other]]) => badness(other) - badness(one));
    const rest = groups.slice(maxReasons).reduce((sum, [, { length }]) => sum + length, 0);
    const tone = concerns.map(toneOf).reduce(worseTone);
    return verdict(
        tone,
        `${counted(concerns.length, "machine")} to look at`,
        `<ul class="reasons">
${groups
    .slice(0, maxReasons)
    .map(([reason, some]) => reasonItem(reason, some))
    .join(
        "\n",
    )}${rest > 0 ? `\n<li><p>and ${counted(rest, "machine")} for other reasons, first in the table</p></li>` : ""}
</ul>`,
    );
}

function verdict(tone: Tone, heading: string, body: string): string {
    return `<section class="verdict" aria-labelledby="verdict">
<h2 id="verdict" class="sign ${tone}">${heading}</h2>
${body}
</section>`;
}

function reasonItem(reason: string, concerns: readonly Concern[]): string {
    const tone = concerns.map(toneOf).reduce(worseTone);
    const names = firstOf(concerns, maxNames, ({ entry }) => cleanText(nameInWords(entry), maxName));
    const steps = [...new Set(concerns.map(nextStep))];
    return `<li><h3 class="sign ${tone}">${htmlText(reason)}</h3><p class="names">${names.map((name) => `<span>${htmlText(name)}</span>`).join(" ")}</p><p>${steps.map(htmlText).join(" ")}</p></li>`;
}

/** The worst reason for each machine, the worst first. */
function worstOfEachMachine(entries: readonly CancellationEntry[]): Concern[] {
    const machines = Map.groupBy(
        concernsOf(entries),
        ({ entry }) => entry.machineId ?? entry.computerDnsName ?? entry.machineActionId,
    );
    return [...machines.values()].flatMap(([worst]) => worst ?? []);
}

function toneOf({ entry, reissue }: Concern): Tone {
    return reissue ? "bad" : worseTone(outcomeInWords(entry).tone, effectInWords(entry).tone);
}

function badness(concern: Concern | undefined): number {
    return concern === undefined ? 0 : tones.indexOf(toneOf(concern)) + concern.weight / 100;
}

/** Why a reader has to look at the machine, in plain words. Concerns with the same words are one reason. */
function reasonOf({ entry, state, reissue }: Concern): string {
    const type = cleanText(entry.type || "The action", maxWord);
    const status = cleanText(entry.status || "unknown status", maxWord);
    if (reissue) {
        const by = cleanText(reissue.requestor || "an unknown requestor", maxName);
        return `${type} issued again by ${by}: ${cleanText(reissue.status || "unknown status", maxWord)}`;
    }
    switch (state) {
        case "tooLate":
            return status === "Succeeded" ? `Too late: ${type} ran` : `Too late: ${type} ended, ${status}`;
        case "drifted":
            return `${type} is no longer cancelled: ${status}`;
        case "unproven":
            return `${type}: cancel request sent, end not proven`;
        case "notRequested":
            return `${type}: no cancel request sent`;
        case "secret":
            return `${type}: the record is secret`;
        case "unreadable":
            return `${type}: the record has an unknown outcome`;
        default:
            return `${type} ${effectInWords(entry).text === "Ran" ? "ran, at least in part" : "may have run"}${endings[state] ?? ""}`;
    }
}

const endings: Readonly<Partial<Record<EventState, string>>> = {
    effectUnknown: " before it was cancelled",
    ran: ", before it was cancelled",
    adoptedFromOurselves: " before an earlier run cancelled it",
    adoptedFromOthers: " before another party cancelled it",
    expired: " before it timed out",
};

/** What the reader does about it. */
function nextStep({ entry, state, reissue }: Concern): string {
    if (reissue) {
        return "Find out who issues it, and stop that. Then decide whether to cancel the new action too.";
    }
    const error =
        entry.failure === undefined ? "" : ` The error is ${cleanText(entry.failure, maxName)}: docs/errors.md.`;
    switch (state) {
        case "drifted":
            return `It can take effect. Cancel it again: pulumi up --refresh --run-program --continue-on-error.${error}`;
        case "unproven":
            return `It can still take effect. Run pulumi up or apply again: it continues from this record.${error}`;
        case "notRequested":
            return `It can still take effect. Fix the cause, then run pulumi up or apply again.${error}`;
        case "secret":
            return "Make this report again from pulumi stack export --show-secrets.";
        case "unreadable":
            return "No run writes such a value. Compare the record with Defender: report --verify.";
        default:
            return effectInWords(entry).text === "Ran"
                ? `If it was not wanted: ${reversalOf(entry.type)}.`
                : `Check the machine. If it ran and was not wanted: ${reversalOf(entry.type)}.`;
    }
}
