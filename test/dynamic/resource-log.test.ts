import test from "ava";
import { logOnResourceOf, urnOf } from "../../provider/dynamic/resource-log.ts";
import { startStandInEngine } from "../helpers/stand-in-engine.ts";

const type = "pulumi-nodejs:dynamic/defender:MachineActionCancellationSet";
const urn = `urn:pulumi:prod::incident::${type}::playbook-12`;

test("the lines of a refresh are one warning on the resource, and have arrived when the step ends", async (t) => {
    const engine = await startStandInEngine();
    t.teardown(engine.close);
    await logOnResourceOf(type, engine.address)("incident/prod/playbook-12", [
        "2 gone: ws-0001,",
        "::ws-\u001b[31m0002",
    ]);
    t.deepEqual(engine.lines, [{ severity: "warning", line: "2 gone: ws-0001,\n: :ws-0002", urn }]);
});

test.serial("lines that the engine does not take, or whose resource is not known, are printed", async (t) => {
    const engine = await startStandInEngine();
    t.teardown(engine.close);
    engine.answer = "with an error";
    const printed: string[] = [];
    const { warn } = console;
    console.warn = (line: string) => void printed.push(line);
    try {
        await logOnResourceOf(type, engine.address)("incident/prod/playbook-12", ["refused"]);
        await logOnResourceOf(type, undefined)("incident/prod/playbook-12", ["no engine"]);
        await logOnResourceOf(type, engine.address)(undefined, ["no name"]);
    } finally {
        console.warn = warn;
    }
    t.deepEqual(printed, ["refused", "no engine", "no name"]);
});

test("a URN has the parts of the declaration's name, and no other text of the state", (t) => {
    t.is(urnOf(type, "incident/prod/playbook-12"), urn);
    t.is(urnOf(type, "incident/prod/a/b c"), `urn:pulumi:prod::incident::${type}::a/b c`);
    const shown = ["a/b/x\u001b[2J", "a/b/x\r\ny", "a/b/\u202ex", "a/b/##vso[task.complete]x"];
    const others = [undefined, 1, "", "incident", "incident/prod/", "a::b/prod/x", "a/b/x::y", "a/b\nc/x"];
    for (const hostile of [...others, ...shown]) {
        t.is(urnOf(type, hostile), undefined, String(hostile));
    }
});
