import test from "ava";
import { forecast } from "../provider/forecast.ts";
import type { MachineAction } from "../provider/machine-action.ts";

const now = Date.parse("2026-05-05T12:00:00Z");
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
    t.deepEqual(forecast(action({ ...requested, creationDateTimeUtc: "2026-05-05T11:19:00Z" }), false, now), {
        line: 'would cancel: Isolate on ws-0417, Pending for 41 min, requested by soar@contoso.example ("playbook 12")',
        isFine: true,
    });
    t.regex(forecast(action({ creationDateTimeUtc: "2026-05-03T11:00:00Z" }), false, now).line, /Pending for 49 h, /);
    t.regex(forecast(action({ creationDateTimeUtc: "2026-05-05T12:00:30Z" }), false, now).line, /created just now/);
    t.is(
        forecast(action({ status: "InProgress" }), false, now).line,
        "would cancel: Isolate on ws-0417, InProgress, requested by somebody unknown",
    );
});

test("what is over is named as what it is", (t) => {
    const at = "2026-05-05T11:00:00Z";
    t.deepEqual(
        forecast(
            action({ status: "Cancelled", cancellationRequestor: "someone", cancellationDateTimeUtc: at }),
            false,
            now,
        ),
        {
            line: `already cancelled: Isolate on ws-0417 by someone at ${at}`,
            isFine: true,
        },
    );
    t.deepEqual(forecast(action({ status: "TimeOut" }), false, now), {
        line: "expired: Isolate on ws-0417 timed out and never reached the machine",
        isFine: true,
    });
    const late = action({ status: "Succeeded", lastUpdateDateTimeUtc: at });
    t.deepEqual(forecast(late, false, now), {
        line: `too late: Isolate on ws-0417 Succeeded at ${at}; only Unisolate reverses it`,
        isFine: false,
    });
    t.true(forecast(late, true, now).isFine);
});
