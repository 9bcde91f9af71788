import { randomUUID } from "node:crypto";
import test from "ava";
import type { Observation } from "../../provider/api/defender-client.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { createRecentActions, type RecentActions } from "../../provider/observe/recent-actions.ts";
import type { VerifiedList } from "../../provider/observe/verified-list.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";

const createdAt = Date.parse("2026-05-05T06:30:00Z");

const actionOf = (id: string, changes: Partial<MachineAction> = {}): MachineAction => ({
    id,
    status: "Pending",
    type: "Isolate",
    machineId: `machine-of-${id}`,
    creationDateTimeUtc: new Date(createdAt).toISOString(),
    commands: [],
    ...changes,
});

const observationOf = (action: MachineAction): Observation => ({
    action,
    raw: action,
    correlationId: undefined,
    date: undefined,
    call: 1,
    beganAt: 0,
    receivedAt: 0,
});

const ids = Array.from({ length: 10 }, () => randomUUID());
const [id = ""] = ids;
const question = { id, type: "isolate", machineId: `MACHINE-OF-${id}`, createdAt };

/** Two rounds of questions, a second apart. */
async function twoRounds(recent: RecentActions, clock: RecordedClock): Promise<void> {
    for (const _ of ["first", "second"]) {
        await recent.prefetch();
        clock.advance(1_000);
    }
}

/** A recent list over pages that the test gives; made worth it by eight actions and two rounds of questions. */
async function recentList(pages: (() => MachineAction[])[], { isWorthIt = true } = {}) {
    const clock = recordedClock();
    const filters: string[] = [];
    const list: VerifiedList = async function* read(filter) {
        filters.push(filter);
        for (const page of pages) {
            yield page().map(observationOf);
        }
    };
    const recent = createRecentActions(list, clock);
    for (const one of ids.slice(0, isWorthIt ? 8 : 7)) {
        recent.record(actionOf(one));
    }
    await twoRounds(recent, clock);
    return { recent, clock, filters };
}

const all = () => ids.map((one) => actionOf(one));

test("from the second round on one list of all that is like what was seen answers", async (t) => {
    const { recent, filters } = await recentList([all]);
    t.deepEqual(filters, ["type eq 'Isolate' and creationDateTimeUtc ge 2026-05-05T05:30:00.000Z"]);
    t.is(recent.observationOf(id)?.action.id, id);
    t.deepEqual(recent.historyOf(question)?.onMachine, [actionOf(id)]);
    t.is(recent.observationOf(randomUUID()), undefined);
});

test("for a few actions no list is read", async (t) => {
    const { recent, filters } = await recentList([all], { isWorthIt: false });
    t.deepEqual(filters, []);
    t.is(recent.observationOf(id), undefined);
});

test("a list answers for ten seconds, and is read again then", async (t) => {
    const { recent, clock, filters } = await recentList([all]);
    clock.advance(9_000);
    t.truthy(recent.observationOf(id));
    clock.advance(1);
    t.is(recent.observationOf(id), undefined);
    t.is(recent.historyOf(question), undefined);
    await twoRounds(recent, clock);
    t.is(filters.length, 2);
    t.truthy(recent.observationOf(id));
});

test("after a cancel request was answered, only a list that began later tells of that action", async (t) => {
    const { recent, clock, filters } = await recentList([all]);
    recent.invalidate(id);
    t.is(recent.observationOf(id), undefined);
    t.is(recent.historyOf(question), undefined);
    t.truthy(recent.observationOf(ids[1] ?? ""));
    clock.advance(11_000);
    await twoRounds(recent, clock);
    t.is(filters.length, 2);
    t.truthy(recent.observationOf(id));
});

test("a list that began at the very moment of the answer to a cancel request does not tell of that action", async (t) => {
    const { recent, clock, filters } = await recentList([all]);
    clock.advance(11_000);
    await recent.prefetch();
    clock.advance(1_000);
    recent.invalidate(id);
    await recent.prefetch();
    t.is(filters.length, 2);
    t.is(recent.observationOf(id), undefined);
});

/** When lists were read, where questions are asked after these pauses. */
async function listsAfter(pauses: readonly number[], learnt: readonly MachineAction[] = all()): Promise<string[]> {
    const clock = recordedClock();
    const began = clock.now();
    const read: string[] = [];
    const list: VerifiedList = async function* none(filter) {
        read.push(`${clock.now() - began}: ${filter}`);
        yield [];
    };
    const recent = createRecentActions(list, clock);
    for (const action of learnt) {
        recent.record(action);
    }
    for (const pause of pauses) {
        clock.advance(pause);
        await recent.prefetch();
    }
    return read;
}

test("two rounds within ten seconds are worth a list; questions of one moment are one round", async (t) => {
    const at = (lists: string[]) => lists.map((line) => Number.parseInt(line, 10));
    t.deepEqual(at(await listsAfter([0, 20])), []);
    t.deepEqual(at(await listsAfter([0, 20, 1])), [21]);
    t.deepEqual(at(await listsAfter([0, 10_000])), [10_000]);
    t.deepEqual(at(await listsAfter([0, 10_001, 20])), []);
    t.deepEqual(at(await listsAfter([0, 10_001, 21])), [10_022]);
});

test("the list is of the type that was seen most, from an hour before the oldest of it; what tells neither does not count", async (t) => {
    const offboard = Array.from({ length: 9 }, () => actionOf(randomUUID(), { type: "Offboard" }));
    const untold = Array.from({ length: 20 }, () => actionOf(randomUUID(), { type: undefined }));
    const undated = actionOf(randomUUID(), { type: "Offboard", creationDateTimeUtc: undefined });
    const older = actionOf(randomUUID(), { type: "Offboard", creationDateTimeUtc: "2026-05-05T04:30:00.000Z" });
    const seen = [
        undated,
        ...all().slice(0, 8),
        ...untold,
        ...offboard,
        older,
        actionOf(randomUUID(), { type: "Scan" }),
    ];
    t.deepEqual(await listsAfter([0, 1_000], seen), [
        "1000: type eq 'Offboard' and creationDateTimeUtc ge 2026-05-05T03:30:00.000Z",
    ]);
});

test("a list that lacks, repeats or mixes rows, or breaks off, says nothing of what it does not show", async (t) => {
    const lies: Record<string, (() => MachineAction[])[]> = {
        lacks: [() => all().slice(1)],
        repeats: [() => [...all(), actionOf(id, { status: "Cancelled" })]],
        "other types": [() => [...all(), actionOf(randomUUID(), { type: "Offboard" })]],
        "another type under the id": [() => [actionOf(id, { type: "Unisolate" }), ...all().slice(1)]],
        "another machine under the id": [() => [actionOf(id, { machineId: "another" }), ...all().slice(1)]],
        "another machine under the id, and others on its own": [
            () => [
                actionOf(id, { machineId: "another" }),
                actionOf(randomUUID(), { machineId: question.machineId }),
                ...all().slice(1),
            ],
        ],
        "breaks off": [
            all,
            () => {
                throw new Error("pages without end");
            },
        ],
        "too long": [() => [...all(), ...Array.from({ length: 1_990 }, () => actionOf(randomUUID()))]],
    };
    for (const [what, pages] of Object.entries(lies)) {
        const { recent } = await recentList(pages);
        t.is(recent.historyOf(question), undefined, what);
    }
    const { recent } = await recentList(lies.repeats ?? []);
    t.is(recent.observationOf(id), undefined);
});

test("it tells nothing of other types, and of nothing older than what it covers", async (t) => {
    const { recent } = await recentList([all]);
    t.is(recent.historyOf({ ...question, type: "Offboard" }), undefined);
    t.is(recent.historyOf({ ...question, createdAt: createdAt - 3_600_001 }), undefined);
    t.truthy(recent.historyOf({ ...question, createdAt: createdAt - 3_600_000 }));
});

test("an action on a machine that is not known is on no machine that is asked for", async (t) => {
    const { recent } = await recentList([() => [actionOf(randomUUID(), { machineId: undefined }), ...all()]]);
    t.deepEqual(recent.historyOf(question)?.onMachine, [actionOf(id)]);
});
