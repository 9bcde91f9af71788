import { randomUUID } from "node:crypto";
import test from "ava";
import { type Fault, startSimulator } from "../../simulator/index.ts";
import { type Declaration, type EngineRun, startEngine } from "../helpers/engine.ts";
import { startGateway } from "../helpers/gateway.ts";
import { diagnosticsOf } from "../helpers/run-report.ts";

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

const forbidden: Fault = {
    name: "answer",
    when: "before",
    status: 403,
    body: '{"error":{"code":"Forbidden","message":"Out of scope."}}',
};

test("old records that cannot be read, and a token that was rotated, stop no new cancellation and change no record", async (t) => {
    const names = ["forbidden", "unreachable", "readable", "in-set", "also-in-set", "new-0", "new-1", "new-2"];
    const ids = names.map(() => randomUUID());
    const idOf = (name: string) => ids[names.indexOf(name)] ?? "";
    let faulty: Readonly<Record<string, Fault>> = {};
    await using simulator = await startSimulator({
        actions: ids.map((id) => ({ id })),
        faults: ({ operation, actionId = "" }) =>
            operation === "list" && Object.keys(faulty).length > 0
                ? "not visible"
                : operation === "get"
                  ? faulty[actionId]
                  : undefined,
    });
    let valid = ["token-of-monday"];
    const url = await startGateway(t, simulator.url, (token) => valid.includes(token));
    let isGrown = false;
    const single = (name: string): Declaration => ({
        name,
        isOfPlugin: true,
        args: { machineActionId: idOf(name), comment: "INC-4711" },
    });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: url, DEFENDER_VISIBILITY_SECONDS: "1" },
        config: { "defender:accessToken": { value: "token-of-monday", secret: true } },
        declarations: () => [
            ...["forbidden", "unreachable", "readable"].map(single),
            {
                name: "set",
                isOfPlugin: true,
                isSet: true,
                args: {
                    comment: "INC-4711",
                    cancellations: ["in-set", "also-in-set"].map((name) => ({ machineActionId: idOf(name) })),
                },
            },
            ...(isGrown ? ["new-0", "new-1", "new-2"] : []).map(single),
        ],
    });
    t.teardown(engine.dispose);
    const sent = () =>
        simulator.requests.flatMap(({ operation, actionId }) => (operation === "cancel" ? actionId : []));
    const stored = async () =>
        new Map((await engine.resources()).map((resource) => [resource.urn.split("::").at(-1) ?? "", resource]));
    t.is(exitCodeOf(await engine.up()), 0);
    const before = await stored();

    faulty = {
        [idOf("forbidden")]: forbidden,
        [idOf("unreachable")]: "503 before",
        [idOf("in-set")]: forbidden,
    };
    valid = ["token-of-tuesday"];
    await engine.setConfig("defender:accessToken", "token-of-tuesday");
    isGrown = true;
    // The refresh before the program has only the expired token. The program's resources get the new one.
    const failing = ["forbidden", "set", "unreachable"];
    for (const options of [{}, { continueOnError: true }]) {
        const up = await engine.up(options);
        t.is(exitCodeOf(up), 1, up.output);
        const errors = [...diagnosticsOf(up)].filter(([, lines]) => lines.some(({ level }) => level === "error"));
        t.deepEqual(errors.map(([name]) => name).sort(), [...failing, "incident-test"].sort());
        t.regex(
            up.output,
            new RegExp(`ERR_DEFENDER_FORBIDDEN: machine action ${idOf("forbidden")} .*could not be read`),
        );
        t.regex(
            up.output,
            new RegExp(`ERR_DEFENDER_SERVER: machine action ${idOf("unreachable")} .*could not be read`),
        );
        t.deepEqual(sent().sort(), ids.toSorted());
        const after = await stored();
        for (const name of failing) {
            t.deepEqual(after.get(name)?.outputs, before.get(name)?.outputs, name);
        }
    }
    const after = await stored();
    for (const name of failing) {
        t.true(after.get(name)?.refreshBeforeUpdate, name);
    }
    t.is(after.get("forbidden")?.inputs.desiredStatus, "not readable: ERR_DEFENDER_FORBIDDEN");

    // When they can be read again, the same command confirms them.
    faulty = {};
    const well = await engine.up();
    t.is(exitCodeOf(well), 0, well.output);
    const healed = await stored();
    t.true([...healed.values()].every(({ initErrors }) => initErrors === undefined));
    t.deepEqual(healed.get("forbidden")?.outputs, before.get("forbidden")?.outputs);
    t.is(sent().length, ids.length);

    // Another token is no change, as long as the last one is still valid.
    valid = ["token-of-tuesday", "token-of-wednesday"];
    await engine.setConfig("defender:accessToken", "token-of-wednesday");
    const empty = await engine.up({ expectNoChanges: true });
    t.is(exitCodeOf(empty), 0, empty.output);
});
