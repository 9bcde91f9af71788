import { foldType, isKnownType, knownTypes } from "../model/action-type.ts";
import { isGuid } from "../model/machine-action.ts";
import { describeValue, foldText, isDeceptive } from "../text/sanitize.ts";
import { type GuardRules, riskScores } from "./decision.ts";

/** The rules whose values are lists of text. */
type ListRule = {
    [Rule in keyof GuardRules]-?: NonNullable<GuardRules[Rule]> extends readonly string[] ? Rule : never;
}[keyof GuardRules];

const typeRules = ["allowTypes", "denyTypes", "protectTypes"] as const satisfies readonly ListRule[];
const listRules = [
    "requireExpect",
    ...typeRules,
    "allowRequestors",
    "protectMachineIds",
    "protectTags",
    "protectRiskScores",
] as const satisfies readonly ListRule[];

/** A list may have thousands of entries that are wrong in the same way. */
const maxNamed = 20;

/**
 * Warnings for the owner of a guard about entries that can never match, or that match something else than they seem to.
 * Each warning names the rule, the entry and the expected form.
 */
export function warningsOf(rules: GuardRules): string[] {
    const doubts = [
        ...listRules.flatMap((rule) => [
            ...(rules[rule] ?? []).flatMap((word) => wordDoubts(rule, word, rules)),
            ...twice(rule, rules[rule] ?? []),
        ]),
        ...contradictions(rules),
        ...riskDoubts(rules),
        ...limitDoubts(rules),
    ];
    const named = [...new Set(doubts)];
    return named.length > maxNamed
        ? [...named.slice(0, maxNamed), `${named.length - maxNamed} more entries of its rules cause warnings`]
        : named;
}

/** The first fault of an entry; its other faults follow from the first. */
function wordDoubts(rule: ListRule, word: string, rules: GuardRules): string[] {
    const isType = typeRules.some((name) => name === rule);
    const doubt =
        lookDoubt(word) ?? punctuationDoubt(word) ?? (isType ? typeDoubt(rule, word, rules) : ownDoubt(rule, word));
    return doubt === undefined ? [] : [`${rule} has ${describeValue(word)}: ${doubt}`];
}

const ignorable = /\p{Default_Ignorable_Code_Point}/u;
const latin = /\p{Script=Latin}/u;
const likeLatin = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;

/** Cyrillic and Greek letters that a reader takes for Latin ones. */
const twins = /^[аеорсухіјѕԁһԛԝӏАВЕКМНОРСТУХІЈЅԌӀαορνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+$/u;

/** Warns of characters that a reader cannot see, or takes for others. */
function lookDoubt(word: string): string | undefined {
    if (!/[\p{L}\p{N}\p{S}\p{P}]/u.test(foldText(word))) {
        return "it has no visible characters, and never matches. Expected text";
    }
    if (isDeceptive(word) || ignorable.test(word) || !word.isWellFormed()) {
        return `it has ${codePoint(word)}, which is invisible and is not compared. Expected the entry without it`;
    }
    const letters = word.replace(/[^\p{L}]/gu, "");
    if ((latin.test(word) && likeLatin.test(word)) || twins.test(letters)) {
        return "it has Cyrillic, Greek or other letters that look like Latin ones, and does not match Latin text. Expected letters of one script";
    }
    return word.normalize("NFKC") === word.normalize("NFC")
        ? undefined
        : `it has full-width or other special forms of characters, and does not match ${describeValue(word.normalize("NFKC"))}. Expected plain characters`;
}

function codePoint(word: string): string {
    const found = [...word].find((one) => isDeceptive(one) || ignorable.test(one) || !one.isWellFormed()) ?? "";
    return `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Warns of characters to which a guard gives no meaning, although it seems to. */
function punctuationDoubt(word: string): string | undefined {
    const text = word.trim();
    const parts = text.split(/[,;|]/).map((part) => part.trim());
    if (parts.length > 1) {
        const meant = parts.filter((part) => part !== "");
        const few = meant.slice(0, 5).map(describeValue).join(", ");
        return `it is compared as a whole, including its "${/[,;|]/.exec(text)?.[0]}". Expected separate entries: [${few}${meant.length > 5 ? ", …" : ""}]`;
    }
    if (/[*?]/.test(text)) {
        return "* and ? are not wildcards here. Expected each entry in full";
    }
    if (/^(["'`]).*\1$/.test(text)) {
        return "it is compared including its quotes. Expected it without them";
    }
    return undefined;
}

function typeDoubt(rule: ListRule, word: string, { denyTypes }: GuardRules): string | undefined {
    if (isKnownType(word)) {
        return undefined;
    }
    const expected = `Expected one of ${knownTypes.join(", ")}`;
    return rule === "allowTypes" && denyTypes !== undefined
        ? `this package does not know this type, and refuses unknown types while denyTypes is set. ${expected}`
        : `this package does not know this type. ${expected}`;
}

/** The length of the longest tag that Defender accepts. */
const maxTag = 200;

function ownDoubt(rule: ListRule, word: string): string | undefined {
    const text = word.trim();
    if (rule === "protectTags" && text.length > maxTag) {
        return `it has ${text.length} characters, but a tag in Defender has at most ${maxTag}. Expected a tag`;
    }
    if (rule !== "allowRequestors") {
        return undefined;
    }
    if (isGuid(text)) {
        return "the API shows an application by its display name, and seldom by its id. Expected the REQUESTOR that `actions` shows";
    }
    const isAddress = text.includes("@");
    const isWrong = isAddress && !/^[^\s@<>:]+@[^\s@<>:]+$/.test(text);
    return isWrong
        ? "it is not a user name, and never matches one. Expected a user name such as soar@contoso.example"
        : undefined;
}

function twice(rule: ListRule, words: readonly string[]): string[] {
    const fold = typeRules.some((name) => name === rule) ? foldType : foldText;
    return [...Map.groupBy(words, fold).values()]
        .filter((same) => same.length > 1)
        .map((same) => {
            const spelled = [...new Set(same)].map(describeValue).join(", ");
            return `${rule} has ${spelled} ${same.length} times: these are the same entry. Expected it once`;
        });
}

function contradictions({ allowTypes = [], denyTypes = [], protectTypes = [] }: GuardRules): string[] {
    const denied = new Set(denyTypes.map(foldType));
    const among = (rule: string, words: readonly string[], what: string) =>
        words
            .filter((word) => denied.has(foldType(word)))
            .map(
                (word) =>
                    `${rule} has ${describeValue(word)}, which denyTypes has too: ${what}. Expected it in only one of the two`,
            );
    return [
        ...among("allowTypes", allowTypes, "it is denied"),
        ...among("protectTypes", protectTypes, "it is denied, and no approval changes that"),
    ];
}

/** A score does not include higher ones, but an owner who writes only the lower ones may mean "and above". */
function riskDoubts({ protectRiskScores = [] }: GuardRules): string[] {
    const given = new Set(protectRiskScores.map(foldText));
    const grades = riskScores.map((score) => given.has(foldText(score)));
    const least = grades.indexOf(true);
    const missing = least === -1 ? [] : riskScores.filter((_, grade) => grade > least && !grades[grade]);
    return missing.length > 0
        ? [
              `protectRiskScores has ${protectRiskScores.map(describeValue).join(", ")}: machines of a higher score (` +
                  `${missing.join(", ")}) are not protected. Expected each score that the rule should protect`,
          ]
        : [];
}

function limitDoubts({ maxPerRun, maxPerDay }: GuardRules): string[] {
    return maxPerRun !== undefined && maxPerDay !== undefined && maxPerRun > maxPerDay
        ? [
              `maxPerRun is ${maxPerRun} and maxPerDay ${maxPerDay}: a run can never send more than maxPerDay. ` +
                  "Expected maxPerRun to be at most maxPerDay",
          ]
        : [];
}
