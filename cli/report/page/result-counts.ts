import { stateOfEntry } from "../../events/entry-state.ts";
import { stateWords } from "../../events/event-words.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { effectInWords, outcomeInWords, type Tone, tones, worseTone } from "./page-words.ts";

/** How many actions ended in which way, as a bar and as a list, the worst first. */
export function resultCounts(entries: readonly CancellationEntry[]): string {
    const groups = [...Map.groupBy(entries, (entry) => stateWords[stateOfEntry(entry).state].details)]
        .map(([details, some]) => ({
            details,
            count: some.length,
            tone: some
                .map((entry) => worseTone(outcomeInWords(entry).tone, effectInWords(entry).tone))
                .reduce(worseTone),
        }))
        .sort((one, other) => tones.indexOf(other.tone) - tones.indexOf(one.tone) || other.count - one.count);
    return `<ul class="counts">
${groups.map(({ details, count, tone }) => `<li class="sign ${tone}"><b>${count}</b> ${details}</li>`).join("\n")}
</ul>
${proportions(groups, entries.length)}`;
}

const barWidth = 1_000;
/** The minimum width of a part, so that one of 5,000 is seen. */
const minPart = 8;

function proportions(groups: readonly { readonly count: number; readonly tone: Tone }[], total: number): string {
    const widths = groups.map(({ count }) => Math.max((count / total) * barWidth, minPart));
    const sum = widths.reduce((one, other) => one + other, 0);
    let from = 0;
    const parts = groups.map(({ tone }, index) => {
        const width = ((widths[index] ?? 0) / sum) * barWidth;
        const part = `<rect class="${tone}" x="${from.toFixed(1)}" y="0" width="${(index === groups.length - 1 ? width : width - 2).toFixed(1)}" height="10"/>`;
        from += width;
        return part;
    });
    return `<svg class="proportions" viewBox="0 0 ${barWidth} 10" preserveAspectRatio="none" aria-hidden="true">${parts.join("")}</svg>`;
}
