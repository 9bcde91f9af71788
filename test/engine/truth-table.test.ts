import test, { type ExecutionContext } from "ava";
import type { EngineRun, StoredResource } from "../helpers/engine.ts";
import { type Diagnostic, diagnosticsOf, shownChange } from "../helpers/run-report.ts";
import { scene } from "../helpers/scene.ts";
import { driftRows } from "./truth-table-drift.ts";
import { outcomeRows } from "./truth-table-outcomes.ts";
import { disruption, type Expected, isReissued, missing, playbook, type Row, token } from "./truth-table-row.ts";

/** The dynamic provider, and the provider plugin. */
const faces = ["dynamic", "plugin"] as const;
const table = [...outcomeRows, ...driftRows];

/** A row on one face, with an action of its own. */
interface FacedRow extends Row {
    readonly row: Row;
    readonly face: (typeof faces)[number];
}

const nameOn = (face: FacedRow["face"], name: string) => (face === "plugin" ? `${name}-of-plugin` : name);
const rows: readonly FacedRow[] = faces.flatMap((face) =>
    table.map((row) => ({ ...row, row, face, name: nameOn(face, row.name) })),
);

/** The names of the properties that both faces store. */
const namesIn = (properties: object = {}) =>
    Object.keys(properties)
        .filter((name) => name !== "__provider")
        .sort();

/** What a run did with each row, against what it must do. Gives the table. */
function judge(
    t: ExecutionContext,
    what: string,
    run: EngineRun,
    cells: (row: FacedRow) => {
        expected: Expected;
        said: readonly Diagnostic[];
        sent: number;
        drift?: string | undefined;
    },
    of: readonly FacedRow[] = rows,
): string {
    const lines = of.map((row) => {
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
        return `${row.name.padEnd(36)}${failed ? "fails" : "ok   "}  ${sent}  ${message.slice(0, 130)}`;
    });
    const exitCode = /Command failed with exit code (\d+)/.exec(run.output)?.[1] ?? "0";
    return `${what}: exit code ${exitCode}\n\n${"resource".padEnd(36)}end    sent\n${lines.join("\n")}`;
}

test.serial(
    "the truth table: every outcome, effect and policy through preview, up, refresh and repair, on both faces",
    async (t) => {
        // A preview of the plugin ends at a plan that must fail, when the plugin has shown its other plans.
        let declaredFaces: readonly string[] = faces;
        const { engine, simulator, ids } = await scene(t, {
            actions: rows.map(({ seed }) => seed ?? {}),
            declare: () => [],
            whole: (ids) =>
                rows
                    .map(({ name, args, seed, face }, index) => ({
                        face,
                        name,
                        isOfPlugin: face === "plugin",
                        args: { machineActionId: seed ? ids[index] : missing, comment: "INC-4711", ...args },
                    }))
                    .filter(({ face }) => declaredFaces.includes(face)),
            // Neither the quota nor the wait for an action to appear is the subject.
            environment: { DEFENDER_ACCESS_TOKEN: token, DEFENDER_REQUESTS_PER_MINUTE: "1000" },
        });
        const idOf = (row: FacedRow) => (row.seed ? (ids[rows.indexOf(row)] ?? "") : missing);
        const reissuesOf = new Map<string, string[]>();
        for (const row of rows) {
            await row.before?.(simulator, idOf(row), row.name);
        }
        simulator.clearRequests();

        /** Carries out a run, and says for a row what it said of it and sent for it. */
        const carryOut = async (run: Promise<EngineRun>) => {
            const done = await run;
            const diagnostics = diagnosticsOf(done);
            const sent = simulator.requests.filter(({ operation }) => operation === "cancel");
            simulator.clearRequests();
            const cells = (row: FacedRow) => {
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
            for (const face of faces) {
                declaredFaces = [face];
                const preview = await carryOut(engine.preview());
                t.true(preview.run.failed, "an expectation that differs fails every preview");
                t.is(preview.sent, 0);
                const judged = judge(
                    t,
                    `preview (${mode})`,
                    preview.run,
                    (row) => {
                        const [verdict, says] = row.preview;
                        const fails = verdict === "unexpected" || (verdict === "would fail" && mode === "strict");
                        return { expected: { says, ...(fails ? { fails } : {}) }, ...preview.cells(row) };
                    },
                    rows.filter((row) => row.face === face),
                );
                t.log(judged);
            }
            declaredFaces = faces;
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
            const driftOf = ({ name }: FacedRow) => String(now.get(name)?.inputs.desiredStatus ?? "Cancelled");
            const judged = judge(t, `${nth} refresh`, refresh.run, (row) => {
                // Drift is named on its resource.
                const ofDrift = row.refreshSays ?? (row.drift ? /^(?:not Cancelled|issued again)/ : undefined);
                const says = (nth === "first" ? row.firstRefreshSays : undefined) ?? ofDrift;
                const drift = driftOf(row) === "Cancelled" ? undefined : driftOf(row);
                return { expected: says ? { says } : {}, drift, ...refresh.cells(row) };
            });
            for (const row of rows) {
                t.regex(driftOf(row), row.drift ?? /^Cancelled$/, `${nth} refresh, ${row.name}`);
            }
            if (nth === "first") {
                t.log(judged);
            }
        }
        const known = await stored();
        for (const face of faces) {
            const reissues = known.get(nameOn(face, "reissue-ignored"))?.outputs.reissues as { requestor: string }[];
            t.like(reissues, [{ requestor: playbook, status: "Pending" }]);
            t.is(known.get(nameOn(face, "reissue-on-day-10"))?.outputs.reissues, undefined);
        }

        const repair = await carryOut(engine.up({ refresh: true, continueOnError: true }));
        t.true(repair.run.failed);
        const repairs = judge(t, "up --refresh", repair.run, (row) => {
            const { sends: _, ...again } = row.up;
            const expected = row.repair ?? (row.stored ? {} : again);
            const { said, sent } = repair.cells(row);
            // The refresh before it says what the refreshes above have said.
            const ofRefresh = [row.refreshSays ?? /^(?:not Cancelled|issued again)/, /^As of the refresh/];
            return { expected, said: said.filter(({ text }) => !ofRefresh.some((one) => one.test(text))), sent };
        });
        t.log(repairs);
        const last = await stored();
        for (const row of rows) {
            const resource = last.get(row.name);
            const expected = row.repaired ?? row.stored;
            t.deepEqual(resource && ends(resource), expected && [...expected], row.name);
        }
        for (const face of faces) {
            const again = last.get(nameOn(face, "reissue-cancel"))?.outputs.reissues as {
                status: string;
                confirmedAtUtc: string;
            }[];
            t.like(again, [{ status: "Cancelled" }]);
            t.is(typeof again[0]?.confirmedAtUtc, "string");
        }
        // What others have issued, or a time limit protects, goes on.
        const goesOn = ["reissue-by-others", "reissue-cancel-by-others", "reissue-cancel-past", "reissue-drift"];
        for (const row of rows.filter(({ row: { name } }) => goesOn.includes(name))) {
            const [id = ""] = reissuesOf.get(idOf(row)) ?? [];
            t.is(simulator.action(id)?.status, "Pending", row.name);
        }
        for (const { name } of table) {
            const [ofDynamic, ofPlugin] = faces.map((face) => last.get(nameOn(face, name)));
            t.deepEqual(namesIn(ofPlugin?.outputs), namesIn(ofDynamic?.outputs), `outputs of ${name}`);
            t.deepEqual(namesIn(ofPlugin?.inputs), namesIn(ofDynamic?.inputs), `inputs of ${name}`);
            t.is(ofPlugin?.refreshBeforeUpdate, ofPlugin && true, name);
            t.false(JSON.stringify(ofPlugin ?? {}).includes("__provider"), name);
        }

        simulator.clearRequests();
        t.false((await engine.destroy()).failed);
        // The engine reads the plugin's resources before it deletes them.
        t.true(simulator.requests.every(({ method }) => method === "GET"));
        t.deepEqual(await engine.resources(), []);
    },
);

test.serial("one drifted resource beside 23 new ones: 23 cancel requests, and only the one fails", async (t) => {
    let declared = 1;
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 24 }, () => ({})),
        declare: (ids) => ids.slice(0, declared).map((machineActionId) => ({ machineActionId })),
    });
    t.false((await engine.up()).failed);
    const again = simulator.reissue(ids[0] ?? "", disruption).id;
    declared = 24;
    simulator.clearRequests();
    const up = await engine.up({ refresh: true, continueOnError: true });
    t.true(up.failed);
    t.is(cancelRequests(), 23);
    const said = diagnosticsOf(up);
    // The refresh names the drift first.
    const texts = said.get("cancellation-0")?.map(({ text }) => text) ?? [];
    t.true(
        texts.some((text) => isReissued.says.test(text)),
        texts.join("\n"),
    );
    t.deepEqual([...said.keys()].sort(), ["cancellation-0", "incident-test"]);
    t.is(simulator.action(again)?.status, "Pending");
    const stored = await engine.resources();
    t.is(stored.filter(({ outputs }) => outputs.outcome === "cancelled" && outputs.effect === "prevented").length, 24);
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
