import test from "ava";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { type ForecastPolicy, forecast } from "../../provider/plan/forecast.ts";

const now = Date.parse("2026-05-05T12:00:00Z");
const policy: ForecastPolicy = { ifAlreadyFinal: "fail", expect: undefined, notAfter: undefined };
const action = (changes: Partial<MachineAction>): MachineAction => ({
    id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    status: "Pending",
    type: "Isolate",
    computerDnsName: "ws-0417",
    commands: [],
    ...changes,
});

test("what is not final would be cancelled: what, where, since when, by whom", (t) => {
    const requested = { requestor: "soar@contoso.example", requestorComment: "playbook 12" };
    t.deepEqual(forecast(action({ ...requested, creationDateTimeUtc: "2026-05-05T11:19:00Z" }), policy, now), {
        line: 'would cancel: Isolate on ws-0417, Pending for 41 min, requested by soar@contoso.example ("playbook 12")',
        verdict: "fine",
    });
    t.regex(forecast(action({ creationDateTimeUtc: "2026-05-03T11:00:00Z" }), policy, now).line, /Pending for 49 h, /);
    t.regex(forecast(action({ creationDateTimeUtc: "2026-05-05T12:00:30Z" }), policy, now).line, /created just now/);
    t.is(
        forecast(action({ status: "InProgress" }), policy, now).line,
        "would cancel: Isolate on ws-0417, InProgress, requested by somebody unknown",
    );
});

test("what is over is named as what it is", (t) => {
    const at = "2026-05-05T11:00:00Z";
    t.deepEqual(
        forecast(
            action({ status: "Cancelled", cancellationRequestor: "someone", cancellationDateTimeUtc: at }),
            policy,
            now,
        ),
        {
            line: `already cancelled: Isolate on ws-0417 by someone at ${at}`,
            verdict: "fine",
        },
    );
    t.deepEqual(forecast(action({ status: "TimeOut" }), policy, now), {
        line: "expired: Isolate on ws-0417 timed out and never reached the machine",
        verdict: "fine",
    });
    const late = action({ status: "Succeeded", lastUpdateDateTimeUtc: at });
    t.deepEqual(forecast(late, policy, now), {
        line: `too late: Isolate on ws-0417 Succeeded at ${at}; submit Unisolate to reverse it`,
        verdict: "would fail",
    });
    t.true(forecast(late, { ...policy, ifAlreadyFinal: "accept" }, now).verdict === "fine");
});

test("what is not as approved is named with both values, whatever its status", (t) => {
    const seen = { requestor: "soar@contoso.example" };
    for (const status of ["Pending", "Cancelled", "Succeeded"]) {
        t.deepEqual(
            forecast(
                action({ ...seen, status }),
                { ...policy, expect: { type: "isolate", requestor: "analyst@contoso.example", machineId: "m" } },
                now,
            ),
            {
                line:
                    'expectation differs: Isolate on ws-0417: machineId is not known, expected "m"; ' +
                    'requestor is "soar@contoso.example", expected "analyst@contoso.example"',
                verdict: "unexpected",
            },
        );
    }
});

test("what may not be sent any more is said with its time limit, and does not concern what is over", (t) => {
    const late = { ...policy, notAfter: now - 1 };
    t.deepEqual(forecast(action({}), late, now), {
        line:
            "notAfter has passed (2026-05-05T11:59:59.999Z): would not cancel Isolate on ws-0417, Pending, " +
            "requested by somebody unknown",
        verdict: "would fail",
    });
    t.is(forecast(action({ status: "Cancelled" }), late, now).verdict, "fine");
    t.is(forecast(action({}), { ...policy, notAfter: now }, now).verdict, "fine");
});
