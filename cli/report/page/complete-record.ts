import { htmlText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { fields, machineOf } from "../report-data.ts";

/**
 * All data of each cancellation, closed until a reader opens it. What all have in common is there once, and the rest of
 * each is one text, so that a page of thousands stays light.
 */
export function completeRecord(entries: readonly CancellationEntry[]): string {
    if (entries.length === 0) {
        return "";
    }
    const valuesOf = entries.map((entry) => fields.map(({ of }) => String(of(entry) ?? "")));
    const [first = []] = valuesOf;
    const isCommon = fields.map((_, at) => valuesOf.every((values) => values[at] === first[at]));
    const common = fields.flatMap(({ name }, at) => (isCommon[at] && first[at] ? [[name, first[at]] as const] : []));
    const own = entries.map((entry, index) => {
        const lines = fields.flatMap(({ name }, at) => {
            const value = valuesOf[index]?.[at];
            return isCommon[at] || !value || name === "machineActionId" ? [] : [`${name}: ${htmlText(value)}`];
        });
        return `<details><summary>${htmlText(machineOf(entry))} <span>${htmlText(entry.machineActionId)}</span></summary><pre>${lines.join("\n")}</pre></details>`;
    });
    return `<section class="record" aria-labelledby="record">
<h2 id="record">The whole record</h2>
<details><summary>${entries.length === 1 ? "Everything that the record has" : `Everything that the record has of ${entries.length} machine actions`}</summary>
${entries.length === 1 ? "" : "<h3>The same for all</h3>\n"}<dl>${common.map(([name, value]) => `<dt>${name}</dt><dd>${htmlText(value)}</dd>`).join("")}</dl>
${entries.length === 1 ? "" : own.join("\n")}
</details>
</section>`;
}
