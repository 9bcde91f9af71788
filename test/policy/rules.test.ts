import test from "ava";
import { type CancellationPolicyArgs, cancellationPolicies } from "../../policy/index.ts";
import { saidOf, set, single } from "../helpers/policy-pack.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const hoursAhead = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** What the rule says of a single cancellation with these inputs. */
const ofSingle = (args: CancellationPolicyArgs, name: string, props: object) =>
    saidOf(cancellationPolicies(args), name, { type: single, props: { machineActionId: id, ...props } });

/** What the rule says of a set with these inputs. */
const ofSet = (args: CancellationPolicyArgs, name: string, props: object) =>
    saidOf(cancellationPolicies(args), name, { type: set, props: { cancellations: [], ...props } });

test("a comment that does not match the ticket's pattern is refused, in a set too", async (t) => {
    const args = { ticket: /^INC-\d+: / };
    const missing = 'comment is "wrong machines": expected a match of /^INC-\\d+: /';
    for (const said of [ofSingle, ofSet]) {
        t.is(await said(args, "cancellation-ticket", { comment: "INC-4711: wrong machines" }), undefined);
        t.is(await said(args, "cancellation-ticket", { comment: "wrong machines" }), missing);
        t.regex((await said(args, "cancellation-ticket", {})) ?? "", /^comment is nothing/);
    }
});

test("a pattern with the flag g or y gives the same answer each time", async (t) => {
    for (const ticket of [/INC-\d+/g, /INC-\d+/y]) {
        const policies = cancellationPolicies({ ticket });
        for (const comment of ["INC-4711", "INC-4712", "INC-4713"]) {
            t.is(await saidOf(policies, "cancellation-ticket", { props: { comment } }), undefined, String(ticket));
        }
    }
});

test("what a violation quotes of a comment is one line without control characters", async (t) => {
    const said = await ofSingle({ ticket: /^INC-/ }, "cancellation-ticket", { comment: "\u001b[31m\n::error::x" });
    t.is(said, 'comment is " ::error::x": expected a match of /^INC-/');
});

test("notAfter must be there, be a time with its zone, and lie near", async (t) => {
    const args = { maxNotAfterHours: 24 };
    const name = "cancellation-max-not-after";
    for (const said of [ofSingle, ofSet]) {
        t.is(await said(args, name, { notAfter: hoursAhead(23) }), undefined);
        t.is(await said(args, name, { notAfter: hoursAhead(-48) }), undefined, "nothing is sent after it");
        const missing = "notAfter is missing; it must be at most 24 h from now";
        t.is(await said(args, name, {}), missing);
        t.is(await said(args, name, { notAfter: "tomorrow" }), missing);
        t.is(await said(args, name, { notAfter: "2026-05-04" }), missing);
        t.regex(
            (await said(args, name, { notAfter: hoursAhead(30) })) ?? "",
            /, 30 h from now; it must be at most 24 h from now$/,
        );
    }
});

test("expect must have the properties that are required, with any value", async (t) => {
    const args = { requireExpect: ["type", "machineId"] as const };
    const name = "cancellation-require-expect";
    t.is(await ofSingle(args, name, { expect: { type: "Isolate", machineId, requestor: "soar" } }), undefined);
    t.is(
        await ofSingle(args, name, { expect: { type: "Isolate" } }),
        "expect lacks machineId; it must have type, machineId",
    );
    for (const props of [{}, { expect: "Isolate" }, { expect: ["type", "machineId"] }]) {
        t.regex((await ofSingle(args, name, props)) ?? "", /^expect lacks type, machineId/, JSON.stringify(props));
    }
});

test("allowed types are those of expect.type, whatever the case; without it a cancellation is refused", async (t) => {
    const args = { allowTypes: ["Isolate", "RunAntiVirusScan"] };
    const name = "cancellation-allow-types";
    t.is(await ofSingle(args, name, { expect: { type: "isolate" } }), undefined);
    t.is(
        await ofSingle(args, name, { expect: { type: "Offboard" } }),
        'expect.type is "Offboard", but the rule allows only "Isolate", "RunAntiVirusScan"',
    );
    for (const props of [{}, { expect: { machineId } }, { expect: { type: 7 } }]) {
        t.regex((await ofSingle(args, name, props)) ?? "", /^expect\.type is missing/, JSON.stringify(props));
    }
});

test("denied types are refused, and so is what does not say its type", async (t) => {
    const args = { denyTypes: ["Unisolate"] };
    const name = "cancellation-deny-types";
    t.is(await ofSingle(args, name, { expect: { type: "Isolate" } }), undefined);
    t.is(
        await ofSingle(args, name, { expect: { type: "UNISOLATE" } }),
        'expect.type is "UNISOLATE", and the rule denies "Unisolate"',
    );
    t.regex((await ofSingle(args, name, {})) ?? "", /^expect\.type is missing/);
});

test("protected machines are refused, and so is what does not say its machine", async (t) => {
    const args = { protectMachineIds: [machineId] };
    const name = "cancellation-protect-machine-ids";
    t.is(await ofSingle(args, name, { expect: { machineId: "f".repeat(40) } }), undefined);
    t.regex(
        (await ofSingle(args, name, { expect: { machineId: machineId.toUpperCase() } })) ?? "",
        /^expect\.machineId is "3C0FFEE.*and the rule protects "3c0ffee/,
    );
    t.regex((await ofSingle(args, name, { expect: { type: "Isolate" } })) ?? "", /^expect\.machineId is missing/);
});

test("ids that a look-up of the same run has found are refused, without any rule being asked for", async (t) => {
    const name = "cancellation-not-from-query";
    t.is(await ofSet({}, name, { comment: "INC-4711" }), undefined);
    t.regex((await ofSet({}, name, { fromQuery: 3 })) ?? "", /^getMachineActions found 3 of its ids in this same run/);
    t.regex((await ofSingle({}, name, { fromQuery: 1 })) ?? "", /^getMachineActions found 1 of its ids/);
});
