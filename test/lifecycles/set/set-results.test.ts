import { createHash, randomUUID } from "node:crypto";
import test from "ava";
import type { CancellationResult } from "../../../provider/cancel/cancel-context.ts";
import { evidenceOfRun, updateRuns } from "../../../provider/lifecycles/set/run-evidence.ts";
import { countResults, keepResult, storeResult } from "../../../provider/lifecycles/set/set-results.ts";
import { DefenderError } from "../../../provider/model/errors.ts";
import type { RunEvidence } from "../../../provider/model/evidence.ts";
import { isOutstanding } from "../../../provider/model/outputs.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import { entryOf, type SetEntry } from "../../../provider/schema/set-inputs.ts";
import { declaredEntry, resultsIn, storedResult } from "../../../provider/schema/stored-set.ts";

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const expect = {
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    computerDnsName: "ws-0417.contoso.example",
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
};
const action = {
    id: machineActionId,
    status: "Cancelled",
    ...expect,
    requestSource: "PublicApi",
    scope: "Full",
    creationDateTimeUtc: "2026-05-05T06:19:00.1234567Z",
    cancellationDateTimeUtc: "2026-05-05T07:00:00.7654321Z",
    commands: [],
};
const evidence = {
    commentSent: "INC-4711 [pulumi p/s/n 0123456789ab]",
    digest: "01",
    postStatus: 200,
    postCorrelationId: "0f8fad5b-d9cb-469f-a165-70867728950e",
    postDate: "Tue, 05 May 2026 07:00:00 GMT",
    proofSha256: "02",
    posts: 1,
    tenantId: "tenant",
    apiHost: "api.example",
    appId: "app",
    packageVersion: "1.2.3",
};
const record = {
    outcome: "cancelled",
    effect: "prevented",
    statusBeforeCancel: "Pending",
    requestedAtUtc: "2026-05-05T07:00:00.123Z",
    confirmedAtUtc: "2026-05-05T07:00:02.456Z",
    evidence,
    request: "proven",
} as const;
const entryFor = (declared: object): SetEntry => entryOf(machineActionId, { machineActionId, ...declared }, {});
const store = (result: Partial<CancellationResult> = {}, declared: object = { expect }) =>
    storeResult(
        { action, record, failure: undefined, ...result },
        { entry: entryFor(declared), at: 4_999, run: 0, known: { reissues: [] } },
    );

const parsed = (stored: Properties) => storedResult(machineActionId, stored);

test("a proven cancellation takes less than 600 bytes with all that can be expected", (t) => {
    const stored = store();
    t.like(stored, {
        status: "Cancelled",
        outcome: "cancelled",
        creationDateTimeUtc: "2026-05-05T06:19:00.123Z",
        requestedAtUtc: "2026-05-05T07:00:00Z",
        confirmedAtUtc: "2026-05-05T07:00:02Z",
        run: 0,
        expect: "tmcrk",
    });
    t.true(JSON.stringify(stored).length < 600);
});

test("when the API cancelled is stored where our own time of the request does not tell", (t) => {
    const cancelledAt = (cancellationDateTimeUtc: string, requestedAtUtc: string | undefined = record.requestedAtUtc) =>
        store({ action: { ...action, cancellationDateTimeUtc }, record: { ...record, requestedAtUtc } })
            .cancellationDateTimeUtc;
    t.is(cancelledAt("2026-05-05T07:00:01.123Z"), undefined);
    t.is(cancelledAt("2026-05-05T06:59:59.123Z"), undefined);
    t.is(cancelledAt("2026-05-05T07:00:01.124Z"), "2026-05-05T07:00:01.124Z");
    t.is(cancelledAt("2026-05-05T06:57:00Z"), "2026-05-05T06:57:00Z");
    const { requestedAtUtc: _, ...adopted } = record;
    t.is(store({ record: adopted }).cancellationDateTimeUtc, "2026-05-05T07:00:00.765Z");
    const { cancellationDateTimeUtc: __, ...untold } = action;
    t.false("cancellationDateTimeUtc" in store({ action: untold }));
});

test("the record of a result goes on where it stopped", (t) => {
    const proven = parsed(store());
    t.like(proven, { outcome: "cancelled", requestedAtUtc: "2026-05-05T07:00:00Z", evidence: { posts: 1 } });
    t.false(isOutstanding(proven));
    const { proofSha256: _, ...unproven } = evidence;
    const open = parsed(
        store({
            action: { ...action, status: "InProgress" },
            record: {
                requestedAtUtc: record.requestedAtUtc,
                evidence: { ...unproven, posts: 2, postStatus: undefined },
                request: "outstanding",
            },
        }),
    );
    t.like(open, { evidence: { posts: 2, postStatus: undefined } });
    t.true(isOutstanding(open));
    t.is(parsed(store({ record: { outcome: "adopted" } })).evidence, undefined);
});

test("an entry is given back as it was declared", (t) => {
    for (const declared of [
        {},
        { expect },
        { expect: { computerDnsName: expect.computerDnsName } },
        { ifAlreadyFinal: "accept" },
        { expect: { type: "another" }, ifAlreadyFinal: "fail" },
    ]) {
        t.deepEqual(declaredEntry(machineActionId, store({}, declared)), { machineActionId, ...declared });
        const kept = keepResult(parsed(store()), { entry: entryFor(declared), at: 0, failure: undefined });
        t.deepEqual(declaredEntry(machineActionId, kept), { machineActionId, ...declared });
        const unseen = keepResult(undefined, { entry: entryFor(declared), at: 0, failure: undefined });
        t.deepEqual(declaredEntry(machineActionId, unseen), { machineActionId, ...declared });
    }
});

test("what is kept has the failure of this run, or none", (t) => {
    const failure = new DefenderError("ERR_DEFENDER_NETWORK", "gone");
    const fell = keepResult(parsed(store()), { entry: entryFor({}), at: 3, failure });
    t.like(fell, { failure: "ERR_DEFENDER_NETWORK", status: "Cancelled", at: 3 });
    t.false("failure" in keepResult(parsed(fell), { entry: entryFor({}), at: 3, failure: undefined }));
});

test("results come back in the order of the declaration", (t) => {
    const results = { c: { at: 1 }, a: { at: 2 }, b: { at: 0 } };
    t.deepEqual([...resultsIn({ results }).keys()], ["b", "c", "a"]);
    t.is(resultsIn({}).size, 0);
});

test("counts are by outcome and by effect, and what is open counts as unproven", (t) => {
    const open = { status: "InProgress", outcome: "cancelled", effect: "ran" };
    t.deepEqual(countResults([store(), store({ record: { outcome: "adopted", effect: "unknown" } }), open, {}]), {
        ...{ total: 4, cancelled: 1, adopted: 1, expired: 0, tooLate: 0, unproven: 2 },
        ...{ prevented: 1, ran: 0, unknown: 1 },
    });
});

test("what is common to a run takes less than 2 kB, and proves each of its results", (t) => {
    const results = Array.from(
        { length: 5_000 },
        (_, index): CancellationResult => ({
            machineActionId: randomUUID(),
            action,
            record: { ...record, requestedAtUtc: new Date(1_777_000_000_000 + index).toISOString() },
            failure: undefined,
        }),
    );
    const run = evidenceOfRun(results);
    t.like(run, {
        requested: 5_000,
        firstRequestUtc: new Date(1_777_000_000_000).toISOString(),
        lastRequestUtc: new Date(1_777_000_004_999).toISOString(),
        commentSent: evidence.commentSent,
    });
    t.true(JSON.stringify(run).length < 2_000);
    t.is(evidenceOfRun([]), undefined);
    t.false("guardSha256" in (run ?? {}));
    t.false("approvedDigest" in (run ?? {}));
    const [first, ...others] = results;
    const guarded = { ...evidence, guardSha256: "03", approvedDigest: "04" };
    const approved = [...others, { ...first, record: { ...record, evidence: guarded } }] as CancellationResult[];
    t.like(evidenceOfRun(approved.toReversed()), { guardSha256: "03", approvedDigest: "04" });
});

test("the evidence of a run is that of the proofs of its results, whenever they were made", (t) => {
    const run = evidenceOfRun([{ machineActionId: "a", action, record, failure: undefined }]) as RunEvidence;
    const nothing = createHash("sha256").update("").digest("hex");
    t.like(run, { proofs: 0, proofsSha256: nothing });
    const proof = (proofSha256?: string) => ({ run: 0, confirmedAtUtc: "2026-05-04T10:00:00Z", proofSha256 });
    const proofs = (...results: [string, Properties][]) => updateRuns([run], new Map(results))[0];

    const both = { proofs: 2, proofsSha256: createHash("sha256").update("a 01\nb 02").digest("hex") };
    t.like(proofs(["b", proof("02")], ["a", proof("01")], ["c", { run: 0 }], ["d", { ...proof("03"), run: 1 }]), both);
    t.like(proofs(["a", proof("01")]), { proofs: 1, leftRun: undefined });

    // rc.1 stored no hash with a result: its own hash stays until nothing of it is left to prove.
    const { proofs: _, ...old } = { ...run, proofsSha256: "of rc.1" };
    t.deepEqual(updateRuns([old], new Map<string, Properties>([["a", proof()]])), [old]);
    t.deepEqual(
        updateRuns(
            [old],
            new Map<string, Properties>([
                ["a", proof("01")],
                ["b", proof()],
            ]),
        ),
        [old],
    );
    t.deepEqual(updateRuns([old], new Map<string, Properties>([["a", { run: 0 }]])), [old]);
    t.like(
        updateRuns(
            [old],
            new Map<string, Properties>([
                ["a", proof("01")],
                ["b", proof("02")],
            ]),
        )[0],
        both,
    );
});

test("a run counts the actions that have left it: requested again by a later run, or no longer declared", (t) => {
    const run = evidenceOfRun([{ machineActionId: "a", action, record, failure: undefined }]) as RunEvidence;
    const before = new Map<string, Properties>(["a", "b", "c"].map((id) => [id, { run: 0 }]));
    const after = new Map<string, Properties>([
        ["a", { run: 0 }],
        ["b", { run: 1 }],
    ]);
    const [first, second] = updateRuns([run, run], after, before);
    t.is(first?.leftRun, 2);
    t.false("leftRun" in (second ?? {}));
    t.is(updateRuns([{ ...run, leftRun: 2 }], new Map(), new Map([["a", { run: 0 }]]))[0]?.leftRun, 3);
});

test("results whose place was tampered with are still all there", (t) => {
    const results = { a: { at: { toString: 1 } }, b: { at: "x" }, c: { at: -1 } };
    t.deepEqual([...resultsIn({ results }).keys()], ["c", "a", "b"]);
});
