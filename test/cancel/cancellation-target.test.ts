import test from "ava";
import { declaredTarget } from "../../provider/cancel/cancellation-target.ts";
import { declarationDigest, taggedComment } from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { nothingStored } from "../../provider/schema/stored-cancellation.ts";
import { id } from "../helpers/core.ts";

const inputs = { comment: "INC-4711", declaredBy: "project/stack/name", confirmWithinSeconds: 90 };
const declared = declaredCancellation(id, inputs);

test("a cancellation of its own bears its own digest, one of a set that of the set", (t) => {
    const own = declaredTarget(declared);
    t.is(own.digest, declarationDigest([declared]));
    t.is(own.comment, taggedComment("INC-4711", "project/stack/name", own.digest));
    const ofSet = declaredTarget(declared, nothingStored, "digest of the set");
    t.is(ofSet.digest, "digest of the set");
    t.is(ofSet.comment, taggedComment("INC-4711", "project/stack/name", "digest of the set"));
});

test("times are in milliseconds, and no time limit is none", (t) => {
    t.like(declaredTarget(declared), { notAfter: undefined, confirmWithinMs: 90_000 });
    const limited = declaredCancellation(id, { ...inputs, notAfter: "2026-05-05T07:00:00Z" });
    t.is(declaredTarget(limited).notAfter, Date.parse("2026-05-05T07:00:00Z"));
});

test("what an earlier run stored of the action and its request goes on", (t) => {
    const stored = {
        ...nothingStored,
        ...{ status: "InProgress", type: "Isolate", machineId: "m", computerDnsName: "ws-0417" },
        ...({ requestedAtUtc: "2026-05-05T07:00:00.000Z", request: "outstanding" } as const),
    };
    const { earlier, record } = declaredTarget(declared, stored);
    t.deepEqual(earlier, { status: "InProgress", type: "Isolate", machineId: "m" });
    t.like(record, { requestedAtUtc: "2026-05-05T07:00:00.000Z", request: "outstanding", outcome: undefined });
});
