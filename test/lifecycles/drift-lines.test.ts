import test from "ava";
import { type Deviation, driftLines, nextStepLine } from "../../provider/lifecycles/drift-lines.ts";
import type { Reissue } from "../../provider/model/reissue.ts";

function deviation(at: number, changes: Partial<Deviation> = {}): Deviation {
    const number = String(at).padStart(4, "0");
    return {
        machineActionId: `00000000-0000-4000-8000-00000000${number}`,
        action: { computerDnsName: `ws-${number}.contoso.example` },
        status: "InProgress",
        wasProven: true,
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

test("the last line promises nothing that only the program of the next run decides, and says that the refresh found it", (t) => {
    t.regex(
        nextStepLine,
        /^ {2}As of the refresh\. `pulumi up --refresh --run-program` cancels what it can and may\.$/,
    );
    t.true(nextStepLine.length <= 86, nextStepLine);
});
