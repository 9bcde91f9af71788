import test from "ava";
import fc from "fast-check";
import { createAgenda } from "../../../simulator/time/agenda.ts";

test("what is planned runs once its time has come, in order of time and then of planning", (t) => {
    fc.assert(
        fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, until) => {
            const agenda = createAgenda();
            const ran: [number, number][] = [];
            for (const [index, time] of times.entries()) {
                agenda.plan(time, (at) => ran.push([at, index]));
            }
            agenda.runUntil(until);
            agenda.runUntil(until);
            const due = times.map((time, index): [number, number] => [time, index]).filter(([time]) => time <= until);
            t.deepEqual(
                ran,
                due.toSorted(([a], [b]) => a - b),
            );
        }),
    );
});

test("a step may plan another one that is due as well", (t) => {
    const agenda = createAgenda();
    const ran: number[] = [];
    agenda.plan(1, (time) => {
        ran.push(time);
        agenda.plan(time + 1, (next) => ran.push(next));
        agenda.plan(time + 10, (next) => ran.push(next));
    });
    agenda.runUntil(5);
    t.deepEqual(ran, [1, 2]);
});

test("what is taken off the agenda does not run, and taking it off again does no harm", (t) => {
    const agenda = createAgenda();
    const ran: string[] = [];
    const drop = agenda.plan(1, () => ran.push("dropped"));
    agenda.plan(1, () => ran.push("kept"));
    drop();
    drop();
    agenda.runUntil(1);
    t.deepEqual(ran, ["kept"]);
});
