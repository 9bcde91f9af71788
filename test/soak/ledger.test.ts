import test, { type ExecutionContext } from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { soakFleet } from "./fleet.ts";
import { type Held, holdAgainstState, holdAtTheEnd, type Problems } from "./held-against-state.ts";
import { createLedger } from "./ledger.ts";

/** A small fleet, and a client that does as it is told. */
async function judged(t: ExecutionContext) {
    const clock = recordedClock();
    const fleet = soakFleet(1, { set: 3, singles: 0, bystanders: 1 });
    const simulator = await startSimulator({
        // In the order of the ids: two that wait, one that goes on for ever, a bystander.
        actions: fleet.actions.map(({ id }, nth) => ({ id, ...(nth === 2 ? { behaviour: "never-final" } : {}) })),
        now: clock.now,
        onRequest: (request) => ledger.note(request),
    });
    t.teardown(() => simulator.close());
    const ledger = createLedger({
        simulator,
        now: clock.now,
        declared: new Set(fleet.inSet),
        fenced: new Set(),
        patienceMs: 10_000,
    });
    ledger.phase = "update";
    const problems: Problems = { lost: [], wrong: [], unnamed: [] };
    const send = (path: string, method = "GET") =>
        fetch(`${simulator.url}/api/machineactions/${path}`, {
            method,
            headers: { authorization: "Bearer soak", "content-type": "application/json" },
            ...(method === "GET" ? {} : { body: JSON.stringify({ Comment: "INC-4711 [pulumi p/s/n 000000000000]" }) }),
        }).then((response) => response.text());
    return {
        clock,
        ids: fleet.actions.map(({ id }) => id),
        ledger,
        problems,
        simulator,
        look: (id: string | undefined) => send(id ?? ""),
        cancel: (id: string | undefined) => send(`${id}/cancel`, "POST"),
        hold(outputs: readonly Held["outputs"][], failures: readonly string[] = []) {
            const held = new Map(outputs.map((one, nth) => [fleet.inSet[nth] ?? "", { outputs: one, failures }]));
            const sides = { fleet, simulator, ledger, held };
            return { now: () => holdAgainstState(sides, 0, problems), atTheEnd: () => holdAtTheEnd(sides, problems) };
        },
    };
}

const utc = (ms: number) => new Date(ms).toISOString();
const open = { status: "InProgress" };

test("a second cancel request is doubled, unless it comes late enough and after a look that showed the action open", async (t) => {
    const { clock, ids, ledger, look, cancel } = await judged(t);
    await cancel(ids[2]);
    clock.advance(10_000);
    await cancel(ids[2]);
    t.regex(ledger.doubled[0] ?? "", /without a look/);
    await look(ids[2]);
    clock.advance(9_000);
    await cancel(ids[2]);
    t.regex(ledger.doubled[1] ?? "", /too early/);
    await look(ids[2]);
    clock.advance(10_000);
    await cancel(ids[2]);
    t.is(ledger.sentAgain(), 1);

    await cancel(ids[0]);
    clock.advance(10_000);
    await look(ids[0]);
    clock.advance(10_000);
    await cancel(ids[0]);
    t.is(ledger.doubled.length, 3, "it was shown as Cancelled");
});

test("a cancel request after a resumption is a first one", async (t) => {
    const { clock, ids, ledger, simulator, cancel } = await judged(t);
    await cancel(ids[0]);
    ledger.beforeResumption(ids[0] ?? "");
    simulator.resume(ids[0] ?? "");
    clock.advance(1);
    await cancel(ids[0]);
    t.deepEqual(ledger.doubled, []);
    t.is(ledger.acceptedInAll(), 2);
});

test("cancel requests for what nobody declared, and by commands that only read, are unwanted", async (t) => {
    const { ids, ledger, cancel } = await judged(t);
    await cancel(ids[3]);
    ledger.phase = "reading";
    await cancel(ids[0]);
    t.is(ledger.unwanted.length, 2);
});

test("an accepted cancel request that the state does not know of is lost", async (t) => {
    const { clock, ids, problems, cancel, hold } = await judged(t);
    const record = { status: "Cancelled", outcome: "cancelled", confirmedAtUtc: utc(clock.now()) };
    await cancel(ids[0]);
    await cancel(ids[1]);
    const known = { ...record, requestedAtUtc: utc(clock.now()) };
    hold([known, { ...record, adoptedFrom: "ourselves" }, open], ["ERR_DEFENDER_NOT_CONFIRMED"]).now();
    t.deepEqual(problems, { lost: [], wrong: [], unnamed: [] });
    hold([record, known, open], ["ERR_DEFENDER_NOT_CONFIRMED"]).now();
    t.is(problems.lost.length, 1);
});

test("a proof at a time when the action was open is wrong, and so is a failure without a code", async (t) => {
    const { clock, ids, problems, cancel, hold } = await judged(t);
    const provenAt = clock.now();
    clock.advance(60_000);
    await cancel(ids[0]);
    const early = {
        status: "Cancelled",
        outcome: "cancelled",
        confirmedAtUtc: utc(provenAt),
        requestedAtUtc: utc(clock.now()),
    };
    hold([early, open, open], ["it did not work"]).now();
    t.is(problems.wrong.length, 1);
    t.is(problems.unnamed.length, 2);
});

test("at the end state and API say the same, nothing that could end is open, and every failure has its reason", async (t) => {
    const { ids, problems, cancel, hold } = await judged(t);
    await cancel(ids[0]);
    const good = { status: "Cancelled", outcome: "cancelled" };
    hold([good, { status: "Pending" }, open]).atTheEnd();
    t.deepEqual(
        problems.wrong.map((what) => what.split(" ")[0]),
        ["left", "left"],
    );
    hold([{ status: "Cancelled", outcome: "adopted", adoptedFrom: "others" }, good, good]).atTheEnd();
    t.is(problems.lost.length, 1);
    t.true(problems.wrong.some((what) => what.startsWith("another status")));
    hold([good, good, good], ["ERR_DEFENDER_TOO_LATE: …"]).atTheEnd();
    t.true(problems.wrong.some((what) => what.startsWith("failed without need")));
});
