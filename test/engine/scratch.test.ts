import test from "ava";
import type { Fault, FaultRequest } from "../../simulator/index.ts";
import { scene } from "../helpers/scene.ts";

const rescue = { refresh: true, runProgram: true, continueOnError: true } as const;
const code = ({ output, failed }: { output: string; failed: boolean }) =>
    failed ? output.match(/exit code (-?\d+)/)?.[1] : "0";
const faults: Record<string, Fault> = {
    "503": "503 before",
    drop: "drop before",


};
test.serial("scratch", async (t) => {
    t.timeout(400_000);
    let known = 30;
    let fault: Fault | undefined;
    const { engine, simulator, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 33 }, () => ({})),
        declare: (ids) => ids.slice(0, known).map((machineActionId) => ({ machineActionId })),
        faults: ({ operation, actionId }: FaultRequest) =>
            fault && ["get", "list"].includes(operation) ? fault : undefined,
    });
    t.false((await engine.up()).failed);
    known = 33;
    for (const [name, one] of Object.entries(faults)) {
        fault = one;
        simulator.clearRequests();
        let start = performance.now();
        const up = await engine.up(rescue);
        console.log(
            "==",
            name,
            "up",
            code(up),
            Math.round(performance.now() - start),
            "ms",
            simulator.requests.length,
            "requests",
            cancelRequests(),
            "posts",
        );
        start = performance.now();
        const refreshed = await engine.refresh();
        console.log("==", name, "refresh", code(refreshed), Math.round(performance.now() - start), "ms");
    }
    const start = performance.now();
    const gone = await engine.destroy();
    console.log("== destroy", code(gone), Math.round(performance.now() - start), "ms");
    t.pass();
});
