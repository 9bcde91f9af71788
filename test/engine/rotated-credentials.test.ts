import test, { type ExecutionContext } from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { type EngineRun, startEngine } from "../helpers/engine.ts";
import { startGateway } from "../helpers/gateway.ts";

const rescue = { refresh: true, runProgram: true, continueOnError: true } as const;
const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

async function stage(t: ExecutionContext) {
    const simulator = await startSimulator({ actions: [{}, {}, {}] });
    t.teardown(() => simulator.close());
    const ids = simulator.actions().map(({ id }) => id);
    let valid = "token-of-monday";
    let declared = 1;
    const url = await startGateway(t, simulator.url, (token) => token === valid);
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: url },
        config: { "defender:accessToken": { value: valid, secret: true } },
        declarations: () =>
            ids.slice(0, declared).map((machineActionId, index) => ({
                name: `cancellation-${index}`,
                args: { machineActionId, comment: "INC-4711" },
            })),
    });
    t.teardown(() => engine.dispose());
    t.false((await engine.up()).failed);
    return {
        engine,
        posts: () => simulator.requests.filter(({ operation }) => operation === "cancel").length,
        declare: (count: number) => {
            declared = count;
        },
        rotate: (token: string) => {
            valid = token;
        },
        outputs: async () => JSON.stringify((await engine.resources()).map(({ id, outputs }) => [id, outputs]).sort()),
    };
}

for (const [name, options] of [
    ["with the program the new config reads it", rescue],
    ["without the program the update reads it with the new config", { refresh: true, continueOnError: true }],
] as const) {
    test.serial(`a token in config that has expired since the last run stops nothing: ${name}`, async (t) => {
        const { engine, posts, declare, rotate, outputs } = await stage(t);
        const before = await outputs();
        rotate("token-of-tuesday");
        // The stored config alone: nothing can be read, and nothing is lost.
        const refreshed = await engine.refresh({ expectNoChanges: true });
        t.is(exitCodeOf(refreshed), 7, refreshed.output);
        t.regex(refreshed.output, /ERR_DEFENDER_UNAUTHORIZED: machine action \S+ .* could not be read/);
        t.is(await outputs(), before);
        await engine.setConfig("defender:accessToken", "token-of-tuesday");
        declare(3);
        const up = await engine.up(options);
        t.is(exitCodeOf(up), 0, up.output);
        t.is(posts(), 3);
        t.true((await outputs()).includes(before.slice(1, -1)));
        t.true((await engine.resources()).every(({ initErrors }) => initErrors === undefined));
        t.is(exitCodeOf(await engine.refresh({ expectNoChanges: true })), 0);
    });
}
