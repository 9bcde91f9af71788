import test from "ava";
import { approvalPair } from "../../provider/guard/approvals.ts";
import { foresee } from "../../provider/plan/foresight.ts";
import { targetOf } from "../helpers/core.ts";
import { guarded } from "../helpers/guarded.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const digest = "ab".repeat(32);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const pair = approvalPair(digest, machineId, "protectTypes") ?? "";
const target = targetOf(id, { digest });

test("what would be cancelled comes with its machine and the guard's word", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\n", {
        actions: [{ id, machineId }],
    });
    const seen = await foresee(target, true, api.run().session());
    t.deepEqual(seen.pairs, [pair]);
    t.like(seen, { verdict: "refused", isApprovable: true });
    t.regex(
        seen.line,
        /^refused by the guard: Isolate on .*; protectTypes: type is "Isolate", protected are "Isolate"$/,
    );
    t.is(seen.machine?.facts.machine?.riskScore, "None");
    const approved = await foresee(target, true, api.run({ DEFENDER_APPROVED_DIGEST: `${digest}:${pair}` }).session());
    t.like(approved, { verdict: "fine", isApprovable: false, pairs: [pair] });
    t.regex(approved.line, /^would cancel: .*; protected, and approved \(protectTypes: /);
    t.is(api.posts(), 0);
});

test("what an approval cannot lift is not offered for one", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\ndenyTypes: [Isolate]\n", { actions: [{ id }] });
    t.like(await foresee(target, true, api.run().session()), { verdict: "refused", isApprovable: false });
});

test("an unusable guard is the guard's word, too", async (t) => {
    const api = await guarded(t, "version: 2\n", { actions: [{ id }] });
    const seen = await foresee(target, true, api.run().session());
    t.is(seen.verdict, "refused");
    t.regex(seen.line, /refused by the guard: Isolate.*ERR_DEFENDER_GUARD/);
});

test("the guard is not asked about what is not wholly known, nor about what would not be cancelled", async (t) => {
    const finished = "00000000-0000-4000-8000-000000000001";
    const api = await guarded(t, "version: 1\nmaxPerRun: 0\n", {
        actions: [{ id }, { id: finished, status: "Cancelled" }],
    });
    const session = api.run().session();
    t.is((await foresee(target, false, session)).verdict, "fine");
    const over = await foresee(targetOf(finished), true, session);
    t.like(over, { verdict: "fine", machine: undefined });
    t.regex(over.line, /^already cancelled/);
});
