import test from "ava";
import { scene } from "../helpers/scene.ts";

const comment = "INC-4711";

test("what a preview does not know is a warning, fails a strict one, and silences nothing else", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{ status: "Succeeded" }, { computerDnsName: "ws-known" }, { requestor: "soar@contoso.example" }],
        declare: () => [],
        whole: ([late, known, expected]) => [
            { name: "single", args: {}, script: { road: "id of another resource", args: { comment } } },
            {
                name: "set",
                args: {},
                script: {
                    road: "id of another resource",
                    isSet: true,
                    args: { comment, cancellations: [late, known].map((machineActionId) => ({ machineActionId })) },
                },
            },
            {
                name: "list",
                args: {},
                script: { road: "whole list of another resource", isSet: true, args: { comment } },
            },
            {
                name: "expected",
                args: {},
                script: { road: "expected type of another resource", args: { machineActionId: expected, comment } },
            },
        ],
    });
    const lines = (severity: string) => [
        new RegExp(`single create ${severity}: not known in this preview: machineActionId`),
        new RegExp(
            `set create ${severity}: of 3 cancellations: 1 would cancel, 1 too late, 1 not known in this preview; `,
        ),
        new RegExp(`list create ${severity}: not known in this preview: cancellations`),
    ];
    const warned = await engine.preview();
    t.true(warned.failed, "what is known of an expectation differs");
    for (const line of lines("warning")) {
        t.regex(warned.output, line);
    }
    t.regex(warned.output, /expected create error: expectation differs: .*; not known in this preview: expect\.type/);
    t.regex(warned.output, /set create .*\[digest not known until all inputs are known\]/);
    await engine.setConfig("defender:preflight", "strict");
    const strict = await engine.preview();
    t.true(strict.failed);
    for (const line of lines("error")) {
        t.regex(strict.output, line);
    }
    t.true(simulator.requests.every(({ method }) => method === "GET"));
});
