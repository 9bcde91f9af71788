import test from "ava";
import { differences } from "../../provider/cancel/expectations.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { defaults } from "../../provider/schema/limits.ts";

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const { maxCancellations: _, ...ofOne } = defaults;

test("what is not given has its default", (t) => {
    t.like(declaredCancellation(machineActionId, { comment: "INC-4711" }), {
        machineActionId,
        comment: "INC-4711",
        ...ofOne,
        ...{ declaredBy: undefined, expect: undefined, notAfter: undefined },
    });
});

test("what is given is kept, also where it is the default", (t) => {
    const given = {
        comment: "INC-4711",
        declaredBy: "p/s/n",
        expect: { type: "Isolate", requestor: "soar" },
        notAfter: "2026-05-04T20:00:00+02:00",
        ifAlreadyFinal: "accept",
        onReissue: "ignore",
        reissueWindowHours: 72,
        confirmWithinSeconds: 5,
    };
    t.deepEqual({ ...declaredCancellation(machineActionId, given) }, { machineActionId, ...given } as object);
});

test("what a preview does not know, or what no check lets pass, counts as not given", (t) => {
    for (const value of [unknownValue, null, ["accept"], {}]) {
        const given = {
            ifAlreadyFinal: value,
            onReissue: value,
            reissueWindowHours: value,
            confirmWithinSeconds: value,
        };
        t.like(declaredCancellation(machineActionId, given), ofOne);
    }
});

test("an expected value that is no text is met by no action, rather than left out", (t) => {
    const { expect } = declaredCancellation(machineActionId, { expect: { type: 7, machineId: null } });
    t.regex(differences({ type: "Isolate" }, expect) ?? "", /^type is .* expected "7"; machineId is not known/);
});
