import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { type Deviation, driftLines } from "../../provider/lifecycles/drift-lines.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileText } from "../helpers/hostile.ts";

const text = fc.oneof(hostileText, fc.constantFrom("", "ws-0001", "ws-0001.contoso.example", "InProgress", "Pending"));
const long = fc.oneof(
    text,
    text.map((one) => one.repeat(200)),
);
const maybe = fc.option(long, { nil: undefined });
const reissue = fc.record({ id: long, status: long, requestor: maybe });
const deviation = fc.record({
    machineActionId: long,
    action: fc.record({ computerDnsName: maybe, machineId: maybe }),
    status: maybe,
    wasProven: fc.boolean(),
    issuedAgain: fc.option(
        fc.array(reissue, { maxLength: 3 }).map((listed) => ({ listed, unlisted: 0, count: listed.length })),
        { nil: undefined },
    ),
}) as fc.Arbitrary<Deviation>;

test("what a refresh says of any drift is a few clean lines of a bounded length", (t) =>
    fuzz(
        t,
        "drift lines",
        fc.property(fc.array(deviation, { maxLength: 60 }), fc.boolean(), (deviations, isSet) => {
            const lines = driftLines(deviations, isSet);
            assert.equal(lines.length === 0, deviations.length === 0);
            // Three groups, each with its heading, ten machines, and ten counts by status.
            assert.ok(lines.length <= 3 * 21, `${lines.length} lines`);
            for (const line of lines) {
                assert.ok(!isDeceptive(line) && line.isWellFormed(), JSON.stringify(line));
                assert.ok(line.length <= 300, JSON.stringify(line));
            }
        }),
    ));
