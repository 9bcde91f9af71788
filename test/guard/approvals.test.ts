import test from "ava";
import fc from "fast-check";
import { parseApprovals } from "../../provider/guard/approvals.ts";

const digests = fc.array(fc.stringMatching(/^[0-9a-fA-F]{64}$/), { maxLength: 4 });

test("whole digests are taken, in any case, between commas and blanks", (t) => {
    fc.assert(
        fc.property(digests, fc.stringMatching(/^[ ,\n]{1,3}$/), (given, between) => {
            const text = `${between}${given.join(between)}${between}`;
            t.deepEqual(
                parseApprovals(text),
                given.map((one) => one.toLowerCase()),
            );
        }),
    );
    t.deepEqual(parseApprovals(undefined), []);
    t.deepEqual(parseApprovals(" "), []);
});

test("anything else is an error: it would never fit, and look as if it did", (t) => {
    for (const text of [
        "0".repeat(12),
        "0".repeat(63),
        "0".repeat(65),
        "*",
        `${"0".repeat(64)};${"1".repeat(64)}`,
        "g".repeat(64),
    ]) {
        t.throws(() => parseApprovals(text), { code: "ERR_DEFENDER_CONFIGURATION" }, text);
    }
});
