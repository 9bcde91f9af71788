import test from "ava";
import { isAtHighRisk, noteOf, summaryOf } from "../../provider/machines/machine-notes.ts";
import type { Machine } from "../../provider/machines/machines-client.ts";

const machine = (facts: Omit<Machine, "id">) => ({ machine: { id: "a".repeat(40), ...facts } });

test("a machine without risk or special value is not worth a word", (t) => {
    for (const riskScore of ["None", "informational", "LOW"]) {
        t.is(noteOf(machine({ riskScore, deviceValue: "Normal", machineTags: ["kiosk"] })), "");
    }
});

test("risk, value and tags are named where one of the first two is out of the ordinary", (t) => {
    t.is(noteOf(machine({ riskScore: "high" })), "; its machine: risk score HIGH");
    t.is(noteOf(machine({ riskScore: "Medium" })), "; its machine: risk score Medium");
    t.is(
        noteOf(machine({ riskScore: "None", deviceValue: "High", machineTags: ["a", "b", "c", "d", "e", "f"] })),
        "; its machine: device value HIGH, tags a, b, c, d, e",
    );
    t.is(noteOf(machine({})), "; its machine: risk score not returned");
    t.is(noteOf({ unknown: "403" }), "; its machine is not known: 403");
});

test("a fleet is counted by risk, and those of high risk are named at the end", (t) => {
    const fleet = [
        { name: "dc-01", facts: machine({ riskScore: "High" }) },
        ...Array.from({ length: 1_187 }, (_, at) => ({ name: `ws-${at}`, facts: machine({ riskScore: "Low" }) })),
        { name: "lap-1", facts: machine({ riskScore: "Medium" }) },
        { name: "odd", facts: machine({ riskScore: "Extreme" }) },
        { name: "gone", facts: { unknown: "the API returns nothing for this machine" } },
        { name: "dc-02", facts: machine({ riskScore: "HIGH" }) },
    ];
    t.is(
        summaryOf(fleet),
        "machines by risk score: 1,187 none or low, 1 medium, 1 not returned, 1 not known (the API returns nothing for this " +
            "machine), 2 HIGH: dc-01, dc-02",
    );
    t.is(summaryOf([]), "");
});

test("of many machines of high risk the first ten are named", (t) => {
    const many = Array.from({ length: 13 }, (_, at) => ({ name: `dc-${at}`, facts: machine({ riskScore: "High" }) }));
    t.regex(summaryOf(many), /13 HIGH: dc-0, .*, dc-9, and 3 more$/);
});

test("a machine is at high risk by its score alone, in any case", (t) => {
    const scores = [undefined, "None", "Low", "Medium", "high", "HIGH"];
    t.deepEqual(
        scores.filter((riskScore) => isAtHighRisk({ id: "a", riskScore, machineTags: [] } as Machine)),
        ["high", "HIGH"],
    );
});
