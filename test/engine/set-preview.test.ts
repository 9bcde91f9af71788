import { randomUUID } from "node:crypto";
import test from "ava";
import { scene } from "../helpers/scene.ts";

test("a preview says of a set in one line what up would do, and names the exceptions", async (t) => {
    const unknown = randomUUID();
    let args: object = {};
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: [
            { behaviour: "in-progress-then-cancelled" },
            {},
            { status: "Cancelled" },
            ...Array.from({ length: 11 }, () => ({ status: "Succeeded" })),
        ],
        declare: () => [],
        whole: () => [{ name: "playbook-12", isSet: true, args: { comment: "INC-4711", ...args } }],
    });
    const entries = [...ids, unknown].map((machineActionId) => ({ machineActionId }));

    args = { cancellations: entries };
    const mixed = await engine.preview();
    t.false(mixed.failed, mixed.output);
    const [line = ""] = mixed.output.split("\n").filter((text) => text.includes("of 15 cancellations"));
    t.regex(line, /of 15 cancellations: 2 would cancel, 1 already cancelled, 11 too late, 1 not found; /);
    t.regex(line, /; 11 \((?:[\w-]+, ){10}and 1 more\): too late: .* \[ERR_DEFENDER_TOO_LATE\]; /);
    t.regex(
        line,
        /; (?:ws-\S+, )?[0-9a-f-]{36}: not found: the API does not know it: another tenant\?.* \[ERR_DEFENDER_NOT_FOUND\]; machines by risk score: 2 none or low \[digest [0-9a-f]{12}\]/,
    );
    simulator.clearRequests();

    args = { cancellations: entries, maxCancellations: 14 };
    const many = await engine.preview();
    t.true(many.failed);
    t.regex(
        many.output,
        /cancellations has 15 entries, more than maxCancellations \(14\): raise it if that is intended/,
    );
    args = { cancellations: [entries[0], entries[0]] };
    t.regex(
        (await engine.preview()).output,
        /cancellations\[1\]\.machineActionId is "\S+", which cancellations\[0\] already has/,
    );
    t.deepEqual(simulator.requests, [], "what is wrong is not looked at");

    args = { cancellations: [{ ...entries[0], expect: { type: "Unisolate" } }, entries[1]] };
    const unexpected = await engine.preview();
    t.true(unexpected.failed, "an expectation that differs fails the preview");
    t.regex(unexpected.output, /1 expectation differs, 1 would cancel; \S+: expectation differs: .*type is "Isolate"/);

    args = { cancellations: entries.slice(0, 3) };
    t.false((await engine.up()).failed);
    simulator.clearRequests();
    t.false((await engine.preview({ expectNoChanges: true })).failed);
    t.deepEqual(simulator.requests, [], "a proven set is left alone");
    t.is(cancelRequests(), 0);
});
