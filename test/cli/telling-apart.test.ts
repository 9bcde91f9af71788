import test from "ava";
import { checkInputs } from "../../provider/schema/cancellation-inputs.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import { commandScene } from "../helpers/command.ts";
import { onSetStage, resultOf } from "../helpers/set-stage.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

/** Two quarantines and two live responses on one machine, which have the same type, machine and requestor. */
const machineId = "1".repeat(40);
const hashes = ["3395856ce81f2b7382dee72602f798b642f14140", "9d8f1a0c5b2e4f6a7c3d1e0b9a8f7c6d5e4f3a2b"] as const;
const guid = (nth: number) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${nth}`;
const quarantine = (nth: number, hash: string) => ({
    id: guid(nth),
    type: "StopAndQuarantineFile",
    machineId,
    relatedFileInfo: { fileIdentifier: hash, fileIdentifierType: "Sha1" },
    externalId: `INC-4711/${nth}`,
});
const response = (nth: number, script: string) => ({
    id: guid(nth),
    type: "LiveResponse",
    machineId,
    title: `Triage ${nth}`,
    commands: [
        {
            index: 0,
            commandStatus: "Created",
            command: { type: "RunScript", params: [{ key: "ScriptName", value: script }] },
        },
    ],
});
const actions = [
    quarantine(1, hashes[0]),
    quarantine(2, hashes[1]),
    response(3, "collect.ps1"),
    response(4, "wipe.ps1"),
];

test("actions, declare and apply show what tells apart two actions of one type on one machine", async (t) => {
    const scene = await commandScene(t, { actions });
    const { stdout } = await scene.run(["actions"]);
    t.regex(stdout, new RegExp(`StopAndQuarantineFile \\(file ${hashes[0]}, external id INC-4711/1\\)`));
    t.regex(stdout, /LiveResponse \(commands RunScript ScriptName=wipe\.ps1, title "Triage 4"\)/);
    const json = await scene.run(["actions", "--json", "--id", guid(1)]);
    t.like(JSON.parse(json.stdout), {
        relatedFileInfo: { fileIdentifier: hashes[0], fileIdentifierType: "Sha1" },
        externalId: "INC-4711/1",
    });
    const made = await scene.run(["declare", "x.yaml", "--machine", machineId, "--comment", "INC-4711"]);
    t.is(made.code, 0, made.stderr);
    const text = await scene.read("x.yaml");
    t.true(text.includes(`relatedFile: ${hashes[0]}`) && text.includes("externalId: INC-4711/2"), text);
    t.regex(
        text,
        /# LiveResponse \(commands RunScript ScriptName=collect\.ps1, title "Triage 3"\)\n +- machineActionId/,
    );
    // The file of another action: nothing is sent.
    await scene.write("x.yaml", text.replace(hashes[1], hashes[0]));
    const args = ["apply", "x.yaml", "--reason", "test", "--as", "incident/prod/x", "--yes"];
    const refused = await scene.run(args);
    t.is(refused.code, 1);
    t.regex(refused.stderr, new RegExp(`relatedFile is "${hashes[1]}", expected "${hashes[0]}"`));
    t.regex(refused.stderr, /would cancel: LiveResponse on .* \(commands RunScript ScriptName=wipe\.ps1/);
    t.is(scene.posts(), 0);
});

test("the record and the report keep what tells the actions apart, and verify it", async (t) => {
    const scene = await commandScene(t, { actions });
    const upper = hashes[0].toUpperCase();
    const single = await storedResource(scene, "one", {
        machineActionId: guid(1),
        comment: "INC-4711",
        expect: { relatedFile: upper, externalId: "inc-4711/1" },
    });
    t.like(single.outputs, { relatedFileInfo: { fileIdentifier: hashes[0] }, externalId: "INC-4711/1" });
    const set = await storedResource(scene, "many", {
        comment: "INC-4711",
        cancellations: [
            { machineActionId: guid(2), expect: { type: "StopAndQuarantineFile", relatedFile: hashes[1] } },
            { machineActionId: guid(3) },
        ],
    });
    const results = set.outputs.results as Record<string, Properties>;
    t.like(results[guid(2)], { expect: "tf", relatedFileInfo: { fileIdentifier: hashes[1] } });
    t.like(results[guid(3)], { commandSummary: "RunScript ScriptName=collect.ps1", title: "Triage 3" });
    const state = stackExport(single, set);
    const verified = await scene.run(["report", "--verify"], { stdin: state });
    t.is(verified.code, 0, verified.stdout);
    for (const format of ["text", "csv", "markdown", "html", "json"]) {
        const { stdout } = await scene.run(["report", "--format", format], { stdin: state });
        t.true(stdout.includes(hashes[1]) && stdout.includes("collect"), format);
    }
    // Edited in the state: another file.
    const forged = structuredClone(single);
    forged.outputs.relatedFileInfo = { fileIdentifier: hashes[1], fileIdentifierType: "Sha1" };
    t.is((await scene.run(["report", "--verify"], { stdin: stackExport(forged) })).code, 2);
});

test("a refresh of a set restores the expected file and external id from the observed ones", async (t) => {
    await onSetStage(actions, async ({ inputs, create, read, diff }) => {
        const cancellations = [
            { machineActionId: guid(1), expect: { relatedFile: hashes[0], externalId: "INC-4711/1" } },
            { machineActionId: guid(2), expect: { relatedFile: hashes[1].toUpperCase() } },
        ];
        const news = await inputs({ cancellations });
        const { props, inputs: restored } = await read(await create(news));
        t.is(resultOf(props, guid(1))?.expect, "fe");
        t.like(restored, { cancellations: [cancellations[0], { machineActionId: guid(2) }] });
        t.false(await diff(props, news));
    });
});

test("expect of a file and an external id is part of the digest, and a blank one is refused", (t) => {
    const digest = (expect: object) =>
        setDigest(entriesOf({ cancellations: [{ machineActionId: guid(1), expect }], comment: "x" }));
    const type = "StopAndQuarantineFile";
    const digests = [
        digest({ type }),
        digest({ type, relatedFile: hashes[0] }),
        digest({ type, relatedFile: hashes[1] }),
        digest({ type, externalId: "INC-4711/1" }),
    ];
    t.is(new Set(digests).size, 4);
    const { failures } = checkInputs({
        machineActionId: guid(1),
        comment: "x",
        expect: { relatedFile: " ", externalId: 7 },
    });
    t.deepEqual(
        failures.map(({ property }) => property),
        ["expect.relatedFile", "expect.externalId"],
    );
});
