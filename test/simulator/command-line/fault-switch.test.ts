import test from "ava";
import { createFaultSwitch } from "../../../simulator/command-line/fault-switch.ts";

const request = { operation: "get", nth: 1, nthOverall: 1 } as const;

test("without a plan the switch is off at first, and on it lets the API answer 503", (t) => {
    const faults = createFaultSwitch(undefined);
    t.false(faults.isOn);
    t.is(faults.plan(request), undefined);
    faults.turn(true);
    t.is(faults.plan(request), "503 before");
    t.regex(faults.effect, /503/);
});

test("a plan is on at first, is not asked while off, and goes on where it was", (t) => {
    let asked = 0;
    const faults = createFaultSwitch(() => {
        asked += 1;
        return "401";
    });
    t.is(faults.plan(request), "401");
    faults.turn(false);
    t.is(faults.plan(request), undefined);
    faults.turn(true);
    t.is(faults.plan(request), "401");
    t.is(asked, 2);
});
