import test from "ava";
import { describeAction, foldStatus, isFinal, isGuid, reversalOf } from "../provider/machine-action.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

test("a status is known in any case and spelling, and unknown ones are not final", (t) => {
    for (const [status, spellings] of Object.entries({
        Cancelled: ["cancelled", "CANCELED", "Canceled"],
        TimeOut: ["Timeout", "timeout", "TIMEOUT"],
        InProgress: ["inprogress", "INPROGRESS"],
    })) {
        for (const spelling of spellings) {
            t.is(foldStatus(spelling), status);
        }
    }
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

test("an action is described by type and computer, and knows what would reverse it", (t) => {
    t.is(
        describeAction({ id, status: "Pending", type: "Isolate", computerDnsName: "ws", commands: [] }),
        "Isolate on ws",
    );
    t.is(describeAction({ id, status: "Pending", commands: [] }), "machine action");
    t.is(reversalOf("ISOLATE"), "submit Unisolate to reverse it");
    t.is(reversalOf("RunAntiVirusScan"), "nothing reverses it");
    t.is(reversalOf(undefined), "nothing reverses it");
});
