import fc from "fast-check";

/** Texts that have broken terminals, pipelines, spreadsheets, browsers, parsers and protocols elsewhere. */
const pieces = [
    ...[
        "::",
        "::error::",
        "##[",
        "##vso[task.setvariable variable=x]",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\u0000",
        "\u001b[31m",
    ],
    ...[
        "\u009b2J",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2028",
        "\ufeff",
        "\ud800",
        "\udc00",
        "\u{e0041}",
        "😀",
        "é",
        "\u00ad",
    ],
    ...[
        "<script>",
        "</title>",
        "</style>",
        "<!--",
        "-->",
        "&amp;",
        "&#x3c;",
        '" onload="',
        "' x='",
        "`",
        "``",
        "|",
        "\\",
    ],
    ...[
        "=1+1",
        "+1",
        "-1",
        "@x",
        "%",
        ",",
        ";",
        '"',
        '""',
        "'",
        "''",
        " ",
        "#",
        "&",
        "?",
        "/",
        "//",
        ":",
        "*",
        "_",
        "[x](y)",
    ],
    ...[
        "https://evil.example",
        "www.evil.example",
        "@everyone",
        "![x](y)",
        "~~",
        "---",
        "1.",
        "{",
        "}",
        "[",
        "]",
        "!!js",
        "*a",
    ],
    ...[
        "&a",
        "<<: *a",
        "__proto__",
        "constructor",
        "toString",
        "null",
        "true",
        "1e999",
        "0x1F",
        ".inf",
        "NaN",
        "' or 1 eq 1 or '",
    ],
];

/** Hostile text. */
export const hostileText: fc.Arbitrary<string> = fc
    .array(
        fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 }), fc.string({ unit: "binary", maxLength: 4 })),
        {
            maxLength: 8,
        },
    )
    .map((parts) => parts.join(""));

/**
 * A hostile name of a property, without a backslash at its start: V8 reads such names wrong. Once `{"a":1,"\\":1}` was
 * parsed, it reads the name of `{"a":1,"\"":1}` as a backslash too (https://github.com/nodejs/node/issues/63785, still
 * so in Node 24.21). No property that this project reads has a name that JSON escapes.
 */
export const hostileName: fc.Arbitrary<string> = hostileText.map((text) => text.replace(/^\\+/, ""));

const scalars: fc.Arbitrary<unknown> = fc.oneof(
    hostileText,
    fc.constantFrom(null, true, false, 0, -1, 1, 1e21, -1e-7, 2 ** 53, Number.MAX_VALUE),
    fc.integer(),
);

/** Any JSON value whose objects mostly have these keys; `values` are mixed in. */
export function hostileJson(keys: readonly string[], ...values: readonly unknown[]): fc.Arbitrary<unknown> {
    const key = fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...keys) },
        {
            weight: 1,
            arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "valueOf", "toJSON", "then", "length"),
        },
        { weight: 1, arbitrary: hostileName },
    );
    const leaf = values.length > 0 ? fc.oneof(fc.constantFrom(...values), scalars) : scalars;
    return fc.letrec<{ value: unknown }>((tie) => ({
        value: fc.oneof(
            { depthSize: "small", withCrossShrink: true },
            leaf,
            fc.array(tie("value"), { maxLength: 4 }),
            // As JSON.parse makes them: "__proto__" is a key like any other.
            fc.array(fc.tuple(key, tie("value")), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
        ),
    })).value;
}

/** An object with some of its properties replaced, removed and added, as by a person who edits a file by hand. */
export function edited(
    base: Readonly<Record<string, unknown>>,
    value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
    const names = Object.keys(base);
    const edit = fc.oneof(
        fc.record({ name: fc.constantFrom(...names), value: fc.oneof(value, fc.constant(undefined)) }),
        fc.record({ name: fc.oneof(fc.constantFrom("__proto__", "toString"), hostileName), value }),
    );
    return fc
        .array(edit, { maxLength: 4 })
        .map((edits) =>
            Object.fromEntries(
                [...Object.entries(base), ...edits.map(({ name, value }) => [name, value] as const)].filter(
                    ([, property]) => property !== undefined,
                ),
            ),
        );
}

/** A text after a few random edits: parts removed, repeated, moved and replaced, and hostile parts inserted. */
export function mutated(text: string, ...words: readonly string[]): fc.Arbitrary<string> {
    const piece = fc.oneof(fc.constantFrom(...pieces, ...words), hostileText);
    const edit = fc.record({
        kind: fc.constantFrom("insert", "replace", "cut", "repeat", "truncate", "line again", "drop line", "indent"),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat({ max: 30 }),
        piece,
    });
    return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
        edits.reduce((current, { kind, at, length, piece }) => {
            const start = Math.floor(at * current.length);
            const [before, part, after] = [
                current.slice(0, start),
                current.slice(start, start + length),
                current.slice(start + length),
            ];
            const lines = current.split("\n");
            const line = Math.floor(at * lines.length);
            switch (kind) {
                case "insert":
                    return before + piece + part + after;
                case "replace":
                    return before + piece + after;
                case "cut":
                    return before + after;
                case "repeat":
                    return before + part + part + after;
                case "truncate":
                    return before;
                case "line again":
                    return [...lines, lines[line] ?? ""].join("\n");
                case "drop line":
                    return lines.toSpliced(line, 1).join("\n");
                default:
                    return lines.with(Math.min(line, lines.length - 1), `  ${lines[line] ?? ""}`).join("\n");
            }
        }, text),
    );
}
