import test from "ava";
import type { Refusal } from "../../provider/guard/decision.ts";
import { adviceFor, isApprovable, refused } from "../../provider/guard/guard-errors.ts";

const [protects, denies]: readonly [Refusal, Refusal] = [
    { rule: "protectTypes", because: "type is Isolate", pair: "00112233aabbccdd" },
    { rule: "denyTypes", because: "type is Isolate" },
];
const digest = "0".repeat(64);
const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

test("an approval is advised only where it lifts everything that stands against it", (t) => {
    t.true(isApprovable([protects]));
    t.true(isApprovable([protects, protects]));
    t.false(isApprovable([protects, denies]));
    t.false(isApprovable([denies]));
    t.false(isApprovable([]));
    const pairs = ["00112233aabbccdd", "8899aabbccddeeff"];
    t.regex(
        adviceFor([protects], digest, pairs),
        new RegExp(`DEFENDER_APPROVED_DIGEST=${digest}:00112233aabbccdd\\+8899aabbccddeeff; for a set`),
    );
    t.is(adviceFor([protects, denies], digest, pairs), "ask the owner of the guard");
});

test("what stands against an action on an unknown machine cannot be approved", (t) => {
    const nowhere = { ...protects, pair: undefined };
    t.false(isApprovable([nowhere]));
    t.false(isApprovable([protects, nowhere]));
    t.is(adviceFor([nowhere], digest, []), "ask the owner of the guard");
});

test("a refusal names the action, every rule and the guard", (t) => {
    const action = { id, status: "Pending", type: "Isolate", computerDnsName: "ws-0417", commands: [] };
    const error = refused(
        { action, digest },
        { refusals: [protects, denies], lifted: [], pairs: [] },
        "/etc/guard.yaml",
    );
    t.like(error, { code: "ERR_DEFENDER_DENIED", machineActionId: id });
    t.is(
        error.message,
        `the guard refuses to cancel machine action ${id} (Isolate on ws-0417): protectTypes: type is Isolate; ` +
            "denyTypes: type is Isolate. Nothing was sent; ask the owner of the guard (/etc/guard.yaml)",
    );
});
