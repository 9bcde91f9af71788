import test from "ava";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";

test("no reason of a failed step is a command of a terminal or a pipeline", (t) => {
    const { message, reasons } = new StepFailure(["::set-output:: is not known", "\u001b[2Jgone"]);
    t.deepEqual(reasons, [": :set-output:: is not known", "gone"]);
    t.is(message, ": :set-output:: is not known; gone");
});
