import { createHash, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { approvalPair, approvalText } from "../../provider/guard/approvals.ts";
import { createDayCount } from "../../provider/guard/day-count.ts";
import { createGuard } from "../../provider/guard/guard.ts";
import { fileCount } from "../../provider/guard/run-count.ts";
import { declarationDigest } from "../../provider/model/declaration.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { guarded, setInputs, singleInputs } from "../helpers/guarded.ts";

const [id, otherId] = ["5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", "00000000-0000-4000-8000-000000000001"] as const;
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";

const digestOf = (...entries: readonly (readonly [string, Properties])[]) =>
    declarationDigest(entries.map(([machineActionId, inputs]) => declaredCancellation(machineActionId, inputs)));

/** The approval of these entries, for one rule on these machines. */
function approvalOf(
    entries: readonly (readonly [string, Properties])[],
    rule: string,
    machines: readonly string[] = [machineId],
): string {
    const digest = digestOf(...entries);
    return approvalText(
        digest,
        machines.map((machine) => approvalPair(digest, machine, rule) ?? ""),
    );
}

test("what the guard lets is sent, and the evidence names the guard", async (t) => {
    const api = await guarded(t, "version: 1\nallowTypes: [Isolate]\nmaxPerRun: 1\n", { actions: [{ id }] });
    const run = api.run();
    const { outs } = await run.single.create(await singleInputs(run, id));
    t.is(outs.status, "Cancelled");
    const guardSha256 = createHash("sha256")
        .update(await readFile(api.guardPath))
        .digest("hex");
    t.like(outs.evidence, { posts: 1, guardSha256 });
    t.false("approvedDigest" in (outs.evidence as object), "nothing had to be approved");
    t.deepEqual(run.said, [`guard ${api.guardPath} (SHA-256 ${guardSha256.slice(0, 12)}): maxPerRun, allowTypes`]);
});

test("without a guard one line of the run says so, and the evidence names none", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 0\n", { actions: [{ id }, { id: otherId }] });
    const run = api.run({ DEFENDER_GUARD: undefined });
    for (const one of [id, otherId]) {
        const { outs } = await run.single.create(await singleInputs(run, one));
        t.false("guardSha256" in (outs.evidence as object));
    }
    t.deepEqual(run.said, ["no guard is set (DEFENDER_GUARD): only the token limits what this program can cancel"]);
});

test("what is protected is sent once its digest is approved, among others, and the evidence says so", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\n", { actions: [{ id, machineId }] });
    const digest = digestOf([id, {}]);
    const approval = approvalOf([[id, {}]], "protectTypes");
    const run = api.run({
        DEFENDER_APPROVED_DIGEST: `${"0".repeat(64)}:${"0".repeat(16)} ${approval.toUpperCase()}`,
    });
    const { outs } = await run.single.create(await singleInputs(run, id));
    t.like(outs.evidence, { digest, approvedDigest: digest });
    t.regex(run.said[1] ?? "", /is protected and was approved: protectTypes: type is "Isolate"/);
});

test("the approval of a set is that of all its entries: one more, and it is another digest", async (t) => {
    const actions = [id, otherId].map((one) => ({ id: one, machineId }));
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\n", { actions });
    const environment = { DEFENDER_APPROVED_DIGEST: approvalOf([[id, {}]], "protectTypes") };
    const [alone, both] = [[{ machineActionId: id }], [{ machineActionId: id }, { machineActionId: otherId }]];
    const refused = api.run(environment);
    await t.throwsAsync(refused.set.create(await setInputs(refused, both)), {
        message: new RegExp(`DEFENDER_APPROVED_DIGEST=${digestOf([id, {}], [otherId, {}])}`),
    });
    t.is(api.posts(), 0);
    const run = api.run(environment);
    const { outs } = await run.set.create(await setInputs(run, alone));
    t.like(outs.counts, { cancelled: 1 });
    t.like((outs.evidence as object[])[0], { approvedDigest: digestOf([id, {}]) });
});

test("of a set, what the guard refuses is named, and the rest is cancelled", async (t) => {
    const actions = [{ id, type: "Unisolate" }, { id: otherId }];
    const api = await guarded(t, "version: 1\ndenyTypes: [Unisolate]\n", { actions });
    const run = api.run();
    const inputs = await setInputs(
        run,
        actions.map((action) => ({ machineActionId: action.id })),
    );
    const error = await t.throwsAsync(run.set.create(inputs));
    const { reasons, properties } = error as Error & { reasons: string[]; properties: Properties };
    t.regex(reasons.join("\n"), new RegExp(`ERR_DEFENDER_DENIED: the guard refuses to cancel machine action ${id}`));
    t.is(reasons.length, 2);
    t.like(properties.results, { [otherId]: { status: "Cancelled", outcome: "cancelled" } });
    t.is(api.posts(), 1);
    t.is(api.simulator.action(id)?.status, "Pending");
});

test("a place in the run that nothing was sent for is given back", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 1\n", { actions: [{ id }, { id: otherId }] });
    const run = api.run();
    // Past between the look and the request: only then a place was taken.
    const notAfter = "2026-05-05T07:00:00.000Z";
    const late = await singleInputs(run, id, { notAfter });
    api.clock.advance(1);
    await t.throwsAsync(run.single.create(late), { message: /ERR_DEFENDER_PAST_NOT_AFTER/ });
    await run.single.create(await singleInputs(run, otherId));
    t.is(api.posts(), 1);
    await t.throwsAsync(run.single.create(await singleInputs(run, id)), { message: /maxPerRun/ });
});

test("the machines of a set are read in one list, each again only after two minutes, those of final actions never", async (t) => {
    const actions = Array.from({ length: 60 }, (_, at) => ({
        id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
        machineId: String(at % 30).padStart(40, "0"),
        status: at % 30 === 7 ? "Cancelled" : "Pending",
    }));
    const api = await guarded(t, "version: 1\nprotectTags: [tier-0]\n", {
        actions,
        machines: [{ id: "3".padStart(40, "0"), machineTags: ["tier-0"] }],
    });
    const run = api.run();
    const entries = actions.map((action) => ({ machineActionId: action.id }));
    const error = await t.throwsAsync(run.set.create(await setInputs(run, entries)));
    t.is((error as Error & { reasons: string[] }).reasons.length, 3, "both actions of the protected machine");
    t.is(api.posts(), 56);
    const reads = api.simulator.requests.filter(({ operation }) => operation === "machines");
    const asked = reads.map(({ query, at }) => ({
        ids: decodeURIComponent(query ?? "").match(/[0-9a-f]{40}/g) ?? ([] as string[]),
        at,
    }));
    t.is(asked[0]?.ids.length, 29);
    t.false(asked.some(({ ids }) => ids.includes("7".padStart(40, "0"))));
    for (const [nth, { ids, at }] of asked.entries()) {
        const fresh = asked.slice(0, nth).filter((earlier) => at - earlier.at < 120_000);
        t.false(fresh.some((earlier) => earlier.ids.some((one) => ids.includes(one))));
    }
});

test("no machine is read where no rule asks for one", async (t) => {
    const api = await guarded(t, "version: 1\ndenyTypes: [Unisolate]\n", { actions: [{ id, machineId }] });
    const run = api.run();
    await run.set.create(await setInputs(run, [{ machineActionId: id }]));
    t.is(api.posts(), 1);
    t.false(api.simulator.requests.some(({ operation }) => operation === "machines"));
});

test("a guard is read once in a run: what is written into it meanwhile counts for the next", async (t) => {
    const api = await guarded(t, "version: 1\ndenyTypes: [Isolate]\n", { actions: [{ id }] });
    const run = api.run();
    await t.throwsAsync(run.single.create(await singleInputs(run, id)), { message: /denyTypes/ });
    await writeFile(api.guardPath, "version: 1\ndenyTypes: [Offboard]\n");
    await t.throwsAsync(run.single.create(await singleInputs(run, id)), { message: /denyTypes/ });
    t.is(api.posts(), 0);
});

test("what its owner should look at is said once, after what holds", async (t) => {
    const api = await guarded(t, "version: 1\ndenyTypes: [Unisolat]\n", { actions: [{ id }, { id: otherId }] });
    const run = api.run();
    for (const one of [id, otherId]) {
        await run.single.create(await singleInputs(run, one));
    }
    t.is(run.said.length, 2);
    t.regex(run.said[0] ?? "", /^guard .* \(SHA-256 [0-9a-f]{12}\): denyTypes$/);
    t.regex(
        run.said[1] ?? "",
        /^guard .*: denyTypes has "Unisolat": this package does not know this type\. Expected one of RunAnti/,
    );
});

test("an approval stands in the evidence of what needed it, and of nothing else", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTypes: [Offboard]\n", { actions: [{ id, machineId }] });
    const run = api.run({ DEFENDER_APPROVED_DIGEST: approvalOf([[id, {}]], "protectTypes") });
    const { outs } = await run.single.create(await singleInputs(run, id));
    t.false("approvedDigest" in (outs.evidence as object));
    t.is(run.said.length, 1, "nothing is said of an approval");
});

test("an approval lifts what protects, and only that", async (t) => {
    const api = await guarded(t, "version: 1\ndenyTypes: [Isolate]\nprotectTypes: [Isolate]\n", {
        actions: [{ id, machineId }],
    });
    const digest = digestOf([id, {}]);
    const approval = approvalOf([[id, {}]], "protectTypes");
    const { guard, observer } = api.run({ DEFENDER_APPROVED_DIGEST: approval }).session();
    const { action } = await observer.read(id);
    const { refusals, lifted } = await guard.evaluate({ action, expect: undefined, notAfter: undefined, digest });
    t.deepEqual(
        [refusals, lifted].map((some) => some.map(({ rule }) => rule)),
        [["denyTypes"], ["protectTypes"]],
    );
});

test("ten approved cancellations are named, the others are not", async (t) => {
    const entries = Array.from({ length: 12 }, () => ({ id: randomUUID(), machineId }));
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\n", { actions: entries });
    const declared = entries.map((entry) => [entry.id, {}] as const);
    const DEFENDER_APPROVED_DIGEST = approvalOf(declared, "protectTypes");
    const run = api.run({ DEFENDER_APPROVED_DIGEST });
    await run.set.create(
        await setInputs(
            run,
            entries.map((entry) => ({ machineActionId: entry.id })),
        ),
    );
    const named = run.said.filter((line) => line.includes("was approved"));
    t.is(named.length, 10);
    t.deepEqual(
        named.map((line) => line.endsWith("; further approvals are not logged")),
        named.map((_, index) => index === 9),
    );
    t.is(api.posts(), 12);
});

test("without a guard a preview finds no refusal", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 0\n", { actions: [{ id }] });
    const { guard, observer } = api.run({ DEFENDER_GUARD: undefined }).session();
    const { action } = await observer.read(id);
    const question = { action, expect: undefined, notAfter: undefined, digest: "" };
    t.deepEqual(await guard.evaluate(question), { refusals: [], lifted: [], pairs: [] });
});

test("a permit gives its place back once, and not after it was used", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 2\n", { actions: [{ id }] });
    const { guard, observer } = api.run().session();
    const { action } = await observer.read(id);
    const question = { action, expect: undefined, notAfter: undefined, digest: "" };
    const [used, unused] = [await guard.authorize(question), await guard.authorize(question)];
    await t.throwsAsync(guard.authorize(question), { code: "ERR_DEFENDER_DENIED" });
    used.use();
    await used.end();
    await t.throwsAsync(guard.authorize(question), { code: "ERR_DEFENDER_DENIED" });
    await unused.end();
    await unused.end();
    await t.notThrowsAsync(guard.authorize(question));
    await t.throwsAsync(guard.authorize(question), { code: "ERR_DEFENDER_DENIED" });
});

test("a count that cannot be kept lets nothing through, and names its own file, not only the guard's", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 2\n", { actions: [{ id }] });
    const { observer, machines, clock, client, credentials } = api.run().session();
    const dayCount = createDayCount({
        list: createVerifiedList(client, () => {}, "a re-issue"),
        identify: credentials.identity,
        clock,
    });
    const { action } = await observer.read(id);
    const count = fileCount(join(dirname(api.guardPath), "runs.json"), "127.0.0.1:1");
    await writeFile(join(dirname(api.guardPath), "runs.json"), "{");
    const guard = createGuard({
        guardFile: api.guardPath,
        approvals: [],
        machines,
        count,
        dayCount,
        clock,
        log() {},
    });
    await t.throwsAsync(guard.authorize({ action, expect: undefined, notAfter: undefined, digest: "" }), {
        code: "ERR_DEFENDER_GUARD",
        message:
            /guard-0\.yaml has maxPerRun, but the count .*runs\.json is damaged: remove it when no run .* Nothing is sent/,
    });
});

test("a preview hears from the guard what a run would, and takes its places", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 1\ndenyTypes: [Unisolate]\nprotectTypes: [Isolate]\n", {
        actions: [{ id, machineId }],
    });
    const digest = digestOf([id, {}]);
    const approval = approvalOf([[id, {}]], "protectTypes");
    const { guard, observer } = api.run({ DEFENDER_APPROVED_DIGEST: approval }).session();
    const { action } = await observer.read(id);
    const question = { action, expect: undefined, notAfter: undefined, digest };
    t.like(await guard.evaluate({ ...question, digest: "0".repeat(64) }), { refusals: [{ rule: "protectTypes" }] });
    t.like(await guard.evaluate(question), { refusals: [], lifted: [{ rule: "protectTypes" }] });
    t.like(await guard.evaluate(question), { refusals: [{ rule: "maxPerRun" }] });
    t.is(api.posts(), 0);
});

test("an approval lifts what its preview showed: what is protected later stays refused", async (t) => {
    const other = "a".repeat(40);
    const actions = [
        { id, machineId },
        { id: otherId, machineId: other },
    ];
    const api = await guarded(t, "version: 1\nprotectTags: [tier-0]\nprotectRiskScores: [High]\n", {
        actions,
        machines: [{ id: machineId, machineTags: ["tier-0"] }, { id: other }],
    });
    const declared = actions.map((action) => [action.id, {}] as const);
    const digest = digestOf(...declared);
    const { guard, observer } = api.run().session();
    const shown = await Promise.all(
        actions.map(async (one) => {
            const { action } = await observer.read(one.id);
            return (await guard.evaluate({ action, expect: undefined, notAfter: undefined, digest })).pairs;
        }),
    );
    t.deepEqual(shown, [[approvalPair(digest, machineId, "protectTags")], []]);
    // Since then one machine has turned High, and the other was tagged.
    api.simulator.seedMachine({ id: machineId, machineTags: ["tier-0"], riskScore: "High" });
    api.simulator.seedMachine({ id: other, machineTags: ["tier-0"] });
    const entries = actions.map((action) => ({ machineActionId: action.id }));
    const run = api.run({ DEFENDER_APPROVED_DIGEST: approvalText(digest, shown.flat()) });
    const error = await t.throwsAsync(run.set.create(await setInputs(run, entries)));
    t.regex(
        error?.message ?? "",
        new RegExp(`${id} .*: protectRiskScores: riskScore is "High", and the rule protects "High"\\.`),
    );
    t.regex(error?.message ?? "", new RegExp(`${otherId} .*: protectTags: machineTags are "tier-0"`));
    t.is(api.posts(), 0);
    const [tags, scores] = [
        approvalOf(declared, "protectTags", [machineId, other]),
        approvalOf(declared, "protectRiskScores"),
    ];
    const all = api.run({ DEFENDER_APPROVED_DIGEST: `${tags} ${scores}` });
    const { outs } = await all.set.create(await setInputs(all, entries));
    t.like(outs.counts, { total: 2, unproven: 0 });
    t.is(api.posts(), 2);
});

test("a preview gives the pairs of all that protects an action, what is approved included", async (t) => {
    const api = await guarded(
        t,
        "version: 1\nprotectTypes: [Isolate]\nprotectMachineIds: ['3c0ffee0123456789abcdef0123456789abcdef0']\n",
        {
            actions: [{ id, machineId }],
        },
    );
    const digest = digestOf([id, {}]);
    const approval = approvalOf([[id, {}]], "protectTypes");
    const { guard, observer } = api.run({ DEFENDER_APPROVED_DIGEST: approval }).session();
    const { action } = await observer.read(id);
    const { refusals, lifted, pairs } = await guard.evaluate({
        action,
        expect: undefined,
        notAfter: undefined,
        digest,
    });
    t.deepEqual(
        [refusals, lifted].map((some) => some.map(({ rule }) => rule)),
        [["protectMachineIds"], ["protectTypes"]],
    );
    t.deepEqual(pairs, [
        approvalPair(digest, machineId, "protectMachineIds"),
        approvalPair(digest, machineId, "protectTypes"),
    ]);
});

test("machines are read for the actions of a burst together, and again when two minutes are over", async (t) => {
    const actions = Array.from({ length: 40 }, (_, nth) => ({
        id: randomUUID(),
        machineId: String(nth).padStart(40, "0"),
    }));
    const api = await guarded(t, "version: 1\nprotectRiskScores: [High]\n", { actions });
    const { guard, observer } = api.run().session();
    const seen = await Promise.all(actions.map(async (action) => (await observer.read(action.id)).action));
    const lists = () => api.simulator.requests.filter(({ operation }) => operation === "machines").length;
    const question = (nth: number) => ({
        action: seen[nth] ?? { id, status: "Pending", commands: [] },
        expect: undefined,
        notAfter: undefined,
        digest: "",
    });
    await guard.prefetch(seen);
    t.is(lists(), 1);
    for (const nth of seen.keys()) {
        await guard.authorize(question(nth));
    }
    t.is(lists(), 1);
    api.simulator.seedMachine({ id: actions[3]?.machineId ?? "", riskScore: "High" });
    api.clock.advance(120_001);
    await t.throwsAsync(guard.authorize(question(3)), { message: /protectRiskScores: riskScore is "High"/ });
});

test("maxPerDay holds over many small runs, by what the API shows, and within one", async (t) => {
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const api = await guarded(t, "version: 1\nmaxPerDay: 5\n", { actions: ids.map((one) => ({ id: one })) });
    for (const one of ids.slice(0, 3)) {
        const run = api.run();
        await run.single.create(await singleInputs(run, one));
    }
    const run = api.run();
    const error = await t.throwsAsync(
        run.set.create(
            await setInputs(
                run,
                ids.slice(3).map((machineActionId) => ({ machineActionId })),
            ),
        ),
    );
    t.is(api.posts(), 5);
    const { reasons } = error as Error & { reasons: string[] };
    t.regex(reasons[1] ?? "", /^3 \(.*\): ERR_DEFENDER_DENIED: .*maxPerDay: Defender shows [345] canc/);
    // A day later there is room again.
    api.clock.advance(25 * 3_600_000);
    const later = api.run();
    await later.single.create(
        await singleInputs(later, ids.find((one) => api.simulator.action(one)?.status === "Pending") ?? ""),
    );
    t.is(api.posts(), 6);
});

test("a preview goes by maxPerDay too, and takes its places", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerDay: 1\n", { actions: [{ id }, { id: otherId }] });
    const { guard, observer } = api.run().session();
    const evaluations = [];
    for (const one of [id, otherId]) {
        const { action } = await observer.read(one);
        evaluations.push(await guard.evaluate({ action, expect: undefined, notAfter: undefined, digest: "" }));
    }
    t.deepEqual(
        evaluations.map(({ refusals }) => refusals.map(({ rule }) => rule)),
        [[], ["maxPerDay"]],
    );
    t.is(api.posts(), 0);
});

test("a day that cannot be counted lets nothing through, says why and what to do", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerDay: 5\n", {
        actions: [{ id }],
        faults: ({ operation }) => (operation === "list" ? { name: "answer", when: "before", status: 403 } : undefined),
    });
    const run = api.run();
    await t.throwsAsync(run.single.create(await singleInputs(run, id)), {
        message:
            /ERR_DEFENDER_GUARD: the guard .* has maxPerDay, but the cancellations of the last 24 hours cannot be counted: ERR_DEFENDER_FORBIDDEN: .* Nothing is sent\. Run again once the API lists them/,
    });
    t.is(api.posts(), 0);
});

test("a place of the day that nothing was sent for is given back, also where the run has none left", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerDay: 1\nmaxPerRun: 2\n", { actions: [{ id }, { id: otherId }] });
    const { guard, observer } = api.run().session();
    const [one, other] = await Promise.all([id, otherId].map(async (which) => (await observer.read(which)).action));
    const ask = (action: typeof one) =>
        guard.authorize({
            action: action ?? { id, status: "Pending", commands: [] },
            expect: undefined,
            notAfter: undefined,
            digest: "",
        });
    const authorization = await ask(one);
    await t.throwsAsync(ask(other), {
        message: /maxPerDay: Defender shows 0 .* requested 1 more; at most 1 are allowed/,
    });
    await authorization.end();
    const used = await ask(other);
    used.use();
    await used.end();
    await t.throwsAsync(ask(one), { message: /maxPerDay/ });
});

test("without maxPerDay nothing is counted", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 5\ndenyTypes: [Unisolate]\n", { actions: [{ id }] });
    const run = api.run();
    await run.single.create(await singleInputs(run, id));
    t.false(api.simulator.requests.some(({ query }) => query?.includes("Cancelled")));
});
