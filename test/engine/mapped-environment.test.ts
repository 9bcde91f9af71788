import { randomUUID } from "node:crypto";
import test from "ava";
import { guardFile } from "../helpers/guard-file.ts";
import { scene } from "../helpers/scene.ts";
import { roads, type Script } from "../helpers/scripted-programs.ts";

/** The roads by which a program gives the plugin a guard of its own; on each the reason in preview and in `up`. */
const refusedBy: Partial<Record<Script["road"], RegExp>> = {
    "plain provider with the option": /is not a DefenderProvider/,
    "plain provider with the property": /is not a DefenderProvider/,
    "list of a component": /is not a DefenderProvider/,
    "map of a component's parent": /is not a DefenderProvider/,
    "transformation that puts a provider": /is not a DefenderProvider/,
    "watched, with a plain provider": /is not a DefenderProvider/,
    "option of a DefenderProvider": /ERR_DEFENDER_CONFIGURATION|has the option envVarMappings/,
    "option of a class of its own": /has the option envVarMappings/,
    "option by the stack's transformation": /has the option envVarMappings/,
    ...(process.platform === "linux"
        ? {
              "transform that puts a provider": /has envVarMappings: in its process, DEFENDER_GUARD has/,
              "internal property by a transform": /has envVarMappings: in its process, DEFENDER_GUARD has/,
          }
        : {}),
};

test("no road leads to a plugin with another environment than the run's: preview and up fail, and nothing is sent", async (t) => {
    const ofPipeline = await guardFile(t, "version: 1\nmaxPerRun: 1\n");
    const ofProgram = await guardFile(t, "version: 1\nmaxPerRun: 1000\n");
    let road: Script["road"] = "own transform";
    const { engine, simulator, cancelRequests } = await scene(t, {
        actions: [{}],
        declare: () => [],
        whole: ([machineActionId]) => [
            {
                name: `one-${randomUUID().slice(0, 4)}`,
                args: {},
                script: { road, args: { machineActionId, comment: "INC-4711" } },
            },
        ],
        environment: { DEFENDER_GUARD: ofPipeline, BUILD_TOOL: ofProgram },
    });
    for (const [name, reason] of Object.entries(refusedBy)) {
        t.true(name in roads);
        road = name as Script["road"];
        for (const run of [await engine.preview(), await engine.up()]) {
            t.true(run.failed, `${road}: ${run.output}`);
            t.regex(run.output, reason, road);
            t.regex(run.output, /Nothing was sent/, road);
        }
    }
    t.deepEqual(
        simulator.requests.filter(({ operation }) => operation === "cancel"),
        [],
    );
    t.is(cancelRequests(), 0);
    t.deepEqual(await engine.resources(), []);
});
