import { createHash } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { approvalPair, approvalText, parseApprovals } from "../../provider/guard/approvals.ts";

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${count}}$`));
const approvals = fc.uniqueArray(fc.tuple(digits(64), fc.array(digits(16), { minLength: 1, maxLength: 4 })), {
    maxLength: 4,
    selector: ([digest]) => digest.toLowerCase(),
});
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const [digest, other] = ["0123456789abcdef".repeat(4), "f".repeat(64)] as const;
const [pair, second] = ["00112233aabbccdd", "8899aabbccddeeff"] as const;

test("approvals are taken in any case, between commas and white space", (t) => {
    fc.assert(
        fc.property(approvals, fc.stringMatching(/^[ ,\n\t]{1,3}$/), (given, between) => {
            const texts = given.map(([one, pairs]) => `${one}:${pairs.join("+")}`);
            t.deepEqual(
                parseApprovals(`${between}${texts.join(between)}${between}`),
                given.map(([one, pairs]) => ({
                    digest: one.toLowerCase(),
                    pairs: [...new Set(pairs.map((text) => text.toLowerCase()))],
                })),
            );
        }),
    );
    t.deepEqual(parseApprovals(undefined), []);
    t.deepEqual(parseApprovals(" "), []);
});

test("several approvals of one declaration add up, and what is printed is what is taken", (t) => {
    t.deepEqual(parseApprovals(`${digest}:${pair} ${digest.toUpperCase()}:${second}`), [
        { digest, pairs: [pair, second] },
    ]);
    t.is(approvalText(digest, [second, pair, second]), `${digest}:${pair}+${second}`);
    t.deepEqual(parseApprovals(approvalText(digest, [second, pair])), [{ digest, pairs: [pair, second] }]);
});

test("text that is no id of a machine has no pair: it would stand for every such machine", (t) => {
    for (const no of [undefined, "", " ", "undefined", "null", machineId.slice(1), `${machineId} `]) {
        t.is(approvalPair(digest, no, "protectTags"), undefined);
    }
    t.is(approvalPair(digest, machineId.toUpperCase(), "protectTags"), approvalPair(digest, machineId, "protectTags"));
});

test("a bare digest approves nothing, and the error names the form and where it is printed", (t) => {
    for (const text of [digest, digest.toUpperCase(), `${other}:${pair} ${digest}`, `${digest}, ${other}:${pair}`]) {
        t.throws(() => parseApprovals(text), {
            code: "ERR_DEFENDER_CONFIGURATION",
            message: /DIGEST:PAIR\+PAIR….*as a preview prints them.*A bare digest approves nothing/,
        });
    }
});

test("anything else is an error: it would never fit, and look as if it did", (t) => {
    for (const text of [
        "0".repeat(12),
        `${"0".repeat(63)}:${pair}`,
        `${"0".repeat(65)}:${pair}`,
        "*",
        `${digest}:*`,
        `${digest}:`,
        `:${pair}`,
        `${digest}:${pair}+`,
        `${digest}:+${pair}`,
        `${digest}:${pair}++${second}`,
        `${digest}:${pair.slice(1)}`,
        `${digest}:${pair}0`,
        `${digest}:${pair.slice(1)}g`,
        `${digest}:${pair}:${second}`,
        `${digest}:${pair};${other}:${pair}`,
        `${digest}:${pair}|${second}`,
        `${digest}: ${pair}`,
        `${digest}:${pair} + ${second}`,
        `DEFENDER_APPROVED_DIGEST=${digest}:${pair}`,
        `${"g".repeat(64)}:${pair}`,
    ]) {
        t.throws(() => parseApprovals(text), { code: "ERR_DEFENDER_CONFIGURATION" }, text);
    }
});

test("a pair is of one declaration, one machine and one rule; of an unknown machine there is none", (t) => {
    const text = `${digest}\n${machineId}\nprotectTags`;
    t.is(approvalPair(digest, machineId, "protectTags"), createHash("sha256").update(text).digest("hex").slice(0, 16));
    t.is(approvalPair(digest.toUpperCase(), machineId.toUpperCase(), "protectTags"), "cf6f4e2cbd32aa64");
    const pairs = [
        approvalPair(digest, machineId, "protectTags"),
        approvalPair(other, machineId, "protectTags"),
        approvalPair(digest, "a".repeat(40), "protectTags"),
        approvalPair(digest, machineId, "protectRiskScores"),
    ];
    t.is(new Set(pairs).size, 4);
    t.is(approvalPair(digest, undefined, "protectTags"), undefined);
});
