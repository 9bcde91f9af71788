import test from "ava";
import { partlyKnown } from "../../provider/plan/unknown-inputs.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";

test("what is not known is named by its path, and the rest is kept", (t) => {
    const inputs = {
        machineActionId: "a",
        comment: unknownValue,
        notAfter: unknownValue,
        expect: { type: "Isolate", requestor: unknownValue },
    };
    const { known, unknown } = partlyKnown(inputs, ["machineActionId", "expect", "notAfter", "onReissue"]);
    t.deepEqual(known, { machineActionId: "a", comment: unknownValue, expect: { type: "Isolate" } });
    t.deepEqual(unknown, ["expect.requestor", "notAfter"]);
    t.deepEqual(partlyKnown({ expect: unknownValue }, ["expect"]), { known: {}, unknown: ["expect"] });
});
