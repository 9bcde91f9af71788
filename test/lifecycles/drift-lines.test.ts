import test from "ava";
import { type Deviation, driftLines, isForUp, nextStepLines } from "../../provider/lifecycles/drift-lines.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { systemClock } from "../../provider/system/clock.ts";

function deviation(at: number, changes: Partial<Deviation> = {}): Deviation {
    const number = String(at).padStart(4, "0");
    return {
        machineActionId: `00000000-0000-4000-8000-00000000${number}`,
        action: { computerDnsName: `ws-${number}.contoso.example` },
        status: "InProgress",
        wasProven: true,
        isForUp: true,
        ...changes,
    };
}

function again(at: number, requestor: string | undefined, status = "Pending"): Deviation {
    const reissue: Reissue = { id: "00000000-0000-4000-8000-000000000001", status, requestor };
    return deviation(at, { status: "Cancelled", issuedAgain: { listed: [reissue], unlisted: 0, count: 1 } });
}

test("each machine of a set that is not Cancelled any more has its name and its status", (t) => {
    const deviations = [deviation(1), deviation(2, { status: "Pending" }), deviation(3, { action: {} })];
    t.deepEqual(driftLines(deviations, true), [
        "3 not Cancelled any more: ws-0001 InProgress,",
        "  00000000-0000-4000-8000-000000000003 InProgress, ws-0002 Pending",
    ]);
});

test("ten machines are named, those that run first, and the others are counted by status, in lines that fit 100 columns", (t) => {
    const deviations = Array.from({ length: 990 }, (_, at) =>
        deviation(at, { status: at % 100 === 0 ? "InProgress" : at % 2 === 0 ? "Pending" : "Succeeded" }),
    );
    const lines = driftLines(deviations, true);
    t.is(lines[0], "990 not Cancelled any more: ws-0000 InProgress, ws-0100 InProgress,");
    t.true(lines.join("").endsWith("  and 485 more Pending, and 495 more Succeeded"), lines.join("\n"));
    t.true(lines.length <= 6 && lines.every((line) => line.length <= 86), lines.join("\n"));
});

test("an action that was never proven, or that the API does not have, is not called Cancelled before", (t) => {
    const never = { wasProven: false } as const;
    t.deepEqual(driftLines([deviation(1, never), deviation(2, { ...never, status: undefined })], true), [
        "2 not Cancelled: ws-0001 InProgress, ws-0002 not found",
    ]);
});

test("one requestor of all re-issues is named once, several are named with their machines", (t) => {
    const soar = "soar@contoso.example";
    t.deepEqual(driftLines([again(4, soar), again(5, soar, "InProgress")], true), [
        `2 issued again by ${soar}: ws-0005 InProgress, ws-0004 Pending`,
    ]);
    t.deepEqual(driftLines([deviation(1), again(4, soar), again(5, undefined)], true), [
        "1 not Cancelled any more: ws-0001 InProgress",
        `2 issued again: ws-0004 Pending by ${soar}, ws-0005 Pending`,
    ]);
    const unlisted = { listed: [], unlisted: 3, count: 3 };
    t.deepEqual(driftLines([deviation(6, { issuedAgain: unlisted })], true), ["1 issued again: ws-0006"]);
});

test("two machines in the lines of one resource have two names", (t) => {
    const named = (at: number, computerDnsName: string) => deviation(at, { action: { computerDnsName } });
    t.deepEqual(driftLines([named(1, "10.0.0.5"), named(2, "10.0.0.6")], true), [
        "2 not Cancelled any more: 10.0.0.5 InProgress, 10.0.0.6 InProgress",
    ]);
    t.deepEqual(driftLines([named(1, "ws-01.a"), named(2, "ws-01.b")], true), [
        "2 not Cancelled any more: ws-01.a InProgress, ws-01.b InProgress",
    ]);
});

test("a single cancellation needs no count", (t) => {
    t.deepEqual(driftLines([deviation(1)], false), ["not Cancelled any more: ws-0001 InProgress"]);
    t.deepEqual(driftLines([again(4, undefined)], false), ["issued again: ws-0004 Pending"]);
    t.deepEqual(driftLines([], true), []);
});

test("names that others chose can neither break a line nor hide a character", (t) => {
    const hostile = "ws\n::error::\u202e\u001b[31m";
    const lines = driftLines(
        [
            deviation(1, { action: { computerDnsName: hostile }, status: `Pending\r\n${hostile}` }),
            again(2, `${hostile}${"x".repeat(500)}`),
        ],
        true,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
    t.notRegex(lines.join(""), /[\u0000-\u001f\u202e]/);
    t.true(lines.every((line) => line.length < 150));
});

test("the last lines say what up does, and that the refresh found the deviations", (t) => {
    const command = "  As of the refresh. `pulumi up --refresh --run-program`";
    const late = deviation(3, { status: "Succeeded", isForUp: false });
    t.deepEqual(nextStepLines([]), []);
    t.deepEqual(nextStepLines([deviation(1)]), [`${command} cancels it.`]);
    t.deepEqual(nextStepLines([deviation(1), deviation(2)]), [`${command} cancels them.`]);
    t.deepEqual(nextStepLines([late]), [`${command} fails and says what to do.`]);
    t.deepEqual(nextStepLines([deviation(1), late]), [
        `${command} cancels 1 of them,`,
        "  and says what to do about the others.",
    ]);
    for (const line of [...nextStepLines([late]), ...nextStepLines([...Array(99).fill(deviation(1)), late])]) {
        t.true(line.length <= 86, line);
    }
});

test("up sends a request for what is open, before notAfter, and for re-issues only where onReissue allows it", (t) => {
    const now = Date.parse("2026-06-01T00:00:00Z");
    const context = { clock: { ...systemClock, now: () => now }, stop: new AbortController().signal };
    const upSends = (changes: Partial<Deviation>, inputs: object = {}) =>
        isForUp(deviation(1, changes), declaredCancellation("id", { comment: "x", ...inputs }), context);
    t.true(upSends({}));
    t.true(upSends({ status: "a status of tomorrow" }));
    t.true(upSends({}, { notAfter: "2026-06-02T00:00:00Z" }));
    t.false(upSends({}, { notAfter: "2026-05-31T00:00:00Z" }));
    t.false(upSends({ status: "Succeeded" }));
    t.false(upSends({ status: undefined }));
    const { issuedAgain } = again(1, "soar");
    t.false(upSends({ issuedAgain }));
    const allowed = { onReissue: "cancel", notAfter: "2026-06-02T00:00:00Z", expect: { requestor: "SOAR" } };
    t.true(upSends({ issuedAgain }, allowed));
    t.false(upSends({ issuedAgain }, { ...allowed, expect: { requestor: "analyst" } }));
});
