import test from "ava";
import type { CancellationResult } from "../../provider/cancel/cancel-context.ts";
import { driftOf, isOnlyWatched, reportReading } from "../../provider/lifecycles/cancellation-reading.ts";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { DefenderError, type DefenderErrorCode } from "../../provider/model/errors.ts";
import { toOutputs } from "../../provider/model/outputs.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { createDeclaredActions } from "../../provider/reissues/declared-actions.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { storedCancellation } from "../../provider/schema/stored-cancellation.ts";

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const inputs = { machineActionId, comment: "INC-4711", declaredBy: "p/s/n" };
const evidence = {
    commentSent: "",
    digest: "",
    posts: 1,
    apiHost: "api.example",
    packageVersion: "1.2.3",
    proofSha256: "00",
};
const record = {
    outcome: "cancelled",
    effect: "prevented",
    statusBeforeCancel: "Pending",
    requestedAtUtc: "2026-05-05T07:00:00.000Z",
    confirmedAtUtc: "2026-05-05T07:00:01.000Z",
    evidence,
    request: "proven",
} as const;
const proven = {
    __provider: "exports.handler = …",
    ...inputs,
    desiredStatus: "Cancelled",
    status: "Cancelled",
    type: "Isolate",
    requestor: "soar@contoso.example",
    ...toOutputs(undefined, record),
};
const reissue: Reissue = { id: "00000000-0000-4000-8000-000000000001", status: "Pending", requestor: "analyst" };
const inWords = `Isolate issued again by another party analyst: ${reissue.id} (Pending)`;

function resultOf(status: string | undefined, code?: DefenderErrorCode): CancellationResult {
    return {
        machineActionId,
        action: status === undefined ? undefined : { id: machineActionId, status, type: "Isolate", commands: [] },
        record,
        failure: code && new DefenderError(code, "as the core says it"),
    };
}

function recordToRead(properties: Properties, declared: Properties = inputs) {
    return {
        properties,
        inputs: declared,
        stored: storedCancellation(properties),
        declared: declaredCancellation(machineActionId, declared),
    };
}

function report(
    properties: Readonly<Record<string, unknown>>,
    result: CancellationResult,
    reissues: readonly Reissue[] = [],
) {
    const said: string[] = [];
    const read = reportReading(
        recordToRead(properties),
        result,
        { reissues },
        (line) => said.push(line),
        createDeclaredActions(),
    );
    return { ...read, said };
}

test("a reading that tells nothing new leaves the state as it is, byte for byte", (t) => {
    const { props, inputs: shown } = report(proven, resultOf("Cancelled"));
    t.is(JSON.stringify(props), JSON.stringify(proven));
    t.deepEqual(shown, { ...inputs, desiredStatus: "Cancelled" });
});

test("a re-issue is recorded beside an unchanged record, and shown in words as the input that is to be changed", (t) => {
    const { props, inputs: shown } = report(proven, resultOf("Cancelled"), [reissue]);
    t.deepEqual(props, { ...proven, reissues: [reissue] });
    t.is(shown.desiredStatus, inWords);
    // The next reading sees the same, and changes nothing.
    const again = report(props, resultOf("Cancelled"), [reissue]);
    t.is(JSON.stringify(again.props), JSON.stringify(props));
    t.is(again.inputs.desiredStatus, inWords);
});

test("drift keeps the record of the last proof, and says nothing of an outcome any more", (t) => {
    const { props, inputs: shown } = report(
        { ...proven, adoptedFrom: "others" },
        resultOf("InProgress", "ERR_DEFENDER_NOT_CONFIRMED"),
        [reissue],
    );
    t.is(shown.desiredStatus, "InProgress");
    t.like(props, {
        status: "InProgress",
        desiredStatus: "Cancelled",
        requestedAtUtc: record.requestedAtUtc,
        confirmedAtUtc: record.confirmedAtUtc,
        evidence,
        reissues: [reissue],
    });
    for (const name of ["outcome", "effect", "adoptedFrom", "statusBeforeCancel"]) {
        t.false(name in props, name);
    }
});

test("an action that ran after all is drift", (t) => {
    t.is(report(proven, resultOf("Succeeded", "ERR_DEFENDER_TOO_LATE")).inputs.desiredStatus, "Succeeded");
});

test("a request whose end is open makes the resource unhealthy, with its record and its re-issues", (t) => {
    const outstanding = {
        ...record,
        outcome: undefined,
        effect: undefined,
        evidence: { ...evidence, proofSha256: undefined },
        request: "outstanding" as const,
    };
    const result = { ...resultOf("InProgress", "ERR_DEFENDER_NOT_CONFIRMED"), record: outstanding };
    const failure = t.throws(() => report({ ...proven, status: "Pending" }, result, [reissue]), {
        instanceOf: StepFailure,
    });
    t.like(failure?.kept, { id: result.machineActionId, properties: { reissues: [reissue] } });
    t.like(failure?.kept?.inputs, { desiredStatus: "InProgress" });
    t.regex(failure?.message ?? "", /^ERR_DEFENDER_NOT_CONFIRMED: as the core says it/);
});

test("what the API has forgotten keeps its record where it was proven, and that is said", (t) => {
    const { props, inputs: shown, said } = report(proven, resultOf(undefined, "ERR_DEFENDER_NOT_FOUND"));
    t.deepEqual(props, proven);
    t.is(shown.desiredStatus, "Cancelled");
    t.deepEqual(said, [`machine action ${machineActionId} is no longer known to the API: its record is kept as it is`]);
    const drifted = report({ ...proven, status: "Pending" }, resultOf(undefined, "ERR_DEFENDER_NOT_FOUND"));
    t.true(drifted.isForgotten);
    // A re-issue that stands does not go with it.
    const kept = report({ ...proven, reissues: [reissue] }, resultOf(undefined, "ERR_DEFENDER_NOT_FOUND"), [reissue]);
    t.is(kept.inputs.desiredStatus, inWords);
});

test("what was never proven and is not found is not readable, and so is every other failure to look", (t) => {
    const unproven = { ...proven, confirmedAtUtc: undefined };
    t.throws(() => report(unproven, resultOf(undefined, "ERR_DEFENDER_NOT_FOUND")), { code: "ERR_DEFENDER_NOT_FOUND" });
    for (const code of ["ERR_DEFENDER_NETWORK", "ERR_DEFENDER_FORBIDDEN", "ERR_DEFENDER_RESPONSE"] as const) {
        for (const status of [undefined, "InProgress"]) {
            t.throws(() => report(proven, resultOf(status, code)), { code });
        }
    }
});

test("what a refresh proves is recorded, its re-issues too", (t) => {
    const { props, inputs: shown } = report({ ...proven, status: "Pending" }, resultOf("Cancelled"), [reissue]);
    t.like(props, { status: "Cancelled", ...toOutputs(undefined, record), reissues: [reissue] });
    t.is(shown.desiredStatus, inWords);
});

test("what is ignored is recorded and not shown", (t) => {
    const read = reportReading(
        recordToRead(proven, { ...inputs, onReissue: "ignore" }),
        resultOf("Cancelled"),
        { reissues: [reissue] },
        t.log,
        createDeclaredActions(),
    );
    t.is(read.inputs.desiredStatus, "Cancelled");
    t.deepEqual(read.props.reissues, [reissue]);
});

test("what a refresh found different is named by its machine; for a watched resource, by its id", (t) => {
    const siblings = createDeclaredActions();
    const step = "  As of the refresh. `pulumi up --refresh --run-program` cancels what it can and may.";
    const props = { ...proven, status: "Pending", computerDnsName: "ws-0417.contoso.example" };
    const watched = { ...inputs, comment: "" };
    const linesFor = (before: Properties, deviation: string, now: Properties = props) =>
        driftOf(machineActionId, before, { props: now, inputs: { ...inputs, desiredStatus: deviation } }, siblings);
    const what = `watched machine action ${machineActionId} (Isolate on ws-0417.contoso.example)`;
    t.deepEqual(linesFor(watched, "Cancelled"), []);
    t.deepEqual(linesFor(watched, "Pending"), [`${what} is Pending, not Cancelled`]);
    t.deepEqual(linesFor(watched, inWords), [`${what}: ${inWords}`]);
    t.deepEqual(linesFor(proven, "Cancelled"), []);
    t.deepEqual(linesFor(proven, "Pending"), ["not Cancelled any more: ws-0417 Pending", step]);
    t.deepEqual(linesFor(inputs, "Pending"), ["not Cancelled: ws-0417 Pending", step]);
    const again = { ...props, status: "Cancelled", reissues: [reissue] };
    t.deepEqual(linesFor(proven, inWords, again), ["issued again by analyst: ws-0417 Pending", step]);
    const forgotten = (before: Properties) =>
        driftOf(
            machineActionId,
            before,
            { props, inputs: { ...inputs, desiredStatus: "Pending" }, isForgotten: true },
            siblings,
        );
    t.deepEqual(
        forgotten(proven),
        ["not Cancelled any more: ws-0417 not found", step],
        "not the status of an old reading",
    );
    t.deepEqual(forgotten(watched), [`${what}: not found`]);
    t.false(isOnlyWatched(inputs));
    t.true(isOnlyWatched({ ...inputs, comment: "" }));
});
