const esc = String.raw`\u001b`;
/** What a program sends to a terminal: a question to it, a sequence, a control character, or text. */
const parts = new RegExp(
    [
        String.raw`${esc}\].*?(?:\u0007|${esc}\\)`,
        String.raw`${esc}\[(?<count>[\d;?]*)(?<name>[A-Za-z])`,
        `${esc}[78]`,
        String.raw`[^\u001b]`,
    ].join("|"),
    "gsu",
);

/**
 * The lines that a terminal of this width shows, and those that have left it at the top, without trailing blanks and
 * empty lines at the end. It knows the sequences with which the Pulumi CLI redraws its table and its question.
 */
export function screenOf(sent: string, columns: number): string[] {
    const lines: string[][] = [[]];
    let [row, column] = [0, 0];
    let saved = [0, 0];
    const line = (): string[] => {
        lines[row] ??= [];
        return lines[row] ?? [];
    };
    const control: Readonly<Record<string, (count: number) => void>> = {
        A: (count) => {
            row = Math.max(0, row - Math.max(1, count));
        },
        G: (count) => {
            column = Math.max(0, count - 1);
        },
        K: (how) => {
            line().length = how === 2 ? 0 : Math.min(line().length, column);
        },
    };
    const plain: Readonly<Record<string, () => void>> = {
        "\r": () => {
            column = 0;
        },
        "\n": () => {
            row += 1;
        },
        "\b": () => {
            column = Math.max(0, column - 1);
        },
        "\x1b7": () => {
            saved = [row, column];
        },
        "\x1b8": () => {
            [row = 0, column = 0] = saved;
        },
    };
    for (const { 0: part, groups } of sent.matchAll(parts)) {
        const act = plain[part];
        if (act) {
            act();
        } else if (groups?.name !== undefined) {
            control[groups.name]?.(Number(groups.count) || 0);
        } else if (!part.startsWith("\x1b")) {
            // A terminal wraps when the next character comes.
            if (column === columns) {
                [row, column] = [row + 1, 0];
            }
            const cells = line();
            while (cells.length < column) {
                cells.push(" ");
            }
            cells[column] = part;
            column += 1;
        }
    }
    const shown = Array.from(lines, (cells) => (cells ?? []).join("").trimEnd());
    while (shown.at(-1) === "") {
        shown.pop();
    }
    return shown;
}
