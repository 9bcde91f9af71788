import { randomUUID } from "node:crypto";
import test from "ava";
import type { Sighting } from "../../provider/api/defender-client.ts";
import type { CountedList } from "../../provider/cancel/counted-list.ts";
import { createRecentList, type RecentList } from "../../provider/cancel/recent-list.ts";
import type { MachineAction } from "../../provider/machine-action.ts";
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

const sightingOf = (action: MachineAction): Sighting => ({
    action,
    raw: action,
    correlationId: undefined,
    date: undefined,
    receivedAt: 0,
});

const ids = Array.from({ length: 10 }, () => randomUUID());
const [id = ""] = ids;
const question = { id, type: "isolate", machineId: `MACHINE-OF-${id}`, createdAt };

/** Two rounds of questions, a second apart. */
async function twoRounds(recent: RecentList, clock: RecordedClock): Promise<void> {
    for (const _ of ["first", "second"]) {
        await recent.prepare();
        clock.advance(1_000);
    }
}

/** A recent list over pages that the test gives; made worth it by eight actions and two rounds of questions. */
async function recentList(pages: (() => MachineAction[])[], { isWorthIt = true } = {}) {
    const clock = recordedClock();
    const filters: string[] = [];
    const list: CountedList = async function* read(filter) {
        filters.push(filter);
        for (const page of pages) {
            yield page().map(sightingOf);
        }
    };
    const recent = createRecentList(list, clock);
    for (const one of isWorthIt ? ids : ids.slice(0, 7)) {
        recent.learn(actionOf(one));
    }
    await twoRounds(recent, clock);
    return { recent, clock, filters };
}

const all = () => ids.map((one) => actionOf(one));

test("from the second round on one list of all that is like what was seen answers", async (t) => {
    const { recent, filters } = await recentList([all]);
    t.deepEqual(filters, ["type eq 'Isolate' and creationDateTimeUtc ge 2026-05-05T05:30:00.000Z"]);
    t.is(recent.sightingOf(id)?.action.id, id);
    t.deepEqual(recent.surroundingsOf(question)?.onMachine, [actionOf(id)]);
    t.is(recent.sightingOf(randomUUID()), undefined);
});

test("for a few actions no list is read", async (t) => {
    const { recent, filters } = await recentList([all], { isWorthIt: false });
    t.deepEqual(filters, []);
    t.is(recent.sightingOf(id), undefined);
});

test("a list answers for ten seconds, and is read again then", async (t) => {
    const { recent, clock, filters } = await recentList([all]);
    clock.advance(9_000);
    t.truthy(recent.sightingOf(id));
    clock.advance(1);
    t.is(recent.sightingOf(id), undefined);
    t.is(recent.surroundingsOf(question), undefined);
    await twoRounds(recent, clock);
    t.is(filters.length, 2);
    t.truthy(recent.sightingOf(id));
});

test("after a cancel request was answered, only a list that began later tells of that action", async (t) => {
    const { recent, clock, filters } = await recentList([all]);
    recent.forget(id);
    t.is(recent.sightingOf(id), undefined);
    t.is(recent.surroundingsOf(question), undefined);
    t.truthy(recent.sightingOf(ids[1] ?? ""));
    clock.advance(11_000);
    await twoRounds(recent, clock);
    t.is(filters.length, 2);
    t.truthy(recent.sightingOf(id));
});

test("a list that lacks, repeats or mixes rows, or breaks off, says nothing of what it does not show", async (t) => {
    const lies: Record<string, (() => MachineAction[])[]> = {
        lacks: [() => all().slice(1)],
        repeats: [() => [...all(), actionOf(id, { status: "Cancelled" })]],
        "other types": [() => [...all(), actionOf(randomUUID(), { type: "Offboard" })]],
        "another type under the id": [() => [actionOf(id, { type: "Unisolate" }), ...all().slice(1)]],
        "another machine under the id": [() => [actionOf(id, { machineId: "another" }), ...all().slice(1)]],
        "breaks off": [
            all,
            () => {
                throw new Error("pages without end");
            },
        ],
        "too long": [() => [...all(), ...Array.from({ length: 2_000 }, () => actionOf(randomUUID()))]],
    };
    for (const [what, pages] of Object.entries(lies)) {
        const { recent } = await recentList(pages);
        t.is(recent.surroundingsOf(question), undefined, what);
    }
    const { recent } = await recentList(lies.repeats ?? []);
    t.is(recent.sightingOf(id), undefined);
});

test("it tells nothing of other types, and of nothing older than what it covers", async (t) => {
    const { recent } = await recentList([all]);
    t.is(recent.surroundingsOf({ ...question, type: "Offboard" }), undefined);
    t.is(recent.surroundingsOf({ ...question, createdAt: createdAt - 3_600_001 }), undefined);
});
