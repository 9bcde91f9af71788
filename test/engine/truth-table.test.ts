import { randomUUID } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import type { ActionSeed } from "../../simulator/action-seed.ts";
import type { Simulator } from "../../simulator/index.ts";
import type { EngineRun, StoredResource } from "../helpers/engine.ts";
import { appId } from "../helpers/interruptible.ts";
import { type Diagnostic, diagnosticsOf, shownChange } from "../helpers/run-report.ts";
import { scene } from "../helpers/scene.ts";
import { tokenOf } from "../helpers/stage.ts";

const token = tokenOf(appId);
const missing = randomUUID();
const playbook = "soar@contoso.example";
const disruption = "disruption@contoso.example";
const past = "2026-01-01T00:00:00Z";
const future = "2096-01-01T00:00:00Z";
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const fence = { onReissue: "cancel", notAfter: future, expect: { requestor: playbook } } as const;

/** What one run must do with one resource. */
interface Expected {
    /** What is said about it; nothing when absent. */
    readonly says?: RegExp;
    readonly fails?: true;
    /** Cancel requests for its action and for the re-issues of that. Default 0. */
    readonly sends?: number;
}

/** One resource: what it declares, and what each run must make of it. */
interface Row {
    readonly name: string;
    /** Absent: there is no such action. */
    readonly seed?: ActionSeed;
    readonly args?: Readonly<Record<string, unknown>>;
    /** What happened before the first run. */
    readonly before?: (simulator: Simulator, id: string) => Promise<void>;
    /** What a preview says, and whether `up` would do well. */
    readonly preview: readonly ["fine" | "would fail" | "unexpected", RegExp];
    readonly up: Expected;
    /** Outcome, whose cancellation was adopted, and effect, as they are stored then; absent: not in state. */
    readonly stored?: readonly (string | undefined)[];
    /** What happens then. */
    readonly meanwhile?: (simulator: Simulator, id: string) => void;
    /** The drift that the next refreshes show; none when absent. */
    readonly drift?: RegExp;
    readonly refreshSays?: RegExp;
    /** The `up --refresh` after that; absent: as it was, without a cancel request. */
    readonly repair?: Expected;
    /** As {@link stored}, where that run has changed it. */
    readonly repaired?: readonly (string | undefined)[];
}

const reissue = (requestor?: string) => (simulator: Simulator, id: string) => void simulator.reissue(id, requestor);
const cancelled = ["cancelled", undefined, "prevented"] as const;
const adopted = ["adopted", "others", "unknown"] as const;
const wouldCancel = [
    "fine",
    /^would cancel: Isolate on \S+, Pending, created just now, requested by soar@contoso/,
] as const;
const alreadyCancelled = ["fine", /^already cancelled: Isolate on \S+ by soc@contoso\.example at /] as const;
const mayHaveRun = /(?:cancelled|adopted): it may have run, in part or whole\. If that is not wanted: submit Unisolate/;
const isCancelled = {
    seed: { status: "Cancelled" },
    preview: alreadyCancelled,
    up: { says: mayHaveRun },
    stored: adopted,
};
const isPending = { seed: {}, preview: wouldCancel, up: { sends: 1 }, stored: cancelled };
const sameAgain = /^Isolate resumed by the same requestor soar@contoso\.example: issued again as \S+ \(Pending\)$/;
const othersAgain = /^Isolate issued again by another party disruption@contoso\.example: \S+ \(Pending\)$/;
const isReissued = {
    fails: true,
    says: /ERR_DEFENDER_REISSUED: .* stays Cancelled, but: Isolate .* \(Pending\)/,
} as const;

/** Asks for a cancellation as an earlier run would, or somebody who copies its tag. */
const cancelledBy =
    (bearer: string, name: string) =>
    async (simulator: Simulator, id: string): Promise<void> => {
        const { ok } = await fetch(`${simulator.url}/api/machineactions/${id}/cancel`, {
            method: "POST",
            headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
            body: JSON.stringify({ Comment: `INC-4711 [pulumi incident/test/${name} 0123456789ab]` }),
        });
        if (!ok) {
            throw new Error(`could not cancel ${id}`);
        }
    };

const rows: readonly Row[] = [
    // Outcomes and effects.
    { name: "pending", ...isPending },
    {
        name: "in-progress",
        seed: { behaviour: "in-progress-then-cancelled", settleMs: 200 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, says: mayHaveRun },
        stored: ["cancelled", undefined, "unknown"],
    },
    {
        name: "not-started",
        seed: {
            type: "LiveResponse",
            behaviour: "in-progress-then-cancelled",
            settleMs: 200,
            commands: [{ index: 0, startTime: null, endTime: null, commandStatus: "Created" }],
        },
        preview: ["fine", /^would cancel: LiveResponse on \S+, InProgress/],
        up: { sends: 1 },
        stored: cancelled,
    },
    {
        name: "completed",
        seed: { behaviour: "cancelled-though-completed", settleMs: 200 },
        preview: ["fine", /^would cancel: LiveResponse on \S+, InProgress/],
        up: { sends: 1, says: /cancelled: it did run\. If that is not wanted: look at what its commands did/ },
        stored: ["cancelled", undefined, "ran"],
    },
    {
        name: "expired",
        seed: { status: "TimeOut" },
        preview: ["fine", /^expired: Isolate on \S+ timed out and never reached the machine/],
        up: {},
        stored: ["expired", undefined, "prevented"],
    },
    {
        name: "too-late",
        seed: { status: "Succeeded" },
        preview: ["would fail", /^too late: Isolate on \S+ Succeeded at \S+; submit Unisolate to reverse it/],
        up: { fails: true, says: /ERR_DEFENDER_TOO_LATE: .* ended as Succeeded .* submit Unisolate to reverse it/ },
    },
    {
        name: "too-late-accepted",
        seed: { status: "Succeeded", type: "RestrictCodeExecution" },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^too late: RestrictCodeExecution on \S+ Succeeded at/],
        up: { says: /tooLate: it did run\. If that is not wanted: submit UnrestrictCodeExecution to reverse it/ },
        stored: ["tooLate", undefined, "ran"],
    },
    {
        name: "failed-accepted",
        seed: { status: "Failed" },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^too late: Isolate on \S+ Failed at/],
        up: { says: /tooLate: it may have run, in part or whole/ },
        stored: ["tooLate", undefined, "unknown"],
    },
    {
        name: "lost-race",
        seed: { behaviour: "in-progress-then-succeeded", settleMs: 200 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, fails: true, says: /ERR_DEFENDER_TOO_LATE: .* ended as Succeeded/ },
        stored: [undefined, undefined, undefined],
        drift: /^Succeeded$/,
        repair: { fails: true, says: /ERR_DEFENDER_TOO_LATE/ },
    },
    {
        name: "lost-race-accepted",
        seed: { behaviour: "in-progress-then-succeeded", settleMs: 200 },
        args: { ifAlreadyFinal: "accept" },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, says: /tooLate: it did run\. If that is not wanted: submit Unisolate/ },
        stored: ["tooLate", undefined, "ran"],
    },
    { name: "adopted", ...isCancelled },
    {
        name: "adopted-ourselves",
        ...isCancelled,
        seed: {},
        before: cancelledBy(token, "adopted-ourselves"),
        preview: ["fine", new RegExp(`^already cancelled: Isolate on \\S+ by ${appId} at `)],
        stored: ["adopted", "ourselves", "unknown"],
    },
    {
        name: "tag-copied",
        ...isCancelled,
        seed: {},
        before: cancelledBy(tokenOf("11111111-2222-4333-8444-555555555555"), "tag-copied"),
        preview: ["fine", /^already cancelled: Isolate on \S+ by 11111111-2222-4333-8444-555555555555 at /],
    },
    {
        name: "not-found",
        preview: ["would fail", /^not found: the API knows no machine action [\w-]+$/],
        up: { fails: true, says: /ERR_DEFENDER_NOT_FOUND: machine action \S+ is not known to the API/ },
    },
    {
        name: "not-confirmed",
        seed: { behaviour: "never-final" },
        args: { confirmWithinSeconds: 1 },
        preview: ["fine", /^would cancel: Isolate on \S+, InProgress/],
        up: { sends: 1, fails: true, says: /ERR_DEFENDER_NOT_CONFIRMED: .* is still InProgress, 1 s after/ },
        stored: [undefined, undefined, undefined],
        meanwhile: (simulator, id) => simulator.finish(id, "Cancelled"),
        repaired: ["cancelled", undefined, "unknown"],
    },
    {
        name: "unknown-status",
        seed: { status: "Queued" },
        preview: ["fine", /^would cancel: Isolate on \S+, Queued/],
        up: { sends: 1, says: mayHaveRun },
        stored: ["cancelled", undefined, "unknown"],
    },

    // What the reviewer approved, and until when.
    { name: "expected", ...isPending, args: { expect: { type: "isolate", requestor: playbook.toUpperCase() } } },
    {
        name: "unexpected",
        seed: { requestor: disruption },
        args: { expect: { type: "Isolate", requestor: playbook } },
        preview: [
            "unexpected",
            /^expectation differs: .*: requestor is "disruption@contoso\.example", expected "soar@contoso\.example"/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_UNEXPECTED: .* requestor is "disruption.*", expected "soar@/ },
    },
    {
        name: "past",
        seed: {},
        args: { notAfter: past },
        preview: [
            "would fail",
            /^notAfter has passed \(2026-01-01T00:00:00\.000Z\): would not cancel Isolate on \S+, Pending/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER: .* notAfter was 2026-01-01T00:00:00\.000Z, now it is/ },
    },
    { name: "past-but-cancelled", ...isCancelled, args: { notAfter: past } },

    // Drift of the action itself.
    {
        name: "resumed",
        ...isPending,
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { sends: 1, says: mayHaveRun },
        repaired: ["cancelled", undefined, "unknown"],
    },
    {
        name: "resumed-past",
        ...isCancelled,
        args: { notAfter: past },
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER/ },
        repaired: [undefined, undefined, undefined],
    },
    {
        name: "ran-after-all",
        ...isPending,
        meanwhile: (simulator, id) => simulator.finish(id, "Succeeded"),
        drift: /^Succeeded$/,
        repair: { fails: true, says: /ERR_DEFENDER_TOO_LATE/ },
        repaired: [undefined, undefined, undefined],
    },

    // Re-issues and their fences.
    { name: "reissue-drift", ...isPending, meanwhile: reissue(), drift: sameAgain, repair: isReissued },
    { name: "reissue-by-others", ...isPending, meanwhile: reissue(disruption), drift: othersAgain, repair: isReissued },
    { name: "reissue-ignored", ...isPending, args: { onReissue: "ignore" }, meanwhile: reissue() },
    { name: "reissue-cancel", ...isPending, args: fence, meanwhile: reissue(), drift: sameAgain, repair: { sends: 1 } },
    {
        name: "reissue-cancel-by-others",
        ...isPending,
        args: fence,
        meanwhile: reissue(disruption),
        drift: othersAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-past",
        ...isCancelled,
        args: { ...fence, notAfter: past },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-twice",
        ...isPending,
        args: fence,
        meanwhile(simulator, id) {
            simulator.reissue(id);
            simulator.reissue(id);
        },
        drift: /^Isolate resumed by the same requestor .* \(Pending\), and 1 more$/,
        repair: { ...isReissued, sends: 1 },
    },
    {
        name: "reissue-after-80-hours",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(80) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-on-day-10",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-in-long-window",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        args: { reissueWindowHours: 300 },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "unknown-machine",
        seed: { machineId: null },
        preview: ["fine", /^would cancel: Isolate, Pending, created just now/],
        up: { sends: 1 },
        stored: cancelled,
        refreshSays: /^re-issues of machine action \S+ cannot be looked for: the API does not tell its machine$/,
    },
];

/** What a run did with each row, against what it must do. Gives the table. */
function judge(
    t: ExecutionContext,
    what: string,
    run: EngineRun,
    cells: (row: Row) => { expected: Expected; said: readonly Diagnostic[]; sent: number; drift?: string | undefined },
): string {
    const lines = rows.map((row) => {
        const { expected, said, sent, drift } = cells(row);
        const { fails = false, sends = 0, says } = expected;
        const failed = said.some(({ level }) => level === "error");
        const message = [...(drift ? [`drift: ${drift}`] : []), ...said.map(({ text }) => text)].join(" | ");
        t.is(failed, fails, `${what}, ${row.name}: fails: ${message}`);
        t.is(sent, sends, `${what}, ${row.name}: cancel requests`);
        if (says) {
            t.true(
                said.some(({ text }) => says.test(text)),
                `${what}, ${row.name}: ${says} in ${message}`,
            );
        } else {
            t.deepEqual(said, [], `${what}, ${row.name}`);
        }
        return `${row.name.padEnd(26)}${failed ? "fails" : "ok   "}  ${sent}  ${message.slice(0, 130)}`;
    });
    const exitCode = /Command failed with exit code (\d+)/.exec(run.output)?.[1] ?? "0";
    return `${what}: exit code ${exitCode}\n\n${"resource".padEnd(26)}end    sent\n${lines.join("\n")}`;
}

test.serial("the truth table: every outcome, effect and policy through preview, up, refresh and repair", async (t) => {
    const { engine, simulator, ids } = await scene(t, {
        actions: rows.map(({ seed }) => seed ?? {}),
        declare: () => [],
        whole: (ids) =>
            rows.map(({ name, args, seed }, index) => ({
                name,
                args: { machineActionId: seed ? ids[index] : missing, comment: "INC-4711", ...args },
            })),
        // Neither the quota nor the wait for an action to appear is the subject.
        environment: { DEFENDER_ACCESS_TOKEN: token, DEFENDER_REQUESTS_PER_MINUTE: "1000" },
    });
    const idOf = (row: Row) => (row.seed ? (ids[rows.indexOf(row)] ?? "") : missing);
    const reissuesOf = new Map<string, string[]>();
    for (const row of rows) {
        await row.before?.(simulator, idOf(row));
    }
    simulator.clearRequests();

    /** Carries out a run, and says for a row what it said of it and sent for it. */
    const carryOut = async (run: Promise<EngineRun>) => {
        const done = await run;
        const diagnostics = diagnosticsOf(done);
        const sent = simulator.requests.filter(({ operation }) => operation === "cancel");
        simulator.clearRequests();
        const cells = (row: Row) => {
            const id = idOf(row);
            const own = [id, ...(reissuesOf.get(id) ?? [])];
            return {
                said: [
                    ...(diagnostics.get(row.name) ?? []),
                    ...(diagnostics.get("incident-test") ?? []).filter(({ text }) => text.includes(id)),
                ],
                sent: sent.filter(({ actionId }) => own.includes(actionId ?? "")).length,
            };
        };
        return { run: done, cells, sent: sent.length };
    };
    const stored = async () =>
        new Map((await engine.resources()).map((resource) => [resource.urn.split("::").at(-1), resource]));
    const ends = ({ outputs }: StoredResource) => [outputs.outcome, outputs.adoptedFrom, outputs.effect];

    for (const mode of ["warn", "strict"] as const) {
        await engine.setConfig("defender:preflight", mode);
        const preview = await carryOut(engine.preview());
        t.true(preview.run.failed, "an expectation that differs fails every preview");
        t.is(preview.sent, 0);
        const table = judge(t, `preview (${mode})`, preview.run, (row) => {
            const [verdict, says] = row.preview;
            const fails = verdict === "unexpected" || (verdict === "would fail" && mode === "strict");
            return { expected: { says, ...(fails ? { fails } : {}) }, ...preview.cells(row) };
        });
        t.log(table);
    }

    const up = await carryOut(engine.up({ continueOnError: true }));
    t.true(up.run.failed);
    t.log(judge(t, "up", up.run, (row) => ({ expected: row.up, ...up.cells(row) })));
    const first = await stored();
    for (const row of rows) {
        const resource = first.get(row.name);
        t.deepEqual(resource && ends(resource), row.stored && [...row.stored], row.name);
    }

    for (const row of rows) {
        const before = simulator.actions().map(({ id }) => id);
        row.meanwhile?.(simulator, idOf(row));
        const added = simulator.actions().filter(({ id }) => !before.includes(id));
        reissuesOf.set(
            idOf(row),
            added.map(({ id }) => id),
        );
    }
    const looked = await carryOut(engine.preview({ refresh: true, diff: true }));
    t.is(looked.sent, 0);
    for (const row of rows) {
        const [, before] =
            /^"(.*)" => "Cancelled"$/.exec(shownChange(looked.run, row.name, "desiredStatus") ?? "") ?? [];
        t.regex(before ?? "", row.drift ?? /^$/, `preview --refresh --diff, ${row.name}`);
    }
    // A second refresh sees the same as the first: drift lasts until it is dealt with.
    for (const nth of ["first", "second"]) {
        const refresh = await carryOut(engine.refresh({ expectNoChanges: true }));
        t.true(refresh.run.failed);
        t.is(refresh.sent, 0);
        const now = await stored();
        const driftOf = ({ name }: Row) => String(now.get(name)?.inputs.desiredStatus ?? "Cancelled");
        const table = judge(t, `${nth} refresh`, refresh.run, (row) => {
            const says = row.refreshSays;
            const drift = driftOf(row) === "Cancelled" ? undefined : driftOf(row);
            return { expected: says ? { says } : {}, drift, ...refresh.cells(row) };
        });
        for (const row of rows) {
            t.regex(driftOf(row), row.drift ?? /^Cancelled$/, `${nth} refresh, ${row.name}`);
        }
        if (nth === "first") {
            t.log(table);
        }
    }
    const reissues = (await stored()).get("reissue-ignored")?.outputs.reissues as { requestor: string }[];
    t.like(reissues, [{ requestor: playbook, status: "Pending" }]);
    t.is((await stored()).get("reissue-on-day-10")?.outputs.reissues, undefined);

    const repair = await carryOut(engine.up({ refresh: true, continueOnError: true }));
    t.true(repair.run.failed);
    const repairs = judge(t, "up --refresh", repair.run, (row) => {
        const { sends: _, ...again } = row.up;
        const expected = row.repair ?? (row.stored ? {} : again);
        const { said, sent } = repair.cells(row);
        // The refresh before it says what the refreshes above have said.
        return { expected, said: said.filter(({ text }) => !row.refreshSays?.test(text)), sent };
    });
    t.log(repairs);
    const last = await stored();
    for (const row of rows) {
        const resource = last.get(row.name);
        const expected = row.repaired ?? row.stored;
        t.deepEqual(resource && ends(resource), expected && [...expected], row.name);
    }
    const again = last.get("reissue-cancel")?.outputs.reissues as { status: string; confirmedAtUtc: string }[];
    t.like(again, [{ status: "Cancelled" }]);
    t.is(typeof again[0]?.confirmedAtUtc, "string");
    // What others have issued, or a time limit protects, goes on.
    for (const name of ["reissue-by-others", "reissue-cancel-by-others", "reissue-cancel-past", "reissue-drift"]) {
        const [id = ""] = reissuesOf.get(idOf(rows.find((row) => row.name === name) as Row)) ?? [];
        t.is(simulator.action(id)?.status, "Pending", name);
    }

    simulator.clearRequests();
    t.false((await engine.destroy()).failed);
    t.deepEqual(simulator.requests, []);
});

test.serial("one drifted resource beside 59 new ones: 59 cancel requests, and only the one fails", async (t) => {
    let declared = 1;
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 60 }, () => ({})),
        declare: (ids) => ids.slice(0, declared).map((machineActionId) => ({ machineActionId })),
    });
    t.false((await engine.up()).failed);
    const again = simulator.reissue(ids[0] ?? "", disruption).id;
    declared = 60;
    simulator.clearRequests();
    const up = await engine.up({ refresh: true, continueOnError: true });
    t.true(up.failed);
    t.is(cancelRequests(), 59);
    const said = diagnosticsOf(up);
    t.regex(said.get("cancellation-0")?.[0]?.text ?? "", isReissued.says);
    t.deepEqual([...said.keys()].sort(), ["cancellation-0", "incident-test"]);
    t.is(simulator.action(again)?.status, "Pending");
    const stored = await engine.resources();
    t.is(stored.filter(({ outputs }) => outputs.outcome === "cancelled" && outputs.effect === "prevented").length, 60);
    t.is((await engine.preview({ expectNoChanges: true })).failed, true, "the drift is still there");
});

test.serial("a preview that is not asked to look says nothing and does not fail; up judges all the same", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{ status: "Succeeded" }, {}],
        declare: ([late, other]) => [
            { machineActionId: late },
            { machineActionId: other, expect: { requestor: disruption } },
        ],
        environment: { DEFENDER_PREFLIGHT: "off" },
    });
    const preview = await engine.preview();
    t.false(preview.failed, preview.output);
    t.is(diagnosticsOf(preview).size, 0, preview.output);
    t.deepEqual(simulator.requests, []);
    const up = await engine.up({ continueOnError: true });
    t.regex(up.output, /ERR_DEFENDER_TOO_LATE/);
    t.regex(up.output, /ERR_DEFENDER_UNEXPECTED/);
    t.true(simulator.requests.every(({ method }) => method === "GET"));
});

test.serial("a strict preview that could not look fails, on each resource", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{}, {}],
        declare: (ids) => ids.map((machineActionId) => ({ machineActionId })),
        environment: { DEFENDER_ACCESS_TOKEN: "", DEFENDER_PREFLIGHT: "strict" },
    });
    const preview = await engine.preview();
    t.true(preview.failed, preview.output);
    const said = diagnosticsOf(preview);
    for (const name of ["cancellation-0", "cancellation-1"]) {
        const [line] = said.get(name) ?? [];
        t.is(line?.level, "error");
        t.regex(line?.text ?? "", /^could not look: ERR_DEFENDER_NO_CREDENTIAL: /);
    }
    t.deepEqual(simulator.requests, []);
});
