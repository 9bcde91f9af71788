import type { Tone } from "./page-words.ts";

/** A part of the page whose heading has the sign and the colour of its tone. `heading` and `body`: HTML. */
export function tonedSection(name: string, tone: Tone, heading: string, body: string): string {
    return `<section class="${name}" aria-labelledby="${name}">
<h2 id="${name}" class="sign ${tone}">${heading}</h2>
${body}
</section>`;
}
