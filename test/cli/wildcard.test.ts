import test from "ava";
import fc from "fast-check";
import { isLike, matchesWildcards, type Units } from "../../cli/wildcard.ts";

/** Every way to divide the text is tried. */
function isLikeByTrial(text: string, pattern: string): boolean {
    if (pattern === "") {
        return text === "";
    }
    if (pattern[0] === "*") {
        return Array.from({ length: text.length + 1 }, (_, at) => text.slice(at)).some((rest) =>
            isLikeByTrial(rest, pattern.slice(1)),
        );
    }
    return text[0] === pattern[0] && isLikeByTrial(text.slice(1), pattern.slice(1));
}

const letters = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 9 });

test("a pattern matches what it would by trial", (t) => {
    const texts = letters("a", "b", "\n", ".");
    const patterns = letters("a", "b", "*", ".");
    fc.assert(
        fc.property(texts, patterns, (text, pattern) => t.is(isLike(text, pattern), isLikeByTrial(text, pattern))),
        { numRuns: 3_000 },
    );
});

test("a star stands for any text, nothing else for anything but itself, and case does not count", (t) => {
    t.true(isLike("WS-0417.contoso.example", "ws-04*"));
    t.true(isLike("playbook 12: the WRONG machines", "*playbook*12*wrong*"));
    t.true(isLike("", "*") && isLike("x", "**") && isLike("a*b", "a*b"));
    t.false(isLike("ab", "ab*b") || isLike("xws-0417", "ws-*") || isLike("axc", "a.c") || isLike("", "a*"));
    t.true(isLike("one\ntwo", "one*two"));
});

/** A text that counts how often it is read. */
function counted(text: string): Units & { readonly reads: () => number } {
    let reads = 0;
    return {
        length: text.length,
        charCodeAt(at) {
            reads++;
            return text.charCodeAt(at);
        },
        reads: () => reads,
    };
}

test("50 stars against 10,000 characters read each character at most twice", (t) => {
    const patterns = [
        `*${"a*".repeat(49)}b`,
        `*${"playbook*".repeat(48)}wrong*`,
        `${"*aab".repeat(50)}*`,
        `*${"a".repeat(4_999)}b*${"*".repeat(48)}`,
    ];
    for (const text of ["a".repeat(10_000), "playbook ".repeat(1_111), "aaab".repeat(2_500)]) {
        for (const pattern of patterns) {
            const units = counted(text);
            const parts = pattern.split("*");
            matchesWildcards(units, parts);
            t.true(units.reads() <= 2 * text.length, `${units.reads()} reads`);
        }
    }
});
