import { counted } from "../../../provider/text/counted.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import { byFrequency } from "../../in-words.ts";
import { cleanText } from "../../safe-text.ts";
import type { Report } from "../report-data.ts";

/** The maximum length of the title and of a declaration's name, in characters. */
const maxTitle = 140;
const maxName = 120;

/** The incident: its comment, its stack, and the report itself. */
export interface Heading {
    readonly title: string;
    /** "project/stack/name" of the declarations. */
    readonly declared: string;
}

/** The title of the incident: the comment that most cancellations have. */
export function headingOf({ entries: selected, all }: Report): Heading {
    const entries = selected.length > 0 ? selected : all;
    const comments = entries.flatMap(({ comment }) => comment?.trim() || []);
    const [[title] = ["Cancellations of machine actions"], ...others] = byFrequency(comments, String);
    const names = [...new Set(entries.map(({ declaredBy }) => declaredBy))];
    const shown = cleanText(title, maxTitle);
    return {
        title: others.length > 0 ? `${shown} (and ${counted(others.length, "other comment")})` : shown,
        declared: firstOf(names, 3, (name) => cleanText(name, maxName)).join(", ") || "an empty stack",
    };
}
