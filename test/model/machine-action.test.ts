import test from "ava";
import {
    describeAction,
    foldStatus,
    isAtWork,
    isFinal,
    isGuid,
    isKnownStatus,
    isMachineId,
    newestFirst,
    reversalOf,
} from "../../provider/model/machine-action.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

test("an unknown status keeps its own words, without the blanks around them", (t) => {
    t.deepEqual(["  Something new ", "   ", ""].map(foldStatus), ["Something new", "Unknown", "Unknown"]);
});

test("a status is known in any case and spelling, and unknown ones are not final", (t) => {
    for (const [status, spellings] of Object.entries({
        Cancelled: ["cancelled", "CANCELED", "Canceled"],
        TimeOut: ["Timeout", "timeout", "TIMEOUT"],
        InProgress: ["inprogress", "INPROGRESS"],
        Pending: ["pending", " PENDING "],
        Succeeded: ["succeeded"],
        Failed: ["FAILED"],
    })) {
        for (const spelling of spellings) {
            t.is(foldStatus(spelling), status);
        }
        t.true(isKnownStatus(status));
    }
    t.false(isKnownStatus("Cancelling"));
    t.deepEqual(["Succeeded", "Failed", "TimeOut", "Cancelled"].map(isFinal), [true, true, true, true]);
    t.deepEqual(["Pending", "InProgress", foldStatus("Cancelling"), foldStatus("")].map(isFinal), [
        false,
        false,
        false,
        false,
    ]);
});

test("only a plain GUID is one", (t) => {
    t.true(isGuid(id));
    t.true(isGuid(id.toUpperCase()));
    for (const text of ["", `{${id}}`, `${id}/cancel`, `../${id}`, `${id}\n`, id.replaceAll("-", ""), ` ${id}`]) {
        t.false(isGuid(text), JSON.stringify(text));
    }
});

test("only forty hexadecimal digits are the id of a machine", (t) => {
    const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
    t.true(isMachineId(machineId));
    t.true(isMachineId(machineId.toUpperCase()));
    for (const text of ["", id, machineId.slice(1), `${machineId}0`, `g${machineId.slice(1)}`, ` ${machineId}`]) {
        t.false(isMachineId(text), JSON.stringify(text));
    }
});

test("what containment and its reversal did is reversed by the other one", (t) => {
    for (const [type, advice] of [
        ["Unisolate", "submit Isolate to"],
        ["RestrictCodeExecution", "submit UnrestrictCodeExecution to"],
        ["UnrestrictCodeExecution", "submit RestrictCodeExecution to"],
        ["StopAndQuarantineFile", "restore the file"],
        ["Offboard", "onboard the machine"],
        ["LiveResponse", "look at what its commands did"],
    ] as const) {
        t.true(reversalOf(type).startsWith(advice), type);
    }
});

test("an action is described by type and computer, and knows what would reverse it", (t) => {
    t.is(describeAction({ type: "Isolate", computerDnsName: "ws" }), "Isolate on ws");
    t.is(describeAction({}), "machine action");
    t.is(reversalOf("ISOLATE"), "submit Unisolate to reverse it");
    t.is(reversalOf("RunAntiVirusScan"), "nothing reverses it");
    t.is(reversalOf(undefined), "nothing reverses it");
});

test("the newest comes first; where the time is the same or not known the id decides", (t) => {
    const of = (id: string, creationDateTimeUtc?: string) => ({
        id,
        status: "Pending",
        commands: [],
        creationDateTimeUtc,
    });
    const all = [
        of("a"),
        of("d", "2026-05-05T07:00:00Z"),
        // As a time, not as text.
        of("e", "2026-05-05T07:00:00.5Z"),
        of("c", "2026-05-05T07:00:00Z"),
        of("b", "no time"),
        of("f", "2026-05-05T08:30:00+02:00"),
    ];
    for (const order of [all, all.toReversed()]) {
        t.is(
            order
                .toSorted(newestFirst)
                .map(({ id }) => id)
                .join(""),
            "ecdfab",
        );
    }
});

test("an action is at work between Pending and its end, and also with a status that is not known", (t) => {
    const atWork = ["Pending", "InProgress", "Something new", "Succeeded", "Failed", "Cancelled", "TimeOut"].filter(
        (status) => isAtWork({ id, status, commands: [] }),
    );
    t.deepEqual(atWork, ["InProgress", "Something new"]);
});
