import test from "ava";
import { differences, refusePastNotAfter, refuseUnexpected } from "../../provider/cancel/expectations.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { expectable, observedValue } from "../../provider/schema/input-rules.ts";

const action: MachineAction = {
    id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    status: "Pending",
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    computerDnsName: "ws-0417.contoso.example",
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
    relatedFileInfo: { fileIdentifier: "3395856ce81f2b7382dee72602f798b642f14140", fileIdentifierType: "Sha1" },
    externalId: "INC-4711/7",
    commands: [],
};

test("each property that was approved is compared, whatever its case", (t) => {
    t.is(differences(action, undefined), undefined);
    t.is(differences(action, {}), undefined);
    for (const name of expectable) {
        const value = observedValue(action, name) ?? "";
        t.is(differences(action, { [name]: value }), undefined, name);
        t.is(differences(action, { [name]: value.toUpperCase() }), undefined, name);
        t.is(differences(action, { [name]: `${value}x` }), `${name} is "${value}", expected "${value}x"`);
        // A part of it is not it.
        t.truthy(differences(action, { [name]: value.slice(1) }), name);
    }
});

test("a type is as expected however it is spelled, and another one is not", (t) => {
    const typed = { ...action, type: "Live Response" };
    for (const type of ["LiveResponse", "live-response", "LIVE RESPONSE", "Live\u200bResponse"]) {
        t.is(differences(typed, { type }), undefined, type);
    }
    for (const type of ["LiveRespons", "Live Response 2", "Live Respоnse", "Ｌive Response"]) {
        t.is(differences(typed, { type }), `type is "Live Response", expected "${type}"`);
    }
    // Of nothing else the spelling is left out of account.
    t.truthy(differences(action, { requestorComment: "playbook-12" }));
});

test("what the API does not tell never matches", (t) => {
    for (const name of expectable) {
        const without = { ...action, [name === "relatedFile" ? "relatedFileInfo" : name]: undefined };
        t.is(differences(without, { [name]: "x" }), `${name} is not known, expected "x"`);
    }
});

test("all differences stand side by side in one line, foreign text clean and short", (t) => {
    t.is(
        differences(
            { ...action, requestor: `x\n\u001b[31m${"y".repeat(100)}` },
            { type: "Unisolate", requestor: "analyst" },
        ),
        `type is "Isolate", expected "Unisolate"; requestor is "x ${"y".repeat(77)}…", expected "analyst"`,
    );
});

test("an action that is not what was approved is refused, with its id, its name and both values", (t) => {
    t.notThrows(() => refuseUnexpected(action, { type: "isolate" }));
    const error = t.throws(() => refuseUnexpected(action, { computerDnsName: "ws-0418.contoso.example" }), {
        instanceOf: DefenderError,
    });
    t.is(error?.code, "ERR_DEFENDER_UNEXPECTED");
    t.is(error?.machineActionId, action.id);
    t.is(
        error?.message,
        `machine action ${action.id} (Isolate on ws-0417.contoso.example) is not what was approved: computerDnsName is ` +
            '"ws-0417.contoso.example", expected "ws-0418.contoso.example". Nothing was sent. Check the id, or correct expect',
    );
});

test("notAfter is the last moment at which something is sent", (t) => {
    const at = Date.parse("2026-05-05T07:00:00Z");
    t.notThrows(() => refusePastNotAfter(action, undefined, at));
    t.notThrows(() => refusePastNotAfter(action, at, at));
    const error = t.throws(() => refusePastNotAfter(action, at, at + 1), { instanceOf: DefenderError });
    t.is(error?.code, "ERR_DEFENDER_PAST_NOT_AFTER");
    t.is(error?.machineActionId, action.id);
    t.regex(
        error?.message ?? "",
        /\(Isolate on ws-0417\S*\) can no longer be cancelled: notAfter was 2026-05-05 07:00:00Z, now it is 2026-05-05 07:00:01Z. Nothing/,
    );
});
