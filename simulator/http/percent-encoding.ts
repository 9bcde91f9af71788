/** The text without its percent-encoding; as it is if that is malformed. */
export function decoded(text: string): string {
    try {
        return text.includes("%") ? decodeURIComponent(text) : text;
    } catch {
        return text;
    }
}
