import test from "ava";
import { engineIdentity } from "../../provider/session/engine-identity.ts";
import { factsByPs, factsInProc, type ProcessFacts } from "../../provider/system/process-table.ts";

const address = "127.0.0.1:40001";

/** The processes from the engine (10) down to two plugins of one run (31 and 32), each with a shell between. */
function processes(changes: Readonly<Record<number, Partial<ProcessFacts>>> = {}) {
    const facts = { parent: 1, program: "bash", start: "7", hasEnded: false };
    const all: Record<number, ProcessFacts> = {
        10: { ...facts, program: "pulumi", start: "500" },
        21: { ...facts, parent: 10, program: "pulumi-resource", start: "501" },
        22: { ...facts, parent: 10, program: "pulumi-resource", start: "502" },
        23: { ...facts, parent: 22, program: "node-shim", start: "503" },
    };
    return (pid: number) => {
        const found = all[pid];
        return found && { ...found, ...changes[pid] };
    };
}

test("all plugin processes of a run have the same identity, whatever stands between the engine and each", (t) => {
    const one = engineIdentity(address, 21, processes());
    t.truthy(one);
    t.is(engineIdentity(address, 22, processes()), one);
    t.is(engineIdentity(address, 23, processes()), one);
});

test("another engine on the same address has another, by its id or by its start", (t) => {
    const one = engineIdentity(address, 21, processes());
    t.not(engineIdentity(address, 21, processes({ 10: { start: "900" } })), one);
    const facts = processes();
    const moved = (pid: number) =>
        pid === 11 ? facts(10) : pid === 21 ? ({ ...processes()(21), parent: 11 } as ProcessFacts) : facts(pid);
    t.not(engineIdentity(address, 21, moved), one);
});

test("two engines at once are told apart by their addresses too", (t) => {
    t.not(engineIdentity("127.0.0.1:40002", 21, processes()), engineIdentity(address, 21, processes()));
});

test("where the system does not tell, or the engine has another name, the address has to do", (t) => {
    const byAddress = engineIdentity(address, 21, () => undefined);
    t.truthy(byAddress);
    t.is(engineIdentity(address, 22, processes({ 10: { program: "my-engine" } })), byAddress);
    const circle = (): ProcessFacts => ({ parent: 21, program: "sh", start: "1", hasEnded: false });
    t.is(engineIdentity(address, 21, circle), byAddress);
});

test("outside the plugin there is none", (t) => {
    t.is(engineIdentity(undefined, 21, processes()), undefined);
});

test("/proc tells of a process, and nothing of one that is not there", (t) => {
    const me = factsInProc(process.pid);
    t.is(me?.parent, process.ppid);
    t.regex(me?.start ?? "", /^\d+$/);
    t.false(me?.hasEnded);
    t.is(factsInProc(2 ** 30), undefined);
    t.is(factsByPs(2 ** 30), undefined);
});
