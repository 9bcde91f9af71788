import type { SoakFleet } from "./fleet.ts";
import type { Ledger } from "./ledger.ts";
import type { RandomFaults } from "./random-faults.ts";
import type { Course } from "./soak-course.ts";

/** What one part of a soak came to. */
export interface SoakReport {
    /** Names and figures, in the order in which they are shown. */
    readonly figures: ReadonlyMap<string, number | string>;
    /** How often each kind of fault has hit. */
    readonly faults: ReadonlyMap<string, number>;
    /** How often what has happened to the actions without us. */
    readonly happenings: ReadonlyMap<string, number>;
    /** Everything that must not be, in words. None: the part is passed. */
    readonly problems: readonly string[];
}

export interface ReportParts {
    readonly fleet: SoakFleet;
    readonly faults: RandomFaults;
    readonly happenings: ReadonlyMap<string, number>;
    readonly ledger: Ledger;
    readonly course: Course;
}

/** Those of one course, or of several after one another. */
export function reportOf(parts: readonly ReportParts[]): SoakReport {
    const sum = (count: (part: ReportParts) => number) => parts.reduce((total, part) => total + count(part), 0);
    const faults = added(parts.map((part) => part.faults.hits));
    const happenings = added(parts.map((part) => part.happenings));
    const outcomes = added(parts.map((part) => part.course.outcomes));
    const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((all, one) => all + one, 0);
    const problems = parts.flatMap(({ ledger, course }) => [
        ...course.problems.lost.map((what) => `lost: ${what}`),
        ...ledger.doubled.map((what) => `second cancel request: ${what}`),
        ...ledger.unwanted.map((what) => `cancel request for ${what}`),
        ...course.problems.wrong.map((what) => `wrong: ${what}`),
        ...course.problems.unnamed.map((what) => `no reason named: ${what}`),
    ]);
    const commandNames = ["preview", "up", "refresh", "destroy"] as const;
    const failedFor = [...outcomes].filter(([name]) => name.startsWith("ERR_"));
    return {
        faults,
        happenings,
        problems,
        figures: new Map<string, number | string>([
            ["machine actions declared", sum(({ fleet }) => fleet.inSet.length + fleet.single.length)],
            ...commandNames.map((name): [string, number] => [name, sum(({ course }) => course.commands[name])]),
            ["up, stopped on its way", sum(({ course }) => course.commands.stopped)],
            ["up, its result lost with its process", sum(({ course }) => course.commands.thrownAway)],
            ["reads of one action", sum(({ ledger }) => ledger.requests.get)],
            ["reads of lists", sum(({ ledger }) => ledger.requests.list)],
            ["cancel requests", sum(({ ledger }) => ledger.requests.cancel)],
            ["faults", total(faults)],
            ["refused by the quota", sum(({ ledger }) => ledger.overQuota())],
            ["happened to actions by themselves", total(happenings)],
            ["cancel requests accepted", sum(({ ledger }) => ledger.acceptedInAll())],
            ["of them again, once a read had shown it open", sum(({ ledger }) => ledger.sentAgain())],
            ["cancelled and proven", outcomes.get("cancelled") ?? 0],
            ["adopted as our own", outcomes.get("adopted from ourselves") ?? 0],
            ["adopted from others", outcomes.get("adopted from others") ?? 0],
            ["expired", outcomes.get("expired") ?? 0],
            ["too late, as accepted", outcomes.get("tooLate") ?? 0],
            ["failed, with a reason", failedFor.reduce((all, [, count]) => all + count, 0)],
            ["LOST", sum(({ course }) => course.problems.lost.length)],
            ["DOUBLED", sum(({ ledger }) => ledger.doubled.length)],
            ["UNWANTED", sum(({ ledger }) => ledger.unwanted.length)],
            ["WRONG", sum(({ course }) => course.problems.wrong.length)],
            ["WITHOUT A REASON", sum(({ course }) => course.problems.unnamed.length)],
        ]),
    };
}

function added(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
    const sums = new Map<string, number>();
    for (const [name, count] of counts.flatMap((one) => [...one])) {
        sums.set(name, (sums.get(name) ?? 0) + count);
    }
    return sums;
}
