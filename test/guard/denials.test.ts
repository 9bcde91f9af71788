import test from "ava";
import type { Refusal } from "../../provider/guard/decision.ts";
import { adviceFor, denied, isApprovable } from "../../provider/guard/denials.ts";

const [protects, denies]: readonly [Refusal, Refusal] = [
    { rule: "protectTypes", because: "type is Isolate" },
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
    t.regex(adviceFor([protects], digest), new RegExp(`DEFENDER_APPROVED_DIGEST=${digest}`));
    t.is(adviceFor([protects, denies], digest), "it is for the owner of the guard to say");
});

test("a refusal names the action, every rule and the guard", (t) => {
    const action = { id, status: "Pending", type: "Isolate", computerDnsName: "ws-0417", commands: [] };
    const error = denied({ action, digest }, [protects, denies], "/etc/guard.yaml");
    t.like(error, { code: "ERR_DEFENDER_DENIED", machineActionId: id });
    t.is(
        error.message,
        `the guard refuses to cancel machine action ${id} (Isolate on ws-0417): protectTypes: type is Isolate; ` +
            "denyTypes: type is Isolate. Nothing was sent; it is for the owner of the guard to say (/etc/guard.yaml)",
    );
});
