import test from "ava";
import { DefenderError, errorLine } from "../../provider/model/errors.ts";

test("an error line has the code, the message and the tracking id", (t) => {
    const error = new DefenderError("ERR_DEFENDER_SERVER", "it failed", {
        trackingId: "abc",
        machineActionId: "an-id",
    });
    t.is(errorLine(error), "ERR_DEFENDER_SERVER: it failed (tracking id abc)");
    t.is(error.machineActionId, "an-id");
    t.is(errorLine(new DefenderError("ERR_DEFENDER_SERVER", "it failed")), "ERR_DEFENDER_SERVER: it failed");
});

test("whatever was thrown becomes one clean line", (t) => {
    t.is(errorLine(new Error("two\nlines\u001b[31m")), "two lines");
    t.is(errorLine("text"), "text");
    t.is(errorLine(undefined), "undefined");
    t.is(new DefenderError("ERR_DEFENDER_SERVER", "a\nb").message, "a b");
});
