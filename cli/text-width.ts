/** Signs that take no column of a terminal, such as an accent that is written on the letter before it. */
const narrowest = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Signs that take two columns. In case of doubt, a sign counts as wide, so that a line never becomes too long. */
const wide =
    /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]$/u;

const ascii = /^[ -~]*$/;

/** The number of columns that a text takes on a terminal. */
export function widthOf(text: string): number {
    return ascii.test(text) ? text.length : [...text].reduce((sum, sign) => sum + widthOfSign(sign), 0);
}

function widthOfSign(sign: string): number {
    // The variation selector after a sign makes some signs wide.
    return sign === "\ufe0f" ? 1 : narrowest.test(sign) ? 0 : wide.test(sign) ? 2 : 1;
}

/** The text, cut to this number of columns. A cut is shown by `…`. */
export function cutToWidth(text: string, width: number): string {
    if (text.length <= width && ascii.test(text)) {
        return text;
    }
    let kept = "";
    let taken = 0;
    for (const sign of text) {
        const next = taken + widthOfSign(sign);
        if (next > width) {
            return `${dropTo(kept, width - 1)}…`;
        }
        kept += sign;
        taken = next;
    }
    return kept;
}

function dropTo(text: string, width: number): string {
    const signs = [...text];
    while (signs.length > 0 && widthOf(signs.join("")) > width) {
        signs.pop();
    }
    return signs.join("");
}

/** The text, padded with blanks to this number of columns. */
export function padToWidth(text: string, width: number): string {
    return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** Stands for a blank that must not be broken. No sanitized text has this character. */
const held = "\u0000";

/**
 * Lines of at most this number of columns, broken at blanks, where possible, and not inside a command between backticks
 * that fits a line, so that it can be copied. All lines but the first are indented by the indent of the first and a
 * little more. Without a width, for a pipe or a file, the text stays one line.
 */
export function wrapped(text: string, width: number | undefined): string {
    if (width === undefined || widthOf(text) <= width) {
        return text;
    }
    const begin = /^ */.exec(text)?.[0] ?? "";
    const next = begin === "" ? "    " : `${begin}  `;
    const lines: string[] = [];
    let line = begin;
    const whole = text
        .slice(begin.length)
        .replaceAll(/`[^`]+`/g, (span) => (widthOf(span) + next.length <= width ? span.replaceAll(" ", held) : span));
    for (const word of whole.split(" ")) {
        const longer = line.trim() === "" ? line + word : `${line} ${word}`;
        if (widthOf(longer) <= width || line.trim() === "") {
            line = longer;
        } else {
            lines.push(line);
            line = next + word;
        }
    }
    return [...lines, line].join("\n").replaceAll(held, " ");
}
