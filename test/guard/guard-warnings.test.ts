import test from "ava";
import type { GuardRules } from "../../provider/guard/decision.ts";
import { warningsOf } from "../../provider/guard/guard-warnings.ts";

/** A rule, and what is said of it; each names the rule, what was seen and what is expected. */
const doubtful: Readonly<Record<string, readonly [GuardRules, RegExp]>> = {
    "two tags in one entry": [
        { protectTags: ["tier-0, dc"] },
        /^protectTags has "tier-0, dc": it is compared as a whole, including its ","\. Expected separate entries: \["tier-0", "dc"\]$/,
    ],
    "two types in one entry": [
        { denyTypes: ["Unisolate;Offboard"] },
        /^denyTypes has .*: \["Unisolate", "Offboard"\]$/,
    ],
    "two requestors in one entry": [
        { allowRequestors: ["soar@contoso.example|analyst@contoso.example"] },
        /^allowRequestors has .* including its "\|"/,
    ],
    "an invisible character alone": [{ denyTypes: ["\u200b"] }, /^denyTypes has "": it has no visible characters/],
    "a mark that nobody sees": [{ protectTags: ["\ufeff"] }, /^protectTags has .* never matches\. Expected text$/],
    "blank characters": [{ allowRequestors: ["\u3164\u00a0"] }, /^allowRequestors has .* never matches/],
    "an invisible character within": [
        { protectTags: ["tier\u00ad-0"] },
        /^protectTags has "tier-0": it has U\+00AD, which is invisible.*Expected the entry without it$/,
    ],
    "a zero-width joiner in a type": [{ denyTypes: ["Uni\u200dsolate"] }, /^denyTypes has "Unisolate": it has U\+200D/],
    "a bidirectional mark in a requestor": [{ allowRequestors: ["\u202esoar@contoso.example"] }, /has U\+202E/],
    "a Cyrillic letter in a Latin tag": [
        { protectTags: ["tier-0", "d\u043emain-controller"] },
        /^protectTags has "d\u043emain-controller": it has Cyrillic, Greek or other letters that look like Latin ones/,
    ],
    "a tag of look-alikes alone": [{ protectTags: ["\u0441\u043e\u0440\u0435"] }, /look like Latin ones/],
    "a Greek letter in a type": [{ denyTypes: ["Unis\u03bflate"] }, /^denyTypes has .* look like Latin ones/],
    "a look-alike letter in a requestor": [{ allowRequestors: ["s\u043ear@contoso.example"] }, /look like Latin ones/],
    "full-width letters": [
        { protectTags: ["\uff54\uff49\uff45\uff52-0"] },
        /^protectTags has .* does not match "tier-0"\. Expected plain characters$/,
    ],
    "a wildcard": [{ protectTags: ["tier-*"] }, /^protectTags has "tier-\*": \* and \? are not wildcards here/],
    "everybody of a domain": [{ allowRequestors: ["*@contoso.example"] }, /^allowRequestors has .* are not wildcards/],
    "quotes within": [
        { protectTags: ["'tier-0'"] },
        /^protectTags has "'tier-0'": it is compared including its quotes/,
    ],
    "a type that is not known": [
        { protectTypes: ["Isolat"] },
        /^protectTypes has "Isolat": this package does not know this type\. Expected one of RunAntiVirusScan, Offboard, /,
    ],
    "a type that the API itself does not know": [
        { allowTypes: ["Unknown"] },
        /^allowTypes has "Unknown": this package does not know this type/,
    ],
    "a type without a letter": [{ denyTypes: ["-"] }, /^denyTypes has "-": this package does not know this type/],
    "an allowed type that is not known beside denied ones": [
        { allowTypes: ["ContainUser"], denyTypes: ["Unisolate"] },
        /^allowTypes has "ContainUser": .* refuses unknown types while denyTypes is set/,
    ],
    "a type that is allowed and denied": [
        { allowTypes: ["Isolate", "live-response"], denyTypes: ["Live Response"] },
        /^allowTypes has "live-response", which denyTypes has too: it is denied\. Expected it in only one of the two$/,
    ],
    "a type that is protected and denied": [
        { protectTypes: ["Offboard"], denyTypes: ["OFFBOARD"] },
        /^protectTypes has "Offboard", which denyTypes has too: it is denied, and no approval changes that/,
    ],
    "an application's id as a requestor": [
        { allowRequestors: ["9a1b2c3d-0000-4000-8000-00000000abcd"] },
        /^allowRequestors has .* shows an application by its display name/,
    ],
    "a requestor with a name before the address": [
        { allowRequestors: ["Soar <soar@contoso.example>"] },
        /^allowRequestors has .* it is not a user name, .* Expected a user name such as soar@contoso\.example$/,
    ],
    "a requestor with a blank in it": [{ allowRequestors: ["soar @contoso.example"] }, /it is not a user name/],
    "a requestor without a name": [{ allowRequestors: ["@contoso.example"] }, /it is not a user name/],
    "a link to a requestor": [{ allowRequestors: ["mailto:soar@contoso.example"] }, /it is not a user name/],
    "a tag that is too long": [{ protectTags: ["x".repeat(201)] }, /^protectTags has .* it has 201 characters/],
    "a tag twice": [
        { protectTags: ["tier-0", "TIER-0"] },
        /^protectTags has "tier-0", "TIER-0" 2 times: these are the same entry\. Expected it once$/,
    ],
    "a type in two spellings": [{ denyTypes: ["LiveResponse", "Live Response"] }, /^denyTypes has .* 2 times/],
    "a machine twice": [{ protectMachineIds: ["aB".repeat(20), "Ab".repeat(20)] }, /^protectMachineIds has .* 2 times/],
    "a requestor twice": [{ allowRequestors: ["a@b.example", " A@B.example"] }, /^allowRequestors has .* 2 times/],
    "a property twice": [{ requireExpect: ["type", "Type"] }, /^requireExpect has .* 2 times/],
    "a risk score twice": [{ protectRiskScores: ["High", "high"] }, /^protectRiskScores has "High", "high" 2 times/],
    "a low risk score without the higher ones": [
        { protectRiskScores: ["Medium"] },
        /^protectRiskScores has "Medium": machines of a higher score \(High\) are not protected\. Expected each score/,
    ],
    "risk scores with a gap": [{ protectRiskScores: ["low", "High"] }, /higher score \(Medium\) are not protected/],
    "a run that may send more than a day": [
        { maxPerRun: 200, maxPerDay: 100 },
        /^maxPerRun is 200 and maxPerDay 100: .* Expected maxPerRun to be at most maxPerDay$/,
    ],
};

for (const [what, [rules, said]] of Object.entries(doubtful)) {
    test(`the owner of the guard is told of ${what}`, (t) => {
        const doubts = warningsOf(rules);
        t.is(doubts.length, 1, doubts.join("\n"));
        t.regex(doubts[0] ?? "", said);
    });
}

test("a sound guard is not doubted", (t) => {
    t.deepEqual(
        warningsOf({
            maxPerRun: 100,
            maxPerDay: 100,
            requireExpect: ["type", "machineId"],
            maxNotAfterHours: 72,
            allowTypes: ["Isolate", "live response", "RUN-ANTI-VIRUS-SCAN"],
            denyTypes: ["Unisolate"],
            allowRequestors: ["soar@contoso.example", "Contoso SOAR (prod)", "o'hara@contoso.example", "CORP\\soar"],
            protectMachineIds: ["a".repeat(40), "b".repeat(40)],
            protectTypes: ["Isolate"],
            protectTags: ["tier-0", "Domain Controller", "crown jewels 👑", "сервер", "é", "重要"],
            protectRiskScores: ["Medium", "High"],
        }),
        [],
    );
    t.deepEqual(warningsOf({ maxPerRun: 0 }), []);
});

test("of a list with thousands of doubts the first are named", (t) => {
    const doubts = warningsOf({ denyTypes: Array.from({ length: 5_000 }, (_, nth) => `type${nth}`) });
    t.is(doubts.length, 21);
    t.is(doubts.at(-1), "4980 more entries of its rules cause warnings");
    const [one = ""] = warningsOf({ protectTags: [Array.from({ length: 5_000 }, (_, nth) => `tag${nth}`).join(",")] });
    t.true(one.length < 500, one);
});

test("a doubt shows no control character, whatever the word is", (t) => {
    const words = ["\u001b[31mred", "a\nb", "\u202ex", "::error::x\u0000", "\ud800"];
    for (const doubt of words.flatMap((word) => warningsOf({ protectTags: [word] }))) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        t.notRegex(doubt, /[\u0000-\u001f\u202e]/);
    }
});
