/** The text with a mark at its end, so that another sentence can follow. */
export function ended(sentence: string): string {
    return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}
