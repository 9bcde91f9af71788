import test from "ava";
import {
    asDefenderError,
    gaveUp,
    isNotFound,
    notFound,
    stoppedUnseen,
    tooLate,
    withProgress,
} from "../../provider/cancel/cancel-failures.ts";
import { DefenderError, type DefenderErrorCode } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { CancellationRecord } from "../../provider/model/outputs.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const action: MachineAction = { id, status: "Pending", type: "Isolate", computerDnsName: "ws-0417", commands: [] };
const now = Date.parse("2026-05-05T07:01:00Z");
const requested = { requestedAtUtc: "2026-05-05T07:00:00.000Z", request: "outstanding" } as const;
const tenantId = "10000000-0000-4000-8000-000000000001";
const cause = new DefenderError("ERR_DEFENDER_SERVER", "GET /x answered 503", { trackingId: "track", status: 503 });

test("each failure names the action, what happened and what to do next", (t) => {
    const failures: readonly (readonly [DefenderError, DefenderErrorCode, RegExp])[] = [
        [
            tooLate({ ...action, status: "Succeeded" }),
            "ERR_DEFENDER_TOO_LATE",
            /ended as Succeeded.*submit Unisolate.*"accept"/,
        ],
        [notFound(id, cause, tenantId), "ERR_DEFENDER_NOT_FOUND", /the id is wrong.*answered 503/],
        [stoppedUnseen(id, cause), "ERR_DEFENDER_INTERRUPTED", /before machine action .* was visible/],
        [
            gaveUp("stopped", action, requested, undefined, now),
            "ERR_DEFENDER_INTERRUPTED",
            /requested at 2026.*goes on from here/,
        ],
        [
            gaveUp("stopped", action, {}, undefined, now),
            "ERR_DEFENDER_INTERRUPTED",
            /before the cancellation.*was requested/,
        ],
        [gaveUp("refused", action, {}, cause, now), "ERR_DEFENDER_REFUSED", /still Pending.*answered 503/],
        [
            gaveUp("not confirmed", action, requested, cause, now),
            "ERR_DEFENDER_NOT_CONFIRMED",
            /still Pending, 60 s after.*answered 503.*`pulumi up` again/,
        ],
        [
            gaveUp("not confirmed", action, {}, undefined, now),
            "ERR_DEFENDER_NOT_CONFIRMED",
            /has not requested its cancellation/,
        ],
    ];
    for (const [failure, code, message] of failures) {
        t.is(failure.code, code);
        t.is(failure.machineActionId, id);
        t.regex(failure.message, new RegExp(id));
        t.regex(failure.message, message);
    }
});

test("what several actions have in common is said without their data, with the next step", (t) => {
    const reasons: readonly (readonly [DefenderError, RegExp])[] = [
        [
            notFound(id, cause, tenantId),
            new RegExp(`another tenant\\? The credential is of the tenant ${tenantId}\\. .*doctor`),
        ],
        [notFound(id, cause, undefined), /another tenant\? Otherwise the ids are wrong/],
        [
            tooLate({ ...action, status: "Succeeded" }),
            /ended as Succeeded.*submit Unisolate.*`defender-cancellation declare FILE --acknowledge`$/,
        ],
        [withProgress(cause, id, action, {}), /answered 503\. No cancellation was requested$/],
        [gaveUp("not confirmed", action, requested, cause, now), /still Pending.*records are saved.*`pulumi up` again/],
    ];
    for (const [{ reason }, expected] of reasons) {
        t.regex(reason, expected);
        t.notRegex(reason, new RegExp(`${id}|ws-0417`));
    }
});

test("what the server said last goes with each failure that follows from it", (t) => {
    for (const failure of [
        notFound(id, cause, tenantId),
        stoppedUnseen(id, cause),
        withProgress(cause, id, action, {}),
        gaveUp("refused", action, {}, cause, now),
    ]) {
        t.like(failure, { machineActionId: id, status: 503, trackingId: "track", cause });
    }
});

test("the next step of a run without Pulumi is that run's own command, in each text", (t) => {
    const goOn = "`defender-cancellation apply`";
    const interrupted = new DefenderError("ERR_DEFENDER_INTERRUPTED", "stopped");
    for (const failure of [
        stoppedUnseen(id, cause, goOn),
        withProgress(interrupted, id, action, {}, goOn),
        gaveUp("stopped", action, requested, undefined, now, goOn),
        gaveUp("stopped", action, {}, undefined, now, goOn),
        gaveUp("not confirmed", action, requested, cause, now, goOn),
    ]) {
        for (const text of [failure.message, failure.reason]) {
            t.true(text.includes(`un ${goOn} again`), text);
            t.false(text.includes("pulumi up"), text);
        }
    }
    t.true(gaveUp("stopped", action, {}, undefined, now).message.includes("Run `pulumi up` again"));
});

test("anything that was thrown becomes an error of ours, and one of ours stays as it is", (t) => {
    t.is(asDefenderError(cause, id), cause);
    t.like(asDefenderError(new TypeError("odd"), id), { code: "ERR_DEFENDER_RESPONSE", machineActionId: id });
    t.true(isNotFound(notFound(id, cause, tenantId)));
    t.false(isNotFound(cause));
    t.false(isNotFound(new Error("not found")));
});

test("a failure that says itself how far the cancellation came is left as it is", (t) => {
    for (const failure of [
        tooLate({ ...action, status: "Failed" }),
        gaveUp("stopped", action, requested, undefined, now),
        stoppedUnseen(id, cause),
        gaveUp("refused", action, {}, cause, now),
    ]) {
        t.is(withProgress(failure, id, action, requested), failure);
    }
});

test("a failure on the way says what was requested and what is proven, as far as the record goes", (t) => {
    const onTheWay = new DefenderError("ERR_DEFENDER_UNAUTHORIZED", "GET /x answered 401");
    const log = (record: CancellationRecord) => withProgress(onTheWay, id, action, record).message;
    t.regex(log({}), /No cancellation of machine action .* was requested$/);
    t.regex(log(requested), /was requested at 2026-05-05 07:00:00Z and is not proven; its record is kept$/);
    const proven = { ...requested, confirmedAtUtc: "2026-05-05T07:00:09.000Z", request: "proven" } as const;
    t.regex(
        log(proven),
        /was proven at 2026-05-05 07:00:09Z; its record is kept, and no other cancellation was requested$/,
    );
});

test("an interrupted request says what was requested, whether or not its message names the action", (t) => {
    for (const message of ["A request was not sent", `GET /api/machineactions/${id} was cut off`]) {
        const failure = withProgress(new DefenderError("ERR_DEFENDER_INTERRUPTED", message), id, action, requested);
        t.is(failure.code, "ERR_DEFENDER_INTERRUPTED");
        t.is(failure.message.slice(0, message.length), message);
        t.regex(
            failure.message,
            /was requested at 2026-05-05 07:00:00Z and is not proven; .*\. Run `pulumi up` again$/,
        );
    }
});

test("a cancel request without a valid answer is not said to be requested, unless the action shows it", (t) => {
    const record = {
        ...requested,
        evidence: { posts: 1, postStatus: undefined, commentSent: "INC-1 [pulumi p/s/n x]" },
    };
    const stopped = new DefenderError("ERR_DEFENDER_INTERRUPTED", "A request was not sent");
    const failuresFor = (seen: MachineAction) => [
        gaveUp("not confirmed", seen, record, cause, now),
        gaveUp("stopped", seen, record, cause, now),
        withProgress(stopped, id, seen, record),
    ];
    for (const { message, reason } of failuresFor(action)) {
        t.regex(message, /cancel request for machine action .* of 2026-05-05 07:00:00Z/);
        for (const text of [message, reason]) {
            t.regex(text, /no valid answer/);
            t.regex(text, /un `pulumi up` again/);
            t.notRegex(text, /was requested|confirmWithinSeconds/);
        }
    }
    const [notConfirmed] = failuresFor(action);
    t.is(
        notConfirmed?.reason,
        "no valid answer to the cancel request; Pending when last read. The last request failed: ERR_DEFENDER_SERVER: " +
            "GET /x answered 503. The records are saved. Check the API and the network path to it, then run `pulumi up` again",
    );
    const shown = { ...action, cancellationDateTimeUtc: "2026-05-05T07:00:01Z", cancellationComment: "INC-1" };
    for (const { message, reason } of failuresFor(shown)) {
        t.regex(message + reason, /requested/);
        t.notRegex(message + reason, /no valid answer/);
    }
});
