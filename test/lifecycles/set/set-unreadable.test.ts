import test from "ava";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import type { Fault, FaultPlan } from "../../../simulator/index.ts";
import { unhealthy } from "../../helpers/engine-wire.ts";
import { __provider, type KeptSet, onSetStage, resultOf } from "../../helpers/set-stage.ts";

const fleet = (count: number) => Array.from({ length: count }, () => ({}));
const forbidden: Fault = { name: "answer", when: "before", status: 403, body: '{"error":{"code":"Forbidden"}}' };

/** What fails as long as it is set: the reading of one action, or all. */
function failing() {
    let failed: readonly string[] | "all" = [];
    const faults: FaultPlan = ({ operation, actionId = "" }) => {
        if (failed === "all") {
            return operation === "cancel" ? undefined : "503 before";
        }
        const [first] = failed;
        if (first === undefined) {
            return undefined;
        }
        if (operation === "list") {
            return { name: "not visible", actionId: first };
        }
        return operation === "get" && failed.includes(actionId) ? forbidden : undefined;
    };
    return {
        faults,
        set(what: readonly string[] | "all") {
            failed = what;
        },
    };
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test("one entry that cannot be read stays as it is, and the others have their news", async (t) => {
    const fault = failing();
    await onSetStage(
        fleet(5),
        async ({ create, read, update, diff, inputs, ids, simulator, posts }) => {
            const news = await inputs();
            const stored = { ...(await create(news)), __provider };
            const [denied = "", drifted = ""] = ids;
            fault.set([denied]);
            simulator.resume(drifted);
            const kept = await unhealthy(read(stored));
            t.deepEqual(kept?.inputs.deviations, {
                [denied]: "not readable: ERR_DEFENDER_FORBIDDEN",
                [drifted]: "InProgress",
            });
            t.deepEqual(resultOf(kept?.outputs ?? {}, denied), resultOf(plain(stored), denied));
            t.is(resultOf(kept?.outputs ?? {}, drifted)?.status, "InProgress");
            t.is(kept?.initErrors[0], "1 of 5 records not readable, and kept");
            t.regex(
                kept?.initErrors[1] ?? "",
                new RegExp(`^ERR_DEFENDER_FORBIDDEN: machine action ${denied} \\(Isolate`),
            );
            t.is(kept?.initErrors.length, 2);
            t.true(await diff(kept?.outputs ?? {}, news));

            // The drift is repaired all the same; the entry fails, with its record.
            const failure = await t.throwsAsync<KeptSet>(update(kept?.outputs ?? {}, news));
            const untracked = (reason: string) => reason.replace(/ \(tracking id .*/, "");
            t.is(failure?.reasons[0], kept?.initErrors[0]);
            t.regex(
                untracked(failure?.reasons[1] ?? ""),
                /^ERR_DEFENDER_FORBIDDEN: .*: see the refresh\. .*Remove the cause, then/,
            );
            t.is(posts(drifted), 2);
            t.is(posts(), 6);
            t.like(failure?.properties.counts, { total: 5, cancelled: 5 });
            t.deepEqual(resultOf(failure?.properties ?? {}, denied), resultOf(plain(stored), denied));

            fault.set([]);
            const repaired = await update({ ...failure?.properties }, news);
            t.deepEqual(resultOf(repaired, denied), resultOf(plain(stored), denied));
            t.false(await diff(repaired, news));
            t.is(posts(), 6);
        },
        { faults: fault.faults },
    );
});

test("new entries are cancelled beside one that cannot be read, also where another process has found that out", async (t) => {
    const fault = failing();
    await onSetStage(
        fleet(4),
        async ({ create, update, lifecycle, inputs, ids, posts }) => {
            const few = await inputs({
                cancellations: ids.slice(0, 2).map((machineActionId) => ({ machineActionId })),
            });
            const stored = { ...(await create(few)), __provider };
            const [denied = ""] = ids;
            fault.set([denied]);
            const all = await inputs();
            await lifecycle.check({ ...few, deviations: { [denied]: "not readable: ERR_DEFENDER_SERVER" } }, all);
            const failure = await t.throwsAsync<KeptSet>(update(stored, all));
            t.is(posts(), 4);
            t.like(failure?.properties.counts, { total: 4, cancelled: 4 });
            t.regex(failure?.reasons[0] ?? "", /^1 of 4 records not readable/);
            t.regex(failure?.message ?? "", /ERR_DEFENDER_FORBIDDEN/);
        },
        { faults: fault.faults },
    );
});

test("an update without a difference reads the whole set again, and keeps the state that it has while that fails", async (t) => {
    const fault = failing();
    await onSetStage(
        fleet(3),
        async ({ create, update, inputs, posts }) => {
            const news = await inputs();
            const stored = { ...(await create(news)), __provider };
            fault.set("all");
            const failure = await t.throwsAsync<KeptSet>(update(stored, news), {
                message: /^3 of 3 records not readable/,
            });
            t.false(Object.hasOwn(failure ?? {}, "properties"), "the engine keeps the state that it has");
            fault.set([]);
            const outs = await update(stored, news);
            t.deepEqual(plain({ ...outs, __provider }), plain(stored));
            t.is(posts(), 3);
        },
        { faults: fault.faults },
    );
});

test("a set whose state was edited is answered as it is, and its entries are not believed", async (t) => {
    await onSetStage(fleet(1), async ({ lifecycle, inputs, ids, simulator, diff }) => {
        const news = await inputs();
        for (const results of [
            [],
            { "../machines": { status: "Cancelled" } },
            { [ids[0] ?? ""]: { status: "Cancelled", at: "1" } },
        ]) {
            const stored = { ...news, results };
            const kept = await unhealthy(lifecycle.read("set", stored));
            t.deepEqual(kept?.outputs, plain(stored));
            t.is(kept?.inputs.desiredStatus, "not readable: ERR_DEFENDER_STATE");
            t.regex(kept?.initErrors[0] ?? "", /^ERR_DEFENDER_STATE: the state of the set set cannot be used: /);
            t.true(await diff(stored, news));
            await t.throwsAsync(lifecycle.update("set", stored, news), { message: /^ERR_DEFENDER_STATE/ });
        }
        t.deepEqual(simulator.requests, []);
    });
});

test("nothing of a set of 8 MB is lost where entries cannot be read", async (t) => {
    await onSetStage(
        [],
        async ({ lifecycle, inputs, said, diff }) => {
            const news = await inputs({ cancellations: [] });
            const results = Object.fromEntries(
                Array.from({ length: 3 }, (_, at) => [
                    `00000000-0000-4000-8000-00000000000${at}`,
                    { status: "Cancelled", outcome: "adopted", requestorComment: "x".repeat(3_000_000), at },
                ]),
            );
            const stored: Properties = { ...news, digest: "00", results, evidence: [] };
            const { props, inputs: shown } = await lifecycle.read("set", stored);
            t.deepEqual(props.results, results);
            t.is(Object.values(shown.deviations as Properties)[2], "not readable: ERR_DEFENDER_FORBIDDEN");
            t.regex(said.join("\n"), /3 of 3 records not readable/);
            t.true(await diff(props, news));
        },
        { faults: () => forbidden },
    );
});
