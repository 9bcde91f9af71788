import test from "ava";
import { isOutstanding, toOutputs } from "../../provider/model/outputs.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { storedCancellation } from "../../provider/schema/stored-cancellation.ts";
import { storedResult } from "../../provider/schema/stored-set.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const [early, late] = ["2026-05-05T07:00:00.000Z", "2026-05-05T07:00:01.000Z"];
const evidence = { commentSent: "", digest: "", posts: 2, apiHost: "", packageVersion: "" };

test("a request is outstanding until its end was proven: the evidence says so, else the times", (t) => {
    const rows: readonly (readonly [Properties, "outstanding" | "proven" | undefined])[] = [
        [{}, undefined],
        [{ confirmedAtUtc: early }, undefined],
        [{ requestedAtUtc: early }, "outstanding"],
        [{ requestedAtUtc: early, confirmedAtUtc: late }, "proven"],
        // The runner that proved the first request and the one that sent the second have clocks of their own.
        [{ requestedAtUtc: early, confirmedAtUtc: late, evidence }, "outstanding"],
        [{ requestedAtUtc: late, confirmedAtUtc: early, evidence }, "outstanding"],
        [{ requestedAtUtc: late, confirmedAtUtc: early, evidence: { ...evidence, proofSha256: "00" } }, "proven"],
    ];
    for (const [properties, request] of rows) {
        const stored = storedCancellation(properties);
        t.is(stored.request, request, JSON.stringify(properties));
        t.is(isOutstanding(stored), request === "outstanding");
    }
});

test("a request for an entry of a set is outstanding until a time of its proof stands beside it", (t) => {
    t.is(storedResult(id, {}).request, undefined);
    t.is(storedResult(id, { run: 0, requestedAtUtc: early }).request, "outstanding");
    t.is(storedResult(id, { run: 0, requestedAtUtc: late, confirmedAtUtc: early }).request, "proven");
    t.is(storedResult(id, { confirmedAtUtc: early }).request, undefined);
});

test("what is stored is found again, and written as it was", (t) => {
    const outputs = {
        status: "Cancelled",
        type: "Isolate",
        errorHResult: -1,
        outcome: "adopted",
        adoptedFrom: "others",
        effect: "unknown",
        confirmedAtUtc: early,
        evidence: { ...evidence, ofALaterVersion: "kept" },
    };
    const stored = storedCancellation({ ...outputs, comment: "INC-4711", __provider: "x" });
    t.deepEqual(toOutputs(stored, stored), outputs);
});

test("stored re-issues are a list, or none; what is unknown in one stays in it", (t) => {
    const one = { id, status: "Pending", ofALaterVersion: 7 };
    t.deepEqual(storedCancellation({ reissues: [one] }).reissues, [one]);
    for (const reissues of [undefined, null, "text", { id }, [{ id: "x", status: "Pending" }]]) {
        t.deepEqual(storedCancellation({ reissues }).reissues, []);
    }
});

test("a value of another form counts as not there", (t) => {
    const stored = storedCancellation({
        ...{ status: 7, type: ["Isolate"], outcome: "won", effect: "none", adoptedFrom: 1 },
        ...{ requestedAtUtc: 1, confirmedAtUtc: {}, errorHResult: "0", evidence: { posts: "2" } },
    });
    t.deepEqual(toOutputs(stored, stored), {});
    t.is(stored.request, undefined);
});
