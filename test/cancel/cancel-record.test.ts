import { createHash } from "node:crypto";
import test from "ava";
import { recordProof, recordRequest, showsRequest } from "../../provider/cancel/cancel-record.ts";
import type { CancellerNames } from "../../provider/model/canceller.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Outcome } from "../../provider/model/outputs.ts";

const by = { appId: "app", tenantId: "tenant", apiHost: "api.example", packageVersion: "1.2.3" };
const at = Date.parse("2026-05-05T07:00:00Z");
const guid = (nth: number) => `00000000-0000-4000-8000-00000000000${nth}`;
const raw = { id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", status: "Cancelled" };
const action: MachineAction = { ...raw, commands: [] };
const observation = {
    action,
    raw,
    correlationId: "proof-id",
    date: "proof-date",
    call: 1,
    beganAt: at,
    receivedAt: at,
};
const context = { asked: true, isSeenPrevented: true, hasStarted: false, at, declaredBy: "p/s/n", by };
const receipt = { status: 200, action, correlationId: "post-id", date: "post-date" };
const sent = {
    comment: "sent comment",
    digest: "digest",
    at,
    observedAt: at,
    statusBefore: "Pending",
    receipt,
    guard: {},
};

test("a request and its proof are recorded with the ids and dates of both exchanges", (t) => {
    const requested = recordRequest({}, sent, by);
    const proven = recordProof(requested, observation, { ...context, at: at + 1_000 });
    t.deepEqual(proven as unknown, {
        outcome: "cancelled",
        effect: "prevented",
        statusBeforeCancel: "Pending",
        requestedAtUtc: "2026-05-05T07:00:00.000Z",
        confirmedAtUtc: "2026-05-05T07:00:01.000Z",
        evidence: {
            observedAtUtc: "2026-05-05T07:00:00.000Z",
            commentSent: "sent comment",
            digest: "digest",
            postStatus: 200,
            postCorrelationId: "post-id",
            postDate: "post-date",
            proofCorrelationId: "proof-id",
            proofDate: "proof-date",
            proofSha256: createHash("sha256").update(JSON.stringify(raw)).digest("hex"),
            posts: 1,
            ...by,
        },
        request: "proven",
    });
});

test("a further request counts on, and drops the proof of the one before", (t) => {
    const first = recordProof(recordRequest({}, sent, by), observation, context);
    const second = recordRequest(first, { ...sent, receipt: undefined, at: at + 60_000 }, by);
    t.is(second.evidence?.posts, 2);
    t.is(second.evidence?.proofSha256, undefined);
    t.is(second.outcome, undefined);
    t.is(second.confirmedAtUtc, first.confirmedAtUtc);
});

test("the guard that let a request go out stands in its evidence, and not in that of the next", (t) => {
    const guard = { guardSha256: "of the guard", approvedDigest: "digest" };
    const first = recordRequest({}, { ...sent, guard }, by);
    t.like(first.evidence, guard);
    t.like(recordRequest(first, sent, by).evidence, { guardSha256: undefined, approvedDigest: undefined });
});

test("what was Cancelled without us is adopted, and its effect is unknown however it looked before", (t) => {
    t.like(recordProof({}, observation, { ...context, asked: false }), {
        outcome: "adopted",
        effect: "unknown",
        evidence: undefined,
    });
});

test("nothing was prevented for certain where the action shows another cancellation than the one that was sent", (t) => {
    const effect = (cancellationComment: string | undefined) =>
        recordProof(
            recordRequest({}, sent, by),
            { ...observation, action: { ...action, cancellationComment } },
            context,
        ).effect;
    t.deepEqual(["sent comment", "sent", undefined, "another comment"].map(effect), [
        ...["prevented", "prevented", "prevented"],
        "unknown",
    ]);
});

test("nothing was prevented for certain where the action was at work before it was cancelled", (t) => {
    const requested = recordRequest({}, { ...sent, statusBefore: "InProgress" }, by);
    t.is(recordProof(requested, observation, context).effect, "unknown");
});

test("the end of an action settles its request, also one of an earlier run, and nothing where none was sent", (t) => {
    const after = (request: "outstanding" | "proven" | undefined, asked: boolean) =>
        recordProof({ request }, observation, { ...context, asked }).request;
    t.is(after("outstanding", true), "proven");
    t.is(after("outstanding", false), "proven");
    t.is(after("proven", false), "proven");
    t.is(after(undefined, true), "proven");
    t.is(after(undefined, false), undefined);
});

test("a comment that was not stored contradicts no comment of the action", (t) => {
    const commented = { ...observation, action: { ...action, cancellationComment: "another comment" } };
    for (const evidence of [undefined, { posts: 1 }]) {
        const record = { statusBeforeCancel: "Pending", request: "outstanding", evidence } as const;
        t.is(recordProof(record, commented, context).effect, "prevented");
    }
});

test("a reading proves no request that was not at work", (t) => {
    const { evidence } = recordRequest({}, sent, by);
    t.deepEqual(recordProof({ evidence }, observation, { ...context, asked: false }).evidence, evidence);
    t.is(recordProof({}, observation, context).evidence, undefined);
});

test("TimeOut is expired and Succeeded is too late, whoever asked", (t) => {
    const ended = (status: string) =>
        recordProof({}, { ...observation, action: { ...action, status } }, context).outcome;
    t.deepEqual(["TimeOut", "Succeeded", "Failed"].map(ended), ["expired", "tooLate", "tooLate"]);
});

test("an adopted cancellation is ours only by the same identity and a tag of the same project and stack", (t) => {
    const ours = "INC-4711 [pulumi p/s/n 0123456789ab]";
    const rows: readonly (readonly [
        cancellationRequestor: string | undefined,
        cancellationComment: string | undefined,
        string,
    ])[] = [
        ["APP", ours, "ourselves"],
        ["app", "another comment [pulumi p/s/n ba9876543210]", "ourselves"],
        ["other", ours, "others"],
        ["app", "INC-4711", "others"],
        // After a rename, a replacement, or a move into a set.
        ["app", "INC-4711 [pulumi p/s/another/name 0123456789ab]", "ourselves"],
        ["OBJECT", ours, "ourselves"],
        ["Incident rescue", ours, "ourselves"],
        ["app", "INC-4711 [pulumi p/other/n 0123456789ab]", "others"],
        ["app", "INC-4711 [pulumi other/s/n 0123456789ab]", "others"],
        ["app", "INC-4711 [pulumi p 0123456789ab]", "others"],
        [undefined, ours, "others"],
        ["app", undefined, "others"],
    ];
    for (const [cancellationRequestor, cancellationComment, from] of rows) {
        const adopted = { ...observation, action: { ...action, cancellationRequestor, cancellationComment } };
        const names = { appId: "app", objectId: "object", observed: ["Incident Rescue"] };
        const { outcome, adoptedFrom } = recordProof({}, adopted, { ...context, by: names, asked: false });
        t.deepEqual([outcome, adoptedFrom as string], ["adopted", from]);
    }
    const taken = { ...observation, action: { ...action, cancellationRequestor: "app", cancellationComment: ours } };
    t.is(recordProof({}, taken, { ...context, asked: false, by: undefined }).adoptedFrom, "others");
    t.is(recordProof(recordRequest({}, sent, by), taken, context).adoptedFrom, undefined);
});

test("where our request was lost and somebody else cancelled, it is theirs", (t) => {
    const lost = recordRequest({}, { ...sent, receipt: undefined }, by);
    const theirs = {
        ...observation,
        action: { ...action, cancellationRequestor: "other", cancellationComment: "wrong scope" },
    };
    t.like(recordProof(lost, theirs, context), { outcome: "adopted", adoptedFrom: "others" });
    // Ours was taken: two asked, and it is Cancelled.
    t.is(recordProof(recordRequest({}, sent, by), theirs, context).outcome, "cancelled");
    // The comment decides, also where our own identity is not known.
    t.is(recordProof(lost, theirs, { ...context, by: undefined }).outcome, "adopted");
    // Nobody is named: it is what we asked for.
    t.is(recordProof(lost, observation, context).outcome, "cancelled");
});

test("without a comment, only a canceller that is certainly another makes a lost request theirs", (t) => {
    const lost = recordRequest({}, { ...sent, receipt: undefined }, by);
    const names = { appId: guid(1), objectId: guid(2) };
    const rows: readonly (readonly [cancellationRequestor: string | undefined, names: CancellerNames, Outcome])[] = [
        [undefined, names, "cancelled"],
        [guid(1), names, "cancelled"],
        [guid(2), names, "cancelled"],
        [guid(3), names, "adopted"],
        [guid(3), { appId: guid(1) }, "cancelled"],
        ["soc@contoso.example", names, "adopted"],
        ["soc@contoso.example", { ...names, isUser: true }, "cancelled"],
        ["soc@contoso.example", { ...names, userName: "SOC@contoso.example" }, "cancelled"],
        ["soc@contoso.example", { ...names, userName: "ir@contoso.example" }, "adopted"],
        // It may be the display name of our application, until another name was observed for us.
        ["Incident rescue", names, "cancelled"],
        ["Incident rescue", { ...names, observed: ["Cancel app"] }, "adopted"],
    ];
    for (const [cancellationRequestor, names, outcome] of rows) {
        const shown = { ...observation, action: { ...action, cancellationRequestor } };
        t.is(recordProof(lost, shown, { ...context, by: names }).outcome, outcome, cancellationRequestor);
    }
});

test("the canceller on the proof of our accepted request with our comment is kept as observed", (t) => {
    const comment = "INC-4711 [pulumi p/s/n 0123456789ab]";
    const names = { appId: guid(1), objectId: guid(2) };
    const shown = { ...action, cancellationComment: comment, cancellationRequestor: "Incident rescue" };
    const observed = (changes: Partial<MachineAction>, before: MachineAction | undefined, answered = true) =>
        recordProof(
            recordRequest({}, { ...sent, comment, receipt: answered ? receipt : undefined }, by),
            { ...observation, action: { ...shown, ...changes } },
            { ...context, by: names, before },
        ).evidence?.cancellationRequestor;
    t.is(observed({}, action), "Incident rescue");
    t.is(observed({ cancellationRequestor: guid(2) }, action), guid(2));
    t.is(observed({}, undefined), "Incident rescue", "an earlier run sent the request");
    t.is(observed({}, action, false), undefined, "its answer was lost");
    t.is(observed({}, shown), undefined, "it was there before the request");
    t.is(observed({ cancellationComment: "INC-4711" }, action), undefined, "another comment");
    t.is(observed({ cancellationComment: undefined }, action), undefined, "no comment");
    t.is(observed({ cancellationRequestor: "soc@contoso.example" }, action), undefined, "a user");
    t.is(observed({ cancellationRequestor: guid(3) }, action), undefined, "another application");
});

test("a request shows by a time that was not there before, and by its comment as far as the API keeps it", (t) => {
    const record = recordRequest({}, { ...sent, receipt: undefined }, by);
    const at = (time: string | undefined, cancellationComment?: string): MachineAction => ({
        ...action,
        cancellationDateTimeUtc: time,
        cancellationComment,
    });
    const [earlier, later] = ["2026-05-05T06:00:00Z", "2026-05-05T07:00:00Z"];
    t.true(showsRequest(at(later, "sent comment"), at(earlier, "sent comment"), record));
    t.true(showsRequest(at(later, "sent com"), at(undefined), record));
    const commanding = recordRequest({}, { ...sent, comment: "see ##[group]run 7" }, by);
    t.true(
        showsRequest(at(later, "see # #[group]run 7"), at(undefined), commanding),
        "as it is cleaned where it is read",
    );
    t.false(showsRequest(at(earlier, "sent comment"), at(earlier, "sent comment"), record));
    t.false(showsRequest(at(later, "by somebody else"), at(earlier), record));
    t.false(showsRequest(at(undefined), at(undefined), record));
    t.false(showsRequest(at(undefined), at(earlier), record));
});

test("where the answer was lost, the beginning of our comment proves neither our request nor that it prevented anything", (t) => {
    const lost = recordRequest({}, { ...sent, receipt: undefined }, by);
    const shown = (cancellationComment: string, cancellationRequestor: string) => ({
        ...observation,
        action: { ...action, cancellationComment, cancellationRequestor },
    });
    const names = { ...context, by: { appId: guid(1), objectId: guid(2) } };
    // An analyst cancelled in the portal, with the ticket as the comment.
    t.like(recordProof(lost, shown("sent", "alice@contoso.example"), names), {
        outcome: "adopted",
        adoptedFrom: "others",
        effect: "unknown",
    });
    // A name that may be ours: it is what was asked for, but whose request prevented it is not known.
    t.like(recordProof(lost, shown("sent", "Incident rescue"), names), { outcome: "cancelled", effect: "unknown" });
    t.is(recordProof(lost, shown("sent comment", "Incident rescue"), names).effect, "prevented");
});
