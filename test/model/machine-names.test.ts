import test from "ava";
import { machineName } from "../../provider/model/machine-action.ts";
import { namesAmong } from "../../provider/model/machine-names.ts";

const named = (...names: readonly (string | undefined)[]) => {
    const machines = names.map((computerDnsName) => ({ computerDnsName }));
    return machines.map(namesAmong(machines));
};

test("a machine is named without its domain, and by its whole address", (t) => {
    const short = (computerDnsName: string) => machineName({ computerDnsName });
    t.is(short("ws-0417.contoso.example"), "ws-0417");
    t.is(short("büro_1.contoso.example"), "büro_1");
    t.is(short("ws-0417"), "ws-0417");
    t.is(short("10.0.0.5"), "10.0.0.5");
    t.is(short("::ffff:10.0.0.5"), "::ffff:10.0.0.5");
    t.is(short(".contoso.example"), ".contoso.example");
    t.is(short("  "), undefined);
    t.is(short(""), undefined);
    t.is(machineName({}), undefined);
    t.is(short("::error::x\u001b[2J\ny.contoso.example")?.includes("\n"), false);
    t.is(short("x".repeat(1_000))?.length, 40);
});

test("two machines that a reader sees together have two names", (t) => {
    t.deepEqual(named("10.0.0.5", "10.0.0.6"), ["10.0.0.5", "10.0.0.6"]);
    t.deepEqual(named("ws-01.a.example", "WS-01.b.example", "ws-02.a.example", undefined), [
        ...["ws-01.a.example", "WS-01.b.example", "ws-02"],
        undefined,
    ]);
    // Two actions on one machine.
    t.deepEqual(named("ws-01.a.example", "WS-01.A.example"), ["ws-01", "WS-01"]);
    const machines = ["a", "b"].map((digit) => ({ computerDnsName: "ws-01.a.example", machineId: digit.repeat(40) }));
    t.deepEqual(machines.map(namesAmong(machines)), [`ws-01 (${"a".repeat(40)})`, `ws-01 (${"b".repeat(40)})`]);
});
