import test from "ava";
import { machineActionCancellation } from "../../../provider/model/provider-reference.ts";
import { severityOf } from "../../../provider/plan/preview-line.ts";
import { planRegistration } from "../../../provider/resources/preflight/plan-registration.ts";

const plan = () => ({ line: "as registered", verdict: "fine" }) as const;
const registered = (text: string) => ({ inputs: { __provider: text }, stored: {} });
const { text } = machineActionCancellation;

test("a resource that stays as it is gets no line, and one that is registered as this package's own is planned", (t) => {
    t.is(planRegistration("untouched", machineActionCancellation, plan), undefined);
    const line = plan();
    t.is(
        planRegistration(registered(text), machineActionCancellation, () => line),
        line,
    );
});

test("a resource that a transform took from this package is said to be so, without a read", (t) => {
    const never = () => t.fail() as never;
    t.like(planRegistration("stripped", machineActionCancellation, never), { verdict: "would fail" });
    t.like(planRegistration(registered("other code"), machineActionCancellation, never), { verdict: "refused" });
});

test("what is not as approved, and what is refused, fails a preview that only warns", (t) => {
    const severities = (isStrict: boolean) =>
        (["fine", "would fail", "unexpected", "refused"] as const).map((verdict) => severityOf(verdict, isStrict));
    t.deepEqual(severities(false), ["info", "warn", "error", "error"]);
    t.deepEqual(severities(true), ["info", "error", "error", "error"]);
});
